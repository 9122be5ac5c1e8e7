"""What came over the line is counted through cuts and wrong clocks, and no clock keeps a box waiting for ever."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import Unreachable
from edubox.sync.fetching.sources import HUB, NEIGHBOUR
from edubox.sync.pacing import usage
from edubox.sync.pacing.pace import DAY, Pace, exhausted
from edubox.sync.pacing.usage import UsageFile, read_usage
from edubox.trust.clock import BUILT, Floor

START = BUILT.timestamp() + 20 * DAY


class Clocks:
    """A computer's clocks: *wall* may lie, *up* counts since the start *boot*."""

    def __init__(self, wall=START):
        self.wall, self.up, self.boot = wall, 0.0, 0

    def run(self, seconds):
        self.wall += seconds
        self.up += seconds

    def start_again(self):
        self.boot, self.up = self.boot + 1, 0.0

    def file(self, data):
        return UsageFile(data, Floor(), lambda: self.wall, lambda: self.up, str(self.boot))


@pytest.fixture
def clocks():
    return Clocks()


def test_bytes_are_counted_by_day_month_and_kind_and_outlive_the_run(tmp_path, clocks):
    first = clocks.file(tmp_path)
    first.add(HUB, 70)
    first.add(NEIGHBOUR, 5)
    first.write()
    clocks.run(DAY)
    second = clocks.file(tmp_path)
    second.add(HUB, 7)
    assert second.spent() == (7, 77)
    second.write()
    assert read_usage(tmp_path).of_month(clocks.wall) == {HUB: 77, NEIGHBOUR: 5}


def test_it_is_written_at_most_once_a_minute_while_bytes_come(tmp_path, clocks, monkeypatch):
    written = []
    monkeypatch.setattr(usage, "write_atomic", lambda _path, data: written.append(data))
    counting = clocks.file(tmp_path)
    for _ in range(600):
        clocks.run(1)
        counting.add(HUB, 1000)
    assert len(written) == 10


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"{", b"[]", b'{"format":2}', b'{"format":1,"days":3}', b'{"format":1,"days":{"2026-11-24":{"hub":"x"}}}',
        b'{"format":1,"belief":{"wall":"x"}}', b'{"format":1,"days":{"x":[]}}', b'{"format":1,"failures":"many"}',
        b'{"format":1,"days":{"2026-11-24":{"hub":-5}}}', b"\xff", b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_file_is_begun_anew(tmp_path, clocks, damage):
    (tmp_path / "usage.json").write_bytes(damage)
    counting = clocks.file(tmp_path)
    assert counting.spent() == (0, 0)
    counting.add(HUB, 1)
    counting.write()
    assert json.loads((tmp_path / "usage.json").read_bytes())["format"] == 1


def test_a_full_disk_does_not_stop_a_run(tmp_path, clocks, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(usage, "write_atomic", full)
    clocks.file(tmp_path).failed(Unreachable(source="the hub", reason="it is silent"))


def test_only_so_many_days_and_months_are_kept(tmp_path, clocks):
    for _ in range(500):
        counting = clocks.file(tmp_path)
        counting.add(HUB, 1)
        counting.write()
        clocks.run(DAY)
    kept = read_usage(tmp_path)
    assert (len(kept.days), len(kept.months)) == (usage.DAYS, usage.MONTHS)


def test_the_last_success_and_the_failures_in_a_row_are_told(tmp_path, clocks):
    for _ in range(3):
        clocks.file(tmp_path).failed(Unreachable(source="the hub", reason="it is silent"))
    assert read_usage(tmp_path).failures == 3
    assert "it is silent" in read_usage(tmp_path).failure_sentence
    clocks.file(tmp_path).went_well(["http://hub.example/"])
    told = read_usage(tmp_path)
    assert (told.failures, told.success_from, told.success_at) == (0, ["http://hub.example/"], clocks.wall)

    counting = clocks.file(tmp_path)
    clocks.run(100)
    counting.ended_early()
    assert read_usage(tmp_path).success_at == clocks.wall - 100


def test_a_month_in_the_future_is_not_believed(tmp_path, clocks):
    clocks.wall += 60 * DAY
    counting = clocks.file(tmp_path)
    counting.add(HUB, 10**9)
    counting.write()
    clocks.wall -= 60 * DAY
    clocks.start_again()
    assert not exhausted(Pace(month=10**9), *clocks.file(tmp_path).spent())
    counting = clocks.file(tmp_path)
    counting.add(HUB, 1)
    assert not counting.usage.months


def test_a_clock_that_falls_back_at_every_start_does_not_keep_the_day_used_up(tmp_path, clocks):
    for _ in range(5):
        clocks.wall = START
        counting = clocks.file(tmp_path)
        assert not exhausted(Pace(day=100), *counting.spent())
        counting.add(HUB, 100)
        clocks.run(8 * 3600)
        counting.add(HUB, 0)
        counting.write()
        clocks.start_again()


JUMPS = st.lists(
    st.tuples(
        st.floats(-1e11, 1e11) | st.floats(-40 * DAY, 40 * DAY), st.floats(0, 2 * DAY), st.booleans(), st.booleans()
    ),
    max_size=12,
)  # fmt: skip


@given(JUMPS)
def test_no_jump_of_the_clock_locks_the_line_for_more_than_a_day(tmp_path_factory, jumps):
    data, clocks = tmp_path_factory.mktemp("usage"), Clocks()
    chosen = Pace(day=100)
    for jump, passed, restarted, spends in jumps:
        clocks.wall += jump
        if restarted:
            clocks.start_again()
        counting = clocks.file(data)
        if spends:
            counting.add(HUB, 100)
        counting.write()
        clocks.run(passed)
    # Nothing jumps any more, and whatever may come comes at once: the box is asked every ten minutes.
    counting = clocks.file(data)
    counting.add(HUB, 100)
    for _ in range(int(DAY // 600) + 6):
        clocks.run(600)
        if not exhausted(chosen, *counting.spent()):
            return
    raise AssertionError("the day never ended")


@given(st.floats(-1e11, 1e11), st.integers(0, 40))
def test_a_month_ends_whatever_the_clock_said_before(tmp_path_factory, wrong, days):
    data, clocks = tmp_path_factory.mktemp("usage"), Clocks()
    for step in (wrong, -wrong):
        clocks.wall += step
        counting = clocks.file(data)
        counting.add(HUB, 10**9)
        counting.write()
        clocks.run(days * 3600)
    for _ in range(33):
        clocks.run(DAY)
        counting = clocks.file(data)
        if not exhausted(Pace(month=10**9), *counting.spent()):
            return
        counting.write()
    raise AssertionError("the month never ended")
