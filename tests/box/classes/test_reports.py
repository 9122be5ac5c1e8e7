"""Problems that readers report: never lost in a flood, never more than somebody can read."""

from __future__ import annotations

import pytest

from edubox.box.school import reports
from edubox.box.school.database import SchoolFile
from edubox.box.school.reports import A_MINUTE, Turnstile
from edubox.errors import TooMany


@pytest.fixture
def school(tmp_path):
    return SchoolFile(tmp_path)


def add(school, lesson="a/b/c", kind="media", text="", part="", now=1):
    reports.add(school, lesson, part, "La leçon", kind, text, now)


def test_readers_who_say_the_same_make_one_line_with_a_count(school):
    for now in (1, 2, 3):
        add(school, text="pas de  son\n", now=now)
    add(school, part="i.html", text="pas de son")
    first, second = reports.every(school)
    assert (first.count, first.last, first.text) == (3, 3, "pas de son")
    assert (second.count, second.part) == (1, "i.html")


def test_one_lesson_cannot_fill_the_list_and_a_full_list_says_so(school, monkeypatch):
    for number in range(reports.OF_A_LESSON + 5):
        add(school, text=f"{number}")
    assert reports.count(school) == reports.OF_A_LESSON
    assert sum(one.count for one in reports.every(school)) == reports.OF_A_LESSON + 5, (
        "the others were counted"
    )
    monkeypatch.setattr(reports, "KEPT", reports.OF_A_LESSON)
    with pytest.raises(TooMany):
        add(school, "a/b/other")
    reports.done(school, reports.every(school)[0].id)
    add(school, "a/b/other")


def test_words_are_cut_and_what_is_done_is_erased_from_the_file(school):
    add(school, text="Zanzibar " * 500)
    assert len(reports.every(school)[0].text) <= reports.TEXT
    reports.done(school, reports.every(school)[0].id)
    assert reports.every(school) == []
    assert b"Zanzibar" not in school.path.read_bytes()


def test_a_flood_waits_at_the_door_and_the_door_opens_again():
    now = [0.0]
    turnstile = Turnstile(lambda: now[0])
    assert sum(turnstile.lets_pass() for _ in range(3 * A_MINUTE)) == A_MINUTE
    now[0] = 59.9
    assert not turnstile.lets_pass()
    now[0] = 60.0
    assert sum(turnstile.lets_pass() for _ in range(3 * A_MINUTE)) == A_MINUTE
