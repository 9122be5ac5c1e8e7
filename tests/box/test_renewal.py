"""A newer system begins by itself when that takes nothing from anybody."""

from __future__ import annotations

import pytest

from edubox.box import renewal
from edubox.box.keeper import Keeper, Rest
from edubox.box.renewal import Renewal, is_time
from edubox.errors import NoRoom
from edubox.hardware.ask import request as asking
from edubox.hardware.ask.request import UPDATE, Request, take
from edubox.store import slots
from edubox.store.slots import Held
from tests.box.school import settings
from tests.box.test_keeper import NOON, Child

MINUTE, HOUR = 60.0, 3600.0
SOURCE = "ministry/systems/pc-amd64"


@pytest.mark.parametrize(
    ("silence", "clock", "busy", "may"),
    [
        (30 * MINUTE, "03:00", False, True),
        (30 * MINUTE, "01:00", False, True),
        (30 * MINUTE, "00:59", False, False),
        (30 * MINUTE, "05:00", False, False),
        (19 * MINUTE, "03:00", False, False),
        (30 * MINUTE, "03:00", True, False),
        (12 * HOUR, "10:30", False, False),
        (30 * MINUTE, "", False, False),
        (8 * HOUR, "", False, True),
        (8 * HOUR, "", True, False),
    ],
)
def test_it_is_time_at_night_when_nobody_reads_or_when_nobody_has_for_very_long(silence, clock, busy, may):
    minute = int(clock[:2]) * 60 + int(clock[3:]) if clock else None
    assert is_time(Rest(silence, minute, busy)) == may


class Box:
    """A box that is never switched off, on a clock that the test moves; its other slot holds what the test put there."""

    def __init__(self, folder, monkeypatch, **given):
        self.slots, self.ask = folder / "slots", folder / "ask"
        self.slots.mkdir()
        self.ask.mkdir(mode=0o700)
        monkeypatch.setattr(asking, "FOLDER", self.ask)
        monkeypatch.setattr(slots, "running", lambda: "a")
        slots.write(self.slots, "a", Held("a" * 64, 3, "pc-amd64"), b"{}")
        self.settings = settings(slots=str(self.slots)) | given
        self.wall, self.up = NOON, 0.0
        self.keeper = Keeper(
            folder, self.settings, lambda: self.wall, Child, running=lambda: self.up, drawn=lambda: 0.5, box="box", boot="boot"
        )  # fmt: skip
        self.renewal = Renewal(self.settings, self.keeper.rest, lambda: self.up)

    def newer(self, version=4, manifest="b" * 64):
        slots.write(self.slots, "b", Held(manifest, version, "pc-amd64", SOURCE), b"{}")

    def run(self, seconds):
        """The hours at which it asked to start again, from noon."""
        asked = []
        for _ in range(int(seconds // MINUTE)):
            self.wall += MINUTE
            self.up += MINUTE
            self.renewal.tick()
            if take(self.ask) == Request(UPDATE):
                asked.append((self.wall - NOON) / HOUR)
        return asked


@pytest.fixture
def box(tmp_path, monkeypatch):
    return Box(tmp_path, monkeypatch)


def test_a_box_that_is_never_switched_off_begins_its_newer_system_in_the_night(box):
    box.newer()
    (hour,) = box.run(22 * HOUR)
    assert 13 <= hour < 13.1, "one in the morning"


def test_somebody_who_reads_at_night_is_not_interrupted(box):
    box.newer()
    assert box.run(13 * HOUR - 5 * MINUTE) == []
    box.keeper.page_opened()
    (hour,) = box.run(3 * HOUR)
    assert hour >= 13 + 15 / 60


def test_a_box_whose_clock_is_wrong_waits_until_nobody_can_be_there(box):
    box.newer()
    box.wall = 0.0
    assert box.run(7 * HOUR) == []
    assert len(box.run(2 * HOUR)) == 1


def test_a_box_that_root_does_not_start_again_does_not_ask_all_night(box):
    box.newer()
    assert len(box.run(24 * HOUR)) == 1


@pytest.mark.parametrize("case", ["nothing new", "older", "refused", "of elsewhere"])
def test_without_anything_new_nothing_happens(box, case):
    if case == "older":
        box.newer(2)
    elif case == "refused":
        box.newer()
        slots.refuse(box.slots, "b" * 64)
    elif case == "of elsewhere":
        slots.write(box.slots, "a", Held("a" * 64, 3, "pc-amd64", "other/systems/pc-amd64"), b"{}")
        box.newer()
    assert box.run(24 * HOUR) == []


def test_a_school_that_does_not_want_it_is_left_alone(tmp_path, monkeypatch):
    box = Box(tmp_path, monkeypatch, restart=False)
    box.newer()
    assert box.run(24 * HOUR) == []
    assert renewal.what_waits(box.settings) == "asked"


def test_a_full_memory_is_no_reason_to_stop_serving(box, monkeypatch):
    box.newer()

    def full(*_):
        raise NoRoom(path="/run", reason="test")

    monkeypatch.setattr(asking, "put", full)
    assert box.run(24 * HOUR) == []
