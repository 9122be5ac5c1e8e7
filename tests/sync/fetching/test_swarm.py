"""Several sources at once, of which any may lie, cut, stall or vanish: the file is right, or an error says why not.

Pieces are 64 bytes here, so that a file has many.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import EduboxError, HashMismatch, MissingFile, Postponed, Unreachable
from edubox.sync.fetching import swarm
from edubox.sync.fetching.fetch import fetch
from edubox.sync.fetching.neighbours import Neighbour
from edubox.sync.fetching.part import BadUnit, Part, Wanted
from edubox.sync.fetching.sources import FOLDER, HUB, NEIGHBOUR

UNIT = 64
EXAMPLES = int(os.environ.get("EDUBOX_SWARM_EXAMPLES", "60"))
DATA = bytes(number * 37 % 251 for number in range(10 * UNIT + 17))


@pytest.fixture(autouse=True)
def small_pieces():
    with patch("edubox.sync.fetching.part.PIECE", UNIT), patch("edubox.sync.fetching.swarm._TURN", 0.005):
        yield


def wanted(data=DATA):
    pieces = tuple(hashlib.sha256(data[at : at + UNIT]).hexdigest() for at in range(0, len(data), UNIT))
    return Wanted("objects/aa/x", hashlib.sha256(data).hexdigest(), len(data), pieces)


class Script:
    """A source whose answers follow *script*, one act each, and then are honest (or the last act for ever)."""

    def __init__(self, name, kind, *script, for_ever=False) -> None:
        self.name, self.kind, self.script, self.for_ever = name, kind, list(script), for_ever
        self.received = self.requests = self.lies = 0
        self.asked: list[tuple[int, int]] = []

    def stream(self, path, begin, end, _size):
        self.requests += 1
        self.asked.append((begin, end))
        last = self.for_ever and len(self.script) == 1
        act = (self.script[0] if last else self.script.pop(0)) if self.script else "honest"
        if act == "absent":
            raise MissingFile(source=self.name, path=path)
        if act == "size":
            raise HashMismatch(what=path)
        if act == "stall":
            threading.Event().wait(0.01)  # what a time limit would be
            raise Unreachable(source=self.name, reason="it is silent")
        self.lies += act == "lie"
        stop = begin + 20 if act == "cut" else begin if act == "vanish" else end
        while begin < end:
            block = DATA[begin : min(begin + 16, end, max(stop, begin))]
            if not block:
                raise Unreachable(source=self.name, reason="cut")
            self.received += len(block)
            yield bytes(255 - byte for byte in block) if act == "lie" else block
            begin += len(block)

    read = None


def neighbour(name, *script, **more):
    return Neighbour(Script(name, NEIGHBOUR, *script, **more))


ACTS = st.sampled_from(["honest", "lie", "cut", "vanish", "absent", "size", "stall"])


@settings(max_examples=EXAMPLES)
@given(
    scripts=st.lists(st.lists(ACTS, min_size=1, max_size=6), max_size=6), for_ever=st.booleans(),
    kind=st.sampled_from([NEIGHBOUR, FOLDER]), honest=st.booleans(), left=st.binary(max_size=300), hub=st.booleans(),
)  # fmt: skip
def test_whatever_sources_do_the_file_is_right_and_the_hub_gives_only_what_is_missing(
    scripts, for_ever, kind, honest, left, hub
):
    inner = [Script(f"s{n}", kind, *script, for_ever=for_ever) for n, script in enumerate(scripts)]
    good, line = Script("good", NEIGHBOUR), Script("hub", HUB)
    sources = [Neighbour(one) if kind == NEIGHBOUR else one for one in inner]
    sources += [Neighbour(good)] * honest + [line] * hub
    with tempfile.TemporaryDirectory() as folder:
        staging = Path(folder)
        (staging / wanted().sha256).write_bytes(left)  # whatever an earlier run or a power cut left
        try:
            assert fetch(wanted(), staging, sources).read_bytes() == DATA
        except EduboxError:
            assert not honest
            assert not hub
            with Part(staging / wanted().sha256, wanted()) as part:
                for unit in set(range(11)) - set(part.missing()):
                    begin, end = part.bounds(unit)
                    assert (staging / wanted().sha256).read_bytes()[begin:end] == DATA[begin:end]
    if honest:
        assert line.received == 0
    if kind == NEIGHBOUR:
        # A lie costs a unit; one more where it ended bytes of an earlier run, so that nobody could be blamed.
        assert all(one.lies <= 2 for one in inner)
    assert line.received <= len(DATA) + 2 * UNIT * (1 + len(scripts))


@settings(max_examples=EXAMPLES)
@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(1, 100), st.booleans()), max_size=60),
    st.integers(0, 700),
)
def test_what_a_crash_leaves_is_believed_only_where_it_is_right(steps, length):
    """Units are written in any order; then the power fails, and of the file *length* bytes are left, holes as zeros."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        with Part(path, wanted()) as part:
            for unit, size, right in steps:
                at, end = part.next_byte(unit), part.bounds(unit)[1]
                block = DATA[at : min(at + size, end)]
                if unit in part.missing() and block:
                    with contextlib.suppress(BadUnit):
                        part.write(at, block if right else bytes(len(block)), "a")
            before = set(range(11)) - set(part.missing())
            assert part.held >= sum(part.bounds(unit)[1] - part.bounds(unit)[0] for unit in before)
        os.truncate(path, min(length, path.stat().st_size))
        with Part(path, wanted()) as part:
            held = path.read_bytes()
            for unit in range(11):
                begin, end = part.bounds(unit)
                assert (unit not in part.missing()) == (held[begin:end] == DATA[begin:end])
        assert fetch(wanted(), path.parent, [Script("good", FOLDER)]).read_bytes() == DATA


def test_two_neighbours_share_the_work_and_the_hub_is_not_asked(tmp_path):
    turn = threading.Barrier(2, timeout=20)

    class Together(Script):
        def stream(self, path, begin, end, size):
            if begin < 2 * UNIT:
                turn.wait()  # both are at work at the same time, or this fails
            yield from super().stream(path, begin, end, size)

    one, two, line = Together("one", NEIGHBOUR), Together("two", NEIGHBOUR), Script("hub", HUB)
    assert fetch(wanted(), tmp_path, [line, one, two]).read_bytes() == DATA
    assert one.received + two.received == len(DATA)
    assert min(one.received, two.received) >= UNIT
    assert line.requests == 0


def test_a_lying_neighbour_costs_one_piece_in_a_whole_run(tmp_path):
    liar, line = Script("liar", NEIGHBOUR, "lie", for_ever=True), Script("hub", HUB)
    good = neighbour("good")
    sources = [Neighbour(liar), good, line]
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        assert fetch(wanted(), tmp_path / str(number), sources).read_bytes() == DATA
    assert liar.received <= UNIT
    assert liar.requests == 1
    assert line.requests == 0


def test_a_neighbour_that_poisons_a_unit_for_the_hub_to_complete_does_it_once(tmp_path):
    class Poison(Script):
        def stream(self, path, begin, end, size):
            for block in super().stream(path, begin, end, size):
                yield bytes(len(block))

    poison, line = Poison("poison", NEIGHBOUR, "cut", "vanish", for_ever=True), Script("hub", HUB)
    sources = [Neighbour(poison), line]
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        assert fetch(wanted(), tmp_path / str(number), sources).read_bytes() == DATA
    assert line.received <= 3 * len(DATA) + UNIT
    assert poison.received <= UNIT


def test_a_disk_with_a_bad_spot_still_gives_all_the_rest(tmp_path):
    class Worn(Script):
        def stream(self, path, begin, end, size):
            for block in super().stream(path, begin, end, size):
                yield bytes(len(block)) if begin <= 3 * UNIT < begin + len(block) else block
                begin += len(block)

    stick, other, line = Worn("stick", FOLDER), Worn("other", FOLDER), Script("hub", HUB)
    for sources in ([stick, line], [stick, other, line]):
        (tmp_path / str(len(sources))).mkdir()
        line.asked.clear()
        assert fetch(wanted(), tmp_path / str(len(sources)), sources).read_bytes() == DATA
        assert line.asked == [(3 * UNIT, 4 * UNIT)]
    assert stick.requests + other.requests < 20, "a bad spot is read once"


def test_the_slowest_gives_up_its_unit_to_one_that_has_nothing_left_to_do(tmp_path):
    now, freed, stuck = [0.0], threading.Event(), threading.Event()

    class Stuck(Script):
        def stream(self, _path, begin, _end, _size):
            yield DATA[begin : begin + 1]
            stuck.set()
            freed.wait(20)
            raise Unreachable(source=self.name, reason="it is silent")

    class Quick(Script):
        def stream(self, path, begin, end, size):
            assert stuck.wait(60)
            now[0] += 0.5
            yield from super().stream(path, begin, end, size)

    slow, quick = Neighbour(Stuck("slow", NEIGHBOUR)), Quick("quick", NEIGHBOUR)
    path = tmp_path / "file"
    with Part(path, wanted()) as part:
        errors = swarm.swarm(part, [slow, Neighbour(quick)], lambda *_: None, clock=lambda: now[0])
        assert part.whole()
    freed.set()
    assert [type(error) for error in errors] == [Unreachable]
    with pytest.raises(Unreachable, match="slower"):
        list(slow.stream("objects/aa/x", 0, 1, 1))


def test_more_sources_than_work_at_once_take_each_others_places(tmp_path):
    gone = [neighbour(f"gone {number}", "vanish", for_ever=True) for number in range(7)]
    line = Script("hub", HUB)
    assert fetch(wanted(), tmp_path, [*gone, neighbour("good"), line]).read_bytes() == DATA
    assert line.requests == 0


def test_what_must_end_the_run_ends_it_from_any_thread(tmp_path):
    class Closed(Script):
        def stream(self, *_):
            raise Postponed(reason="the month's bytes are used")
            yield

    with pytest.raises(Postponed):
        fetch(wanted(), tmp_path, [Closed("a", NEIGHBOUR), Script("b", NEIGHBOUR)])

    def stop(done, total):
        if done:
            raise Postponed(reason="a pause")

    with pytest.raises(Postponed):
        fetch(wanted(), tmp_path, [Script("a", NEIGHBOUR), Script("b", NEIGHBOUR)], stop)
    assert fetch(wanted(), tmp_path, [Script("a", NEIGHBOUR)]).read_bytes() == DATA


def test_no_thread_stays_behind(tmp_path):
    fetch(wanted(), tmp_path, [neighbour("one"), neighbour("two", "lie")])
    for thread in threading.enumerate():
        if thread.name.startswith("from "):
            thread.join(20)
            assert not thread.is_alive()


def test_an_honest_neighbour_does_not_answer_for_what_another_one_began(tmp_path):
    class Poison(Script):
        def stream(self, path, begin, end, size):
            for block in super().stream(path, begin, end, size):
                yield bytes(len(block))

    small = Wanted("objects/aa/x", wanted().sha256, len(DATA))
    poison, honest, line = (
        Neighbour(Poison("poison", NEIGHBOUR, "cut", "vanish", for_ever=True)), Script("honest", NEIGHBOUR), Script("hub", HUB),
    )  # fmt: skip
    sources = [poison, Neighbour(honest), line]
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        assert fetch(small, tmp_path / str(number), sources).read_bytes() == DATA
    assert honest.received == 2 * len(DATA)
    assert line.requests == 0
