"""A box for other people: nothing of those who were there stays, and every lesson does."""

from __future__ import annotations

import sqlite3

import pytest

from edubox.box import provision
from edubox.box.accounts import first, people
from edubox.box.accounts.person import Person
from edubox.box.own import reset
from edubox.box.own.identity import read
from edubox.box.school import classes, reports
from edubox.box.school.database import SchoolFile
from edubox.box.teacher import drafts, versions
from edubox.hardware.card.box_folder import RESETTING


@pytest.fixture
def worked(school):
    """A school that has worked: an administrator, a class, a draft, a lesson of its own, something handed in."""
    book = SchoolFile(school.box)
    number = first.use(school.box, book, first.read(school.box), "Mme Ba", "secret of Mme Ba", 1)
    person = Person(number, "Mme Ba", "admin")
    classes.make(book, "6e B de Mme Ba", "", number)
    reports.add(book, "l", "p", "t", "text", "Bilal ne comprend pas", 1)
    draft = drafts.create(school.box, person, "Brouillon")
    versions.reserve(book, "La lune", draft.id, person)
    school.publish("la-lune", "La lune")
    (school.box / "handins/1").mkdir(parents=True)
    (school.box / "handins/1/a").write_text("Bilal")
    (school.box / "staging/giving-la-lune.json").write_text("Mme Ba")
    return school


def names_left(box) -> list:
    return [
        path.name
        for path in box.rglob("*")
        if path.is_file() and any(name in path.read_bytes() for name in (b"Mme Ba", b"Bilal", b"6e B"))
    ]


def test_people_and_what_is_theirs_leave_and_lessons_stay(worked):
    own, before = read(worked.box), first.read(worked.box)
    code = reset.reset(worked.box)
    book = SchoolFile(worked.box)
    assert not people.has_administrator(book)
    assert classes.every(book) == []
    assert drafts.every(worked.box, Person(1, "", "admin")) == []
    assert first.read(worked.box) == code != before
    assert read(worked.box) == own
    assert worked.reads(worked.box) == {"la-lune": "La lune"}
    assert worked.publish("la-lune", "La lune est loin") == 2
    assert names_left(worked.box) == ["school.db"], "as the author of a lesson that stays"
    assert not reset.is_under_way(worked.box)


def test_a_lesson_of_the_school_belongs_to_no_newcomer(worked):
    reset.reset(worked.box)
    lesson = versions.of_slug(SchoolFile(worked.box), "la-lune")
    assert lesson is not None
    assert not versions.allowed(lesson, Person(1, "Nouveau", "teacher"))
    assert versions.allowed(lesson, Person(1, "Nouvelle", "admin"))


def test_a_reset_that_was_cut_is_finished_by_the_next_start(worked, monkeypatch, tmp_path):
    def cut(_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(first, "make", cut)
        with pytest.raises(KeyboardInterrupt):
            reset.reset(worked.box)
    assert (worked.box / RESETTING).exists()
    provision.provision(worked.box, tmp_path, {}, {})
    assert not reset.is_under_way(worked.box)
    assert names_left(worked.box) == ["school.db"]


def test_damaged_files_of_the_school_leave_too(worked):
    (worked.box / "school.db.damaged-1").write_bytes(b"Mme Ba")
    with sqlite3.connect(worked.box / "school.db") as db:
        db.execute("PRAGMA user_version = 0")
    reset.reset(worked.box)
    assert not SchoolFile(worked.box).damaged()
    assert names_left(worked.box) == []
