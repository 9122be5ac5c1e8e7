"""A lesson that came is looked at, step by step, and what was said stays."""

from __future__ import annotations

import pytest

from edubox.hub import audit
from edubox.hub.errors import GoneLesson, NotPossible
from edubox.hub.review import arrivals, looking
from tests.hub.intake.world import FILM, School, enrol
from tests.hub.review.world import arrive, change, history, now


def test_a_lesson_goes_from_received_to_returned_with_its_history_kept(hub, enrolled):
    one = arrive(hub, enrolled)
    change(hub, arrivals.assign, one.id, "marie", "ali", 100)
    change(hub, arrivals.remark, one.id, "ali", "Bien.", 200)
    change(hub, arrivals.give_back, one.id, "ali", "Ajoutez une source.", 300)
    assert (now(hub, one).state, now(hub, one).reviewer) == ("returned", "ali")
    assert history(hub, one) == [
        ("arrived", "box:ac-test/college-moulin", "version 1", False), ("assigned", "marie", "ali", False),
        ("remark", "ali", "Bien.", False), ("returned", "ali", "Ajoutez une source.", True),
    ]  # fmt: skip
    with hub.database.read() as connection:
        actions = [line.action for line in audit.lines(connection, subject="ac-test/college-moulin/la-lune")]
    assert actions == ["lesson-returned", "lesson-remark", "lesson-assigned", "offer"]
    audit.verify(hub.database)


@pytest.mark.parametrize("step", [arrivals.give_back, arrivals.refuse, arrivals.remark])
def test_a_no_without_words_is_none(hub, enrolled, step):
    one = arrive(hub, enrolled)
    with pytest.raises(NotPossible, match="in words"):
        change(hub, step, one.id, "ali", "  \n", 1)
    assert now(hub, one).state == "received"


def test_what_was_decided_is_not_decided_again(hub, enrolled):
    one = arrive(hub, enrolled)
    change(hub, arrivals.refuse, one.id, "ali", "Hors programme.", 1)
    for step in (arrivals.give_back, arrivals.refuse, arrivals.assign):
        with pytest.raises(NotPossible, match="refused"):
            change(hub, step, one.id, "ali", "Oui ?", 2)
    with pytest.raises(GoneLesson):
        change(hub, arrivals.refuse, 999, "ali", "Non.", 2)


def test_a_newer_version_replaces_one_that_nobody_decided_about(hub, enrolled):
    first = arrive(hub, enrolled)
    second = arrive(hub, enrolled, words="Mieux.")
    assert (now(hub, first).state, now(hub, second).state) == ("replaced", "received")
    with hub.database.read() as connection:
        assert [one.version for one in arrivals.versions(connection, second)] == [2, 1]


def test_a_teacher_who_takes_the_offer_back_ends_it(hub, enrolled):
    one = arrive(hub, enrolled)
    assert change(hub, arrivals.take_back, enrolled.id, "la-lune", "box:x", 1) == 1
    assert now(hub, one).state == "withdrawn"
    with hub.database.read() as connection:
        assert arrivals.told(connection, enrolled.id) == []


def test_each_academy_sees_its_own_schools(hub, enrolled, tmp_path):
    other = School(tmp_path / "south")
    enrol(hub, other, "college-sud", "ac-sud")
    arrive(hub, enrolled)
    arrive(hub, other)
    with hub.database.read() as connection:
        assert [one.publisher for one in arrivals.listed(connection, "ac-sud")] == ["ac-sud/college-sud"]
        assert arrivals.count(connection) == 2
        assert arrivals.count(connection, "ac-test", reviewer="") == 1
        assert arrivals.count(connection, "ac-test", reviewer="ali") == 0


def test_the_checks_of_the_teachers_desk_speak_to_the_reviewer_too(hub, enrolled):
    one = arrive(hub, enrolled, words="Appelez-moi au 06 37 58 66 13.")
    with hub.database.read() as connection:
        said = looking.notices(connection, one.id)
    assert any("06 37 58 66 13" in str(line["details"]) for line in said)


def test_what_changed_since_the_accepted_version_is_shown_in_files_and_words(hub, enrolled):
    page = "<!doctype html><title>L</title><p>La Lune est loin.<p>Elle est grise."
    arrive(
        hub,
        enrolled,
        contents={"index.html": page.encode(), "old.html": b"<p>Adieu", "film.mp4": FILM},
        media={"film.mp4"},
    )
    page = page.replace("loin", "à 384 400 kilomètres")
    one = arrive(
        hub,
        enrolled,
        contents={"index.html": page.encode(), "new.html": b"<p>Bonjour", "film.mp4": FILM},
        media={"film.mp4"},
    )
    with hub.database.read() as connection:
        before = looking.previous(connection, one)
    found = looking.changes(hub, one, before)
    assert (found.since, [one.path for one in found.added], [one.path for one in found.removed]) == (
        1,
        ["new.html"],
        ["old.html"],
    )
    assert [one.path for one in found.changed] == ["index.html"]
    assert ("index.html", "+", "La Lune est à 384 400 kilomètres.") in [
        (one.path, one.sign, one.text) for one in found.passages
    ]
    assert (found.words_added, found.words_removed) == (8, 5)


def test_a_first_version_is_all_new(hub, enrolled):
    one = arrive(hub, enrolled)
    found = looking.changes(hub, one, None)
    assert [change.path for change in found.added] == ["film.mp4", "index.html"]
    assert not found.changed


def test_the_same_lesson_of_two_schools_is_found_by_its_files(hub, enrolled, tmp_path):
    other = School(tmp_path / "other")
    enrol(hub, other, "college-dupont")
    mine = arrive(hub, enrolled)
    same = arrive(hub, other, "lune")
    nearly = arrive(hub, other, "lune-2", words="Autrement dit.")
    arrive(hub, other, "mars", film=FILM[::-1], name="Mars")
    with hub.database.read() as connection:
        found = looking.duplicates(hub, connection, mine)
    assert [(one.address, one.arrival) for one in found] == [
        ("ac-test/college-dupont/lune", same.id), ("ac-test/college-dupont/lune-2", nearly.id),
    ]  # fmt: skip
    assert found[0].share == 1.0
    assert 0.8 <= found[1].share < 1.0


def test_an_own_earlier_version_is_no_duplicate(hub, enrolled):
    arrive(hub, enrolled)
    one = arrive(hub, enrolled, words="Mieux.")
    with hub.database.read() as connection:
        assert looking.duplicates(hub, connection, one) == []
