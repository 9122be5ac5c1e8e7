"""What a teacher gives is what pupils read: at once, as it is now, under a name of its own, in versions that can come back."""

from __future__ import annotations

import os

import pytest

from edubox.box.accounts.person import ADMIN, TEACHER, Person
from edubox.box.catalog import Catalogue
from edubox.box.library import Library
from edubox.box.own import lessons
from edubox.box.own.show import forget_erased
from edubox.box.school import classes
from edubox.box.teacher import drafts, versions
from edubox.box.teacher.give import progress_of
from edubox.box.teacher.versions import GIVE, Errand
from edubox.box.teacher.work import said
from edubox.errors import Busy, EmptyPack, NotFound
from edubox.pack.names import STAFF, check_part
from edubox.settings import load_settings
from edubox.store.layout import bundle_path, object_path
from edubox.sync import offers
from edubox.sync.older import kept_versions
from tests.box.own.school import COMPUTER
from tests.box.teacher.staffroom import ADA


def test_a_draft_is_built_published_shown_and_in_the_class_s_list_with_its_author(room):
    slug = room.give(room.draft(), room.code)
    assert slug == "la-lune"
    assert room.read(slug) == "La lune"
    assert room.given() == [(room.address(slug), "")]
    (edition,) = versions.editions(room.file, slug)
    assert (edition.version, edition.author) == (1, ADA.name)
    assert room.own_lesson(slug).errand is None
    assert said(progress_of(room.box, slug))["state"] == "done"


def test_without_a_class_the_whole_school_finds_it_and_no_list_changes(room):
    assert room.read(room.give(room.draft())) == "La lune"
    assert room.given() == []


def test_what_was_changed_since_is_built_first_and_is_the_next_version_of_the_same_lesson(room):
    ident = room.draft()
    slug = room.give(ident, room.code)
    room.put(ident, "lire.html", "<!doctype html><title>L</title><h1>Corrigé</h1>")
    assert room.give(ident, room.code, note="Une faute de moins") == slug
    assert room.read(slug) == "Corrigé"
    assert [(one.version, one.note) for one in versions.editions(room.file, slug)] == [
        (2, "Une faute de moins"),
        (1, ""),
    ]
    assert len(room.given()) == 1


def test_an_older_version_comes_back_as_a_new_one(room):
    ident = room.draft(words="un")
    slug = room.give(ident, room.code)
    room.put(ident, "lire.html", "<h1>deux</h1>")
    room.give(ident, room.code)
    assert room.again(slug, 1) == 3
    assert room.read(slug) == "un"
    newest = versions.editions(room.file, slug)[0]
    assert (newest.version, newest.again) == (3, 1)
    assert len(room.given()) == 1


def test_a_withdrawn_lesson_is_nowhere_and_comes_back_whole(room):
    slug = room.give(room.draft(), room.code)
    assert room.withdraw(slug) == 2
    assert room.read(slug) == ""
    assert room.own_lesson(slug).withdrawn
    assert room.again(slug, 1) == 3
    assert room.read(slug) == "La lune"
    assert not room.own_lesson(slug).withdrawn


def test_older_versions_outlive_synchronisations_and_a_night(room):
    ident = room.draft(words="un")
    slug = room.give(ident)
    room.put(ident, "lire.html", "<h1>deux</h1>")
    room.give(ident)
    for _ in range(3):
        room.later(hours=13)
        room.synchronise()
    assert room.again(slug, 1) == 3
    assert room.read(slug) == "un"


def test_older_versions_come_back_from_whole_packages_alone_with_their_films(room):
    """A school makes no short updates; what it publishes again names the whole package, and whoever holds another version takes that."""
    films = [os.urandom(400_000).hex() for _ in range(2)]
    ident = room.draft(words="un")
    room.put(ident, "film.mp4", films[0])
    slug = room.give(ident)
    room.put(ident, "lire.html", "<h1>deux</h1>")
    room.put(ident, "film.mp4", films[1])
    room.give(ident)
    for _ in range(3):
        room.later(hours=13)
        room.synchronise()
    assert room.again(slug, 1) == 3
    assert files_of(room, slug) == ("un", films[0])
    assert room.withdraw(slug) == 4
    for _ in range(3):
        room.later(hours=13)
        room.synchronise()
    assert room.again(slug, 3) == 5, "as the button that puts it back"
    assert files_of(room, slug) == ("un", films[0])
    assert room.again(slug, 2) == 6
    assert files_of(room, slug) == ("deux", films[1])
    for index in kept_versions(room.box / "mirror", room.own().id, slug):
        assert [one.base for one in index.bundles] == [None], "whole packages, and none that needs another"


def files_of(room, slug):
    """The words of the page and the film that pupils open."""
    tree = room.box / "site" / Library(room.box).lesson(room.address(slug)).manifest
    return (tree / "lire.html").read_text().partition("<h1>")[2].partition("<")[0], (
        tree / "film.mp4"
    ).read_text()


def test_a_lesson_whose_package_was_lost_comes_back_by_its_draft_and_the_page_says_why_it_does_not_otherwise(
    room,
):
    ident = room.draft(words="un")
    slug = room.give(ident)
    room.withdraw(slug)
    (index,) = kept_versions(room.box / "mirror", room.own().id, slug)
    (room.box / "mirror" / bundle_path(index.full.sha256)).unlink()
    with pytest.raises(NotFound):
        room.again(slug, 1)
    assert said(progress_of(room.box, slug))["error"] == "not-found"
    versions.drop(room.file, slug)
    assert room.give(ident) == slug
    assert room.read(slug) == "un"


def test_a_version_whose_files_have_left_is_refused_in_words_and_nothing_changes(room):
    ident = room.draft(words="un")
    slug = room.give(ident)
    room.put(ident, "lire.html", "<h1>deux</h1>")
    room.give(ident)
    with pytest.raises(NotFound):
        room.again(slug, 9)
    assert room.read(slug) == "deux"
    assert said(progress_of(room.box, slug))["error"] == "not-found"
    assert room.own_lesson(slug).errand is not None, "asked for until somebody leaves it"


def test_a_day_is_a_curtain_in_the_class_s_list(room):
    slug = room.give(room.draft(), room.code, opens="2026-12-24")
    assert room.given() == [(room.address(slug), "2026-12-24")]
    assert room.read(slug) == "La lune"


def test_equal_titles_have_names_of_their_own_and_none_is_used_again(room):
    slugs = [room.give(room.draft()) for _ in range(2)]
    assert slugs == ["la-lune", "la-lune-2"]
    room.withdraw(slugs[0])
    assert versions.reserve(room.file, "La lune", "x", ADA, frozenset({"la-lune-3"})) == "la-lune-4"


@pytest.mark.parametrize(
    "title", ["", "…", "Œuvre — Été !", "con", "字", "a--staff", "x" * 300, "-", "éè " * 50]
)
def test_every_title_gives_a_name_that_addresses_hold(title):
    slug = versions.plain(title)
    assert check_part(slug + STAFF)
    assert "--" not in slug


def test_only_its_author_and_an_administrator_may_change_a_lesson(room):
    lesson = room.own_lesson(room.give(room.draft()))
    assert versions.allowed(lesson, ADA)
    assert versions.allowed(lesson, Person(1, "A", ADMIN))
    assert not versions.allowed(lesson, Person(8, "B", TEACHER))


def test_one_thing_at_a_time_is_asked_for_and_the_same_twice_is_once(room):
    ident = room.draft()
    slug = room.ask(ident)
    room.ask(ident)
    with pytest.raises(Busy):
        versions.ask(room.file, slug, Errand(GIVE, 8, "B", ident))


def test_an_empty_draft_says_so_and_stays_a_draft(room):
    ident = drafts.create(room.box, ADA, "Vide").id
    with pytest.raises(EmptyPack):
        room.give(ident, room.code)
    assert room.given() == []
    assert said(progress_of(room.box, "lecon-vide"))["error"] == "empty-pack"


def test_notes_for_teachers_lie_apart_and_outlast_a_withdrawal(room):
    ident = room.draft(staff="le corrigé secret")
    slug = room.give(ident)
    staff = room.own_lesson(slug).staff
    shelf = room.box / "mirror" / "staff"
    assert (shelf / object_path(staff)).is_file()
    assert room.reads_titles() == ["La lune"]
    assert room.own_lesson(slug).staff == staff
    room.withdraw(slug)
    room.later(hours=13)
    room.synchronise()
    room.again(slug, 1)
    assert room.own_lesson(slug).staff == staff
    assert (shelf / object_path(staff)).is_file()


def test_taking_the_notes_out_of_the_draft_takes_them_back(room):
    ident = room.draft(staff="le corrigé secret")
    slug = room.give(ident)
    for name in ("corrigé.md", "page.html"):
        drafts.remove_file(room.box, ident, name, staff=True)
    room.give(ident)
    assert room.own_lesson(slug).staff == ""
    assert room.read(slug) == "La lune"


def test_erasing_a_lesson_erases_its_notes_and_its_offer(room):
    slug = room.give(room.draft(staff="le corrigé secret"))
    offers.offer(room.box, slug, 1, room.own().id, 1)
    done = lessons.erase(room.box, slug, machine=COMPUTER, system=room.now)
    forget_erased(room.box, load_settings(room.box / "box.toml"), Catalogue(room.box), done.erasure)
    found = [
        path for path in (room.box / "mirror").rglob("*") if path.is_file() and b"secret" in path.read_bytes()
    ]
    assert found == []
    assert offers.of_slug(room.box, slug) is None


def test_a_new_version_keeps_what_a_teacher_said_to_the_class_about_the_lesson(room):
    ident = room.draft()
    slug = room.give(ident, room.code, opens="2026-12-24")
    one = classes.of_code(room.file, room.code).given[0]
    classes.plan(
        room.file,
        room.code,
        one.id,
        heading="Semaine 3",
        opens="2026-12-24",
        due="2026-12-30",
        party="A",
        note="Lire",
    )
    room.put(ident, "lire.html", "<h1>deux</h1>")
    room.give(ident, room.code, opens="2026-12-25")
    again = classes.of_code(room.file, room.code).given[0]
    assert (again.heading, again.opens, again.due, again.party, again.note) == (
        "Semaine 3",
        "2026-12-25",
        "2026-12-30",
        "A",
        "Lire",
    )
    assert room.read(slug) == "deux"


def test_what_failed_makes_way_for_what_is_asked_for_next(room):
    ident = drafts.create(room.box, ADA, "Vide").id
    slug = room.ask(ident)
    with pytest.raises(EmptyPack):
        room.work(slug)
    room.put(ident, "lire.html", "<h1>un</h1>")
    errand = Errand(GIVE, ADA.id, ADA.name, ident, (room.code,), "Enfin")
    versions.ask(room.file, slug, errand, instead=True)
    room.work(slug)
    assert versions.editions(room.file, slug)[0].note == "Enfin"


def test_what_is_asked_for_while_something_is_done_is_not_forgotten(room):
    ident = room.draft()
    slug = room.ask(ident)
    first, second = Errand(GIVE, ADA.id, ADA.name, ident), Errand(GIVE, ADA.id, ADA.name, ident, (room.code,))
    versions.ask(room.file, slug, second, instead=True)
    versions.done(room.file, slug, first, version=1, at=1)
    assert room.own_lesson(slug).errand == second
