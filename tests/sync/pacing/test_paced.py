"""A run keeps to the rate, the budget and a person's word, on a clock that the test moves, and on a real connection."""

from __future__ import annotations

import io
import os
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import Postponed, TryLater
from edubox.sync.fetching.sources import BLOCK, HUB, NEIGHBOUR, STICK
from edubox.sync.pacing.orders import PAUSE, QUIET, READING, STOP, Orders
from edubox.sync.pacing.pace import SMALL, Pace
from edubox.sync.pacing.paced import BURST, Paced, Pacer
from edubox.sync.pacing.usage import UsageFile
from edubox.trust.clock import BUILT, Floor


class Clock:
    """Time passes only when somebody sleeps; *when* are actions at moments."""

    def __init__(self):
        self.now = 0.0
        self.when = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        for due, act in list(self.when):
            if self.now >= due:
                self.when.remove((due, act))
                act()


class Line:
    """A source without limits that counts what it gave."""

    name = "http://hub.example/"

    def __init__(self, kind=HUB, fails=None):
        self.kind, self.fails = kind, fails
        self.received = self.requests = 0

    def read(self, _path, limit):
        self.requests += 1
        if self.fails:
            raise self.fails
        self.received += limit
        return bytes(limit)

    def stream(self, _path, begin, end, _size):
        self.requests += 1
        while begin < end:
            block = bytes(min(BLOCK, end - begin))
            begin += len(block)
            self.received += len(block)
            yield block


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def orders(monkeypatch):
    monkeypatch.setattr(threading.Timer, "start", lambda _: None)  # it would end the tests
    return Orders()


@pytest.fixture
def counted(tmp_path, clock):
    return UsageFile(tmp_path, Floor(), lambda: BUILT.timestamp() + 9000 + clock.now, clock, "boot")


@pytest.fixture
def through(clock, orders, counted):
    """A paced line with these settings."""

    def make(line=None, kind=None, asked=False, **settings):
        pacer = Pacer(Pace(**settings), counted, orders, asked=asked, clock=clock, sleep=clock.sleep)
        line = line or Line(kind or HUB)
        return Paced(line, pacer)

    return make


def take(source, size):
    return sum(len(block) for block in source.stream("bundles/x", 0, size, size))


@pytest.mark.parametrize("kind", [HUB, NEIGHBOUR])
@pytest.mark.parametrize("rate", [4_000, 250_000, 10_000_000])
def test_the_rate_is_kept_within_a_tenth(through, clock, kind, rate):
    size = max(20 * rate, 20 * BURST)
    assert take(through(kind=kind, rate=rate), size) == size
    assert clock.now == pytest.approx(size / rate, rel=0.1)


def test_two_sources_share_one_rate(through, clock, counted, orders):
    pacer = Pacer(Pace(rate=100_000), counted, orders, clock=clock, sleep=clock.sleep)
    for kind in (HUB, NEIGHBOUR):
        take(Paced(Line(kind), pacer), 2_000_000)
    assert clock.now == pytest.approx(40, rel=0.1)


def test_without_a_limit_nobody_waits_and_a_stick_never_does(through, clock):
    take(through(), 10_000_000)
    take(through(kind=STICK, rate=1000), 10_000_000)
    assert clock.now == 0


def test_while_pupils_read_a_tenth_of_the_air_is_left_and_afterwards_all(through, clock, orders):
    source = through(rate=1_000_000, reading_rate=100_000)
    came = {}
    clock.when = [
        (10, lambda: (orders.hear(READING), came.update(before=source.received))),
        (40, lambda: (orders.hear(QUIET), came.update(after=source.received))),
    ]
    take(source, 30_000_000)
    assert came["after"] - came["before"] <= 30 * 100_000 * 1.1 + BURST
    assert clock.now == pytest.approx(10 + 30 + 17, rel=0.1)


@given(st.integers(1, 3_000_000), st.lists(st.integers(1, 1_000_000), max_size=12))
def test_a_budget_is_never_passed_by_more_than_a_block(tmp_path_factory, budget, sizes):
    clock = Clock()
    counted = UsageFile(
        tmp_path_factory.mktemp("usage"), Floor(), lambda: BUILT.timestamp() + 9000, clock, "boot"
    )
    source = Paced(Line(), Pacer(Pace(month=budget), counted, Orders(), clock=clock, sleep=clock.sleep))
    for size in sizes:
        try:
            take(source, size)
        except Postponed:
            break
    assert source.received < budget + BLOCK


def test_what_came_before_the_budget_ended_was_given_on(through):
    source, got = through(day=3 * BLOCK), []
    with pytest.raises(Postponed, match="day's bytes"):
        got.extend(len(block) for block in source.stream("objects/x", 0, 10 * BLOCK, 10 * BLOCK))
    assert sum(got) == source.received == 3 * BLOCK


def test_a_neighbour_does_not_use_up_the_budget(through, counted):
    take(through(kind=NEIGHBOUR, day=BLOCK), 10 * BLOCK)
    assert counted.spent() == (0, 0)


def test_a_used_up_budget_asks_the_hub_for_nothing(through):
    line = Line()
    source = through(line, day=BLOCK)
    with pytest.raises(Postponed):
        take(source, 2 * BLOCK)
    with pytest.raises(Postponed):
        source.read("directory/metadata/timestamp.json", 100)
    assert line.requests == 1


def test_a_metered_line_waits_with_large_files_until_a_person_asks(through):
    with pytest.raises(Postponed, match="metered"):
        take(through(metered=True), SMALL + 1)
    take(through(metered=True), SMALL)
    take(through(metered=True, asked=True), SMALL + 1)


@pytest.mark.parametrize(("word", "says"), [(PAUSE, "paused"), (STOP, "hour")])
def test_a_word_ends_the_run_at_the_next_block_even_while_it_waits(through, clock, orders, word, says):
    source = through(rate=1000)
    clock.when = [(90, lambda: orders.hear(word))]
    with pytest.raises(Postponed, match=says):
        take(source, 10**9)
    assert clock.now < 92
    assert source.received < 90 * 1000 + 2 * BURST


def test_how_long_a_hub_asks_to_be_left_alone_is_remembered(through, counted):
    source = through(Line(fails=TryLater(source="the hub", seconds=120)))
    with pytest.raises(TryLater):
        source.read("directory/metadata/timestamp.json", 100)
    assert counted.usage.retry_after == 120


def test_words_are_heard_and_the_end_of_the_input_is_a_stop(orders):
    heard = threading.Event()
    read, write = os.pipe()
    words = open(read, "rb", buffering=0)  # noqa: SIM115
    orders.listen(words)
    with open(write, "wb", buffering=0) as speaking:
        speaking.write(b"reading\nsomething new\n")
        deadline = time.monotonic() + 10
        while not orders.reading and time.monotonic() < deadline:
            heard.wait(0.01)
        assert orders.reading
        assert not orders.ending
    while not orders.ending and time.monotonic() < deadline:
        heard.wait(0.01)
    assert orders.ending == STOP


def test_a_first_word_to_end_is_the_one_that_counts(orders):
    orders._listen(io.BytesIO(b"pause\nstop\n"))
    assert orders.ending == PAUSE
