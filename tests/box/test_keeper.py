"""The box works by itself: what goes first, when, for how long, and that it never harms a page or leaves an orphan."""

from __future__ import annotations

import logging
import signal
import time
from pathlib import Path

import pytest

from edubox.box import keeper
from edubox.box.keeper import ASKED, FOR_EVER, SCRUB, STICK, SYNC, Keeper
from edubox.errors import BUSY, NO_ROOM, UNREACHABLE, Unreachable
from edubox.sync import checking, curtain
from edubox.sync.pacing import pace
from edubox.sync.pacing.usage import UsageFile
from edubox.trust.clock import Floor
from tests.box.school import settings

NOON = time.mktime((2026, 11, 24, 12, 0, 0, 0, 0, -1))
#: Of a box that has no lesson yet, as that of these tests.
FIRST = pace.first_poll("box", empty=True)
SILENT = Unreachable(source="the hub", reason="it is silent")


class Child:
    """A child that runs until the test ends it."""

    def __init__(self, arguments):
        self.arguments, self.code = arguments, None
        self.words, self.signals = [], []

    def poll(self):
        return self.code

    def say(self, word):
        self.words.append(word)

    def hush(self):
        self.words.append("")

    def end(self, number):
        self.signals.append(number)


class Box:
    """A keeper on a clock that the test moves; ``ran`` are the children in order."""

    def __init__(self, data, **given):
        self.data, self.wall, self.up = data, NOON, 0.0
        self.ran, self.sticks = [], []
        self.settings = settings(sources=["http://hub.example/"], **given)
        self.start()

    def start(self):
        self.keeper = Keeper(
            self.data, self.settings, lambda: self.wall, self.spawn, running=lambda: self.up, drawn=lambda: 0.5,
            box="box", boot="boot", sticks=self.appeared, neighbours=lambda: ["http://10.0.0.2:8080/m/"],
        )  # fmt: skip

    def appeared(self):
        found, self.sticks = self.sticks, []
        return found

    def spawn(self, arguments):
        self.ran.append(Child(arguments))
        return self.ran[-1]

    def run(self, seconds, step=1.0):
        for _ in range(int(seconds / step)):
            self.wall += step
            self.up += step
            self.keeper.tick()

    def end(self, code=0):
        self.ran[-1].code = code
        self.keeper.tick()

    def what(self):
        return [child.arguments[0] for child in self.ran]


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def synchronising(box):
    box.run(FIRST + 1)
    assert box.what() == ["sync"]
    return box.ran[0]


def test_the_first_fetch_comes_at_this_box_s_own_moment_after_power_on(box):
    box.run(FIRST - 2)
    assert box.ran == []
    assert box.keeper.state().next_due == pytest.approx(NOON + FIRST)
    box.run(3)
    assert box.ran[0].arguments == [
        "sync", "--data", str(box.data), "--paced", "--json", "--neighbour", "http://10.0.0.2:8080/m/",
    ]  # fmt: skip
    assert box.keeper.state().running == SYNC


def test_after_a_good_one_the_next_comes_in_the_interval_and_in_silence_the_card_is_checked(box):
    synchronising(box)
    box.end()
    box.run(20 * 60)
    assert box.what() == ["sync", "scrub"]
    box.end()
    box.run(pace.next_poll("box", 1, 6 * 3600) - 20 * 60 - 5)
    assert box.what() == ["sync", "scrub", "scrub"]
    box.run(10)
    assert box.ran[-1].words == ["stop"]
    box.end()
    assert box.what()[-1] == "sync"


def test_after_failures_it_waits_longer_and_longer_and_the_count_outlives_a_restart(box):
    synchronising(box)
    waits = []
    for _ in range(12):
        UsageFile(box.data, Floor(), lambda: box.wall, lambda: box.up, "boot").failed(SILENT)
        box.end(UNREACHABLE)
        waits.append(box.keeper.state().next_due - box.wall)
        count = len(box.ran)
        while len(box.ran) == count or box.what()[-1] != "sync":
            if box.ran[-1].code is None:
                box.end()
            box.run(60, step=30)
    assert waits[:3] == pytest.approx([30, 60, 120])
    assert max(waits) <= pace.LONGEST
    assert waits[-1] == pytest.approx(pace.LONGEST / 2)
    box.start()
    box.up += FIRST + 1
    box.keeper.tick()
    box.end(UNREACHABLE)
    assert box.keeper.state().next_due - box.wall > pace.HOUR


def test_a_child_that_is_killed_counts_as_a_failure(box):
    synchronising(box)
    box.end(-9)
    assert box.keeper.state().reason == "backing-off"
    box.run(31)
    assert box.what() == ["sync", "sync"]


def test_a_hub_that_asks_for_patience_gets_it(box):
    synchronising(box)
    counted = UsageFile(box.data, Floor(), lambda: box.wall, lambda: box.up, "boot")
    counted.asked_to_wait(1000)
    counted.failed(SILENT)
    box.end(UNREACHABLE)
    assert box.keeper.state().next_due - box.wall == pytest.approx(1500)


def test_another_edubox_at_work_is_no_failure(box):
    synchronising(box)
    box.end(BUSY)
    assert box.keeper.state().reason == "waiting"
    box.run(121)
    assert box.what() == ["sync", "sync"]


def test_the_child_hears_when_pupils_read_and_when_they_stop(box):
    child = synchronising(box)
    box.keeper.page_opened()
    box.run(1)
    assert box.keeper.reading()
    box.run(30)
    assert child.words == ["reading"]
    box.run(31)
    assert child.words == ["reading", "quiet"]


def test_outside_its_hours_it_waits_until_nobody_reads_and_a_page_ends_it(tmp_path):
    box = Box(tmp_path, windows=["20:00-06:00"])
    for _ in range(60):
        box.keeper.page_opened()
        box.run(60)
    assert box.ran == []
    assert box.keeper.state().reason == "readers"
    box.run(20 * 60)
    assert box.what() == ["sync"]
    box.keeper.page_opened()
    box.run(2)
    assert box.ran[0].words == ["reading", "stop"]
    box.end()
    box.run(20 * 60 - 5)
    assert box.what() == ["sync"]
    box.run(10)
    assert box.what()[-1] == "sync"


def test_in_its_hours_it_fetches_though_pupils_read_but_not_by_a_clock_that_is_wrong(tmp_path):
    for wall, expected in ((NOON + 9 * 3600, ["sync"]), (9 * 3600, [])):
        box = Box(tmp_path, windows=["20:00-06:00"])
        box.wall = wall
        for _ in range(20):
            box.keeper.page_opened()
            box.run(60)
        assert box.what() == expected


def test_a_person_who_asks_now_does_not_wait_for_hours_nor_readers(tmp_path):
    box = Box(tmp_path, windows=["03:00-04:00"], automatic=False)
    box.keeper.page_opened()
    box.run(5)
    assert box.keeper.state().reason == "off"
    assert box.keeper.state().next_due is None
    box.keeper.now()
    box.run(30)
    assert box.ran[0].arguments[-1] == "--now"
    assert box.ran[0].words == ["reading"]
    box.end()
    box.run(300)
    assert box.what() == ["sync"]


def test_a_pause_ends_what_runs_outlives_a_power_cut_and_ends_when_it_was_said(box):
    child = synchronising(box)
    box.keeper.pause(box.wall + 7200)
    box.run(1)
    assert child.words[-1] == "pause"
    box.end(-15)
    box.start()
    box.run(3600)
    assert "sync" not in box.what()[1:]
    assert box.keeper.state().reason == "paused"
    assert box.keeper.state().paused_until == pytest.approx(NOON + FIRST + 1 + 7200, abs=2)
    if box.ran[-1].code is None:
        box.end()
    box.run(3700)
    assert box.what()[-1] == "sync"


def test_a_pause_without_end_lasts_until_a_person_ends_it_and_now_ends_it(box):
    box.keeper.pause()
    assert box.keeper.state().paused_until == FOR_EVER
    box.run(1000)
    assert box.ran == []
    box.keeper.now()
    assert box.keeper.state().paused_until is None
    box.run(1)
    assert box.what() == ["sync"]


def test_a_pause_is_over_when_the_clock_falls_back_behind_it(box):
    box.keeper.pause(box.wall + 3600)
    box.wall = 0.0
    assert box.keeper.state().paused_until is None


def test_nothing_is_written_when_nothing_changes(box):
    box.keeper.resume()
    box.run(600)
    assert list(box.data.iterdir()) == []
    box.keeper.pause(NOON + 5000)
    written = (box.data / "control.json").stat().st_ino
    box.keeper.state()
    box.run(600)
    assert (box.data / "control.json").stat().st_ino == written


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b"[]",
        b'{"paused":3}',
        b'{"paused":["x",1]}',
        b"[" * 100_000,
        b'{"paused":[1,1%s]}' % (b"0" * 400),
    ],
)
def test_a_damaged_pause_is_none(tmp_path, damage):
    (tmp_path / "control.json").write_bytes(damage)
    assert Box(tmp_path).keeper.state().paused_until is None


def test_a_stick_goes_first_and_fetching_goes_on_after_it(box):
    child = synchronising(box)
    box.sticks = [Path("/media/stick")]
    box.run(1)
    assert child.words[-1] == "stop"
    box.end(0)
    assert box.ran[1].arguments == ["stick", "exchange", "/media/stick", "--data", str(box.data), "--json"]
    assert box.keeper.state().running == STICK
    box.end()
    box.run(1)
    assert box.what() == ["sync", "stick", "sync"]


def test_fetching_makes_way_for_what_a_person_asked_for_on_a_page(box):
    child = synchronising(box)
    assert box.keeper.run(["courier", "import", "part.zip"])
    box.run(1)
    assert child.words[-1] == "stop"
    box.end()
    assert box.ran[1].arguments == ["courier", "import", "part.zip"]


def test_a_stick_is_taken_though_fetching_is_paused(box):
    box.keeper.pause()
    box.sticks = [Path("/media/stick")]
    box.run(1)
    assert box.what() == ["stick"]


def test_what_a_page_asks_for_runs_in_turn_and_too_much_is_refused(box):
    for number in range(keeper.QUEUE):
        assert box.keeper.run(["courier", "import", str(number)])
    assert not box.keeper.run(["courier", "import", "too much"])
    box.run(1)
    assert box.keeper.state().running == ASKED
    for _ in range(keeper.QUEUE):
        box.end()
    assert [child.arguments[-1] for child in box.ran[: keeper.QUEUE]] == [
        str(one) for one in range(keeper.QUEUE)
    ]


def test_the_check_of_the_card_makes_way_for_readers_and_for_whoever_asks(tmp_path):
    for disturb in (
        lambda box: box.keeper.page_opened(),
        lambda box: box.keeper.now(),
        lambda box: box.keeper.run(["x"]),
    ):
        box = Box(tmp_path, automatic=False)
        box.run(20 * 60 + 1)
        assert box.keeper.state().running == SCRUB
        assert box.ran[0].arguments == ["scrub", "--data", str(tmp_path), "--for", "600", "--json"]
        disturb(box)
        box.run(1)
        assert box.ran[0].words[-1] == "stop"


def test_a_child_that_does_not_listen_is_killed(box):
    child = synchronising(box)
    box.keeper.pause()
    box.run(keeper.PATIENCE)
    assert child.signals == []
    box.run(3)
    assert set(child.signals) == {signal.SIGKILL}


def test_a_box_that_has_lessons_lets_others_go_first_after_power_on(box):
    (box.data / "site" / "a-lesson").mkdir(parents=True)
    box.start()
    later = pace.first_poll("box")
    assert later > FIRST
    assert box.keeper.state().next_due == pytest.approx(NOON + later)


def test_a_box_that_knows_nobody_starts_nothing(tmp_path):
    box = Box(tmp_path)
    box.keeper = Keeper(tmp_path, settings(), lambda: box.wall, box.spawn, running=lambda: box.up, box="box")
    box.run(FIRST + 10)
    assert box.ran == []
    assert box.keeper.state().reason == "no-source"


def test_a_mistake_of_ours_is_logged_once_and_the_class_goes_on(box, caplog):
    def broken():
        raise ZeroDivisionError

    box.keeper._sticks = broken
    with caplog.at_level(logging.ERROR):
        box.run(50)
    assert len(caplog.records) == 1


def test_a_computer_without_a_process_to_spare_tries_again_later(box, monkeypatch):
    def no_memory(_):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    box.keeper._spawn = no_memory
    box.run(FIRST + 1)
    assert box.keeper.state().reason == "backing-off"
    box.keeper._spawn = box.spawn
    box.run(100)
    assert box.what()[0] == "sync"


def test_a_full_card_is_a_failure_like_others(box):
    synchronising(box)
    box.end(NO_ROOM)
    assert box.keeper.state().reason == "backing-off"


# --- lessons that wait for their day -----------------------------------------------------------------------


def waiting(data, *moments):
    curtain.write_curtains(
        data, [curtain.Curtain("ministry/test/lune", 2, "La lune", int(one)) for one in moments]
    )


def test_a_lesson_that_is_here_opens_at_its_moment_without_asking_anybody(tmp_path):
    waiting(tmp_path, NOON + 600)
    box = Box(tmp_path, automatic=False)
    box.run(590)
    assert box.what() == []
    box.run(20)
    assert box.ran[-1].arguments == ["sync", "--here", "--data", str(tmp_path), "--json"]


def test_a_lesson_whose_moment_passed_while_the_box_was_off_opens_at_once_and_is_tried_once(tmp_path):
    waiting(tmp_path, NOON - 600)
    box = Box(tmp_path, automatic=False)
    box.run(2)
    assert box.what() == ["sync"]
    box.end(1)
    box.run(120)
    assert box.what() == ["sync"]


def test_a_clock_that_cannot_be_right_opens_nothing(tmp_path):
    waiting(tmp_path, NOON + 600)
    box = Box(tmp_path, automatic=False)
    box.wall = NOON + 20 * 365 * 86_400
    box.run(2)
    assert box.what() == []


def test_a_hub_says_when_it_would_like_to_be_asked_again(tmp_path):
    checking.keep_answer(tmp_path, {"next": 86_400, "hold": []}, NOON)
    box = Box(tmp_path, quiet_minutes=0, every_minutes=60)
    box.run(FIRST + 2)
    for hours, asked in ((5, 1), (48, 2)):
        for _ in range(hours * 60):
            # The card's check is among what runs: every child is done within a minute.
            if box.ran and box.ran[-1].code is None:
                box.end()
            box.run(60, 60)
        assert box.what().count("sync") >= asked
        assert box.what().count("sync") <= 2 * asked
