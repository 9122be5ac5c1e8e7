"""What a box does about the system that it runs, and what it tells of it."""

from __future__ import annotations

import json

import pytest

from edubox.hardware.slots import copies, keeping, outcome
from edubox.hardware.slots.copies import State
from edubox.hardware.slots.keeping import Start
from edubox.store import slots
from edubox.store.slots import Held
from tests.hardware.slots.carriers import loader, on_files

NEW = "b" * 64
WELL = [lambda: ""]
ILL = [lambda: "", lambda: "No page is served."]


@pytest.fixture
def card():
    """Slot a is good, slot b was proposed and is what the loader just started, for the first time."""
    made = on_files()
    copies.keep(made, "a")
    copies.save(made, State("a", "b", 1))
    return made


@pytest.fixture
def folder(tmp_path):
    slots.write(tmp_path, "a", Held("a" * 64, 3, "pc-amd64"), b"{}")
    slots.write(tmp_path, "b", Held(NEW, 4, "pc-amd64"), b"{}")
    return tmp_path


def judge(card, folder, slot="b", checks=WELL, up=60.0, boot="one"):
    return keeping.judge(card, folder, Start(slot, boot, up), checks, 900.0)


def test_a_new_system_that_is_well_stays(card, folder):
    verdict = judge(card, folder)
    assert (verdict.outcome.outcome, verdict.outcome.version, verdict.gives_up) == ("kept", 4, False)
    assert copies.load(card)[0].good == "b"
    assert slots.refused(folder) == []


def test_one_that_is_not_well_yet_has_time(card, folder):
    verdict = judge(card, folder, checks=ILL)
    assert (verdict.outcome.outcome, verdict.outcome.why, verdict.gives_up) == (
        "tried",
        "No page is served.",
        False,
    )
    assert judge(card, folder, checks=WELL, up=120.0).outcome.outcome == "kept"


def test_one_that_is_not_well_in_time_is_given_up_and_never_again(card, folder):
    assert judge(card, folder, checks=ILL, up=900.0).gives_up
    assert copies.load(card)[0].starts == "a"
    told = judge(card, folder, slot="a", boot="two").outcome
    assert (told.outcome, told.slot, told.version, told.why) == ("fell-back", "b", 4, "No page is served.")
    assert slots.refused(folder) == [NEW]
    assert copies.load(card)[0].trying == ""
    assert judge(card, folder, slot="a", boot="three").outcome == outcome.read(folder)
    assert outcome.read(folder).outcome == "fell-back"


def test_a_good_system_whose_plug_was_pulled_in_its_first_minute_gets_its_second(card, folder):
    judge(card, folder, checks=ILL, up=10.0)
    assert loader(card, edits=True) == "b"
    assert judge(card, folder, boot="two").outcome.outcome == "kept"
    assert (slots.refused(folder), loader(card, edits=True)) == ([], "b")


def test_one_that_is_given_up_on_a_worn_card_is_still_told_so(card, folder):
    card.worn = True
    assert judge(card, folder, checks=ILL, up=900.0).gives_up
    assert outcome.read(folder).outcome == "fell-back"


def test_one_that_never_came_so_far_is_refused_with_a_reason_too(card, folder):
    told = judge(card, folder, slot="a").outcome
    assert (told.outcome, slots.refused(folder)) == ("fell-back", [NEW])
    assert "did not start" in told.why


def test_a_proposal_that_waits_is_not_refused(folder):
    card = on_files()
    copies.keep(card, "a")
    copies.propose(card, "b")
    assert judge(card, folder, slot="a").outcome.outcome == "good"
    assert (slots.refused(folder), copies.load(card)[0].starts) == ([], "b")


def test_a_check_that_itself_fails_is_not_well(card, folder):
    def fails():
        raise ZeroDivisionError("what")

    assert "what" in judge(card, folder, checks=[fails]).outcome.why


def test_starts_are_counted_once_each(card, folder):
    for boot in ("one", "one", "two", "three", "three"):
        found = judge(card, folder, boot=boot).outcome
    assert (found.outcome, found.boots) == ("kept", 3)


def test_a_minute_in_which_nothing_changed_writes_nothing(card, folder):
    judge(card, folder)
    before = (folder / outcome.FILE).stat()
    places = list(card.places)
    judge(card, folder)
    assert ((folder / outcome.FILE).stat().st_ino, card.places) == (before.st_ino, places)


def test_without_the_data_disk_a_try_is_not_forgotten(card, tmp_path):
    judge(card, tmp_path / "not there", slot="a")
    assert copies.load(card)[0].trying == "b"


def test_a_box_whose_good_system_cannot_be_loaded_says_so(folder):
    card = on_files()
    copies.keep(card, "a")
    told = judge(card, folder, slot="b").outcome
    assert (told.outcome, copies.load(card)[0].good) == ("rescued", "a")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 2}', json.dumps({"format": 1, "slot": "c", "outcome": "kept"})]
)
def test_a_damaged_note_is_none(tmp_path, text):
    (tmp_path / outcome.FILE).write_text(text)
    assert outcome.read(tmp_path) is None
