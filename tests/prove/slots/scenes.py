"""What a loader must do, told once for both: each scene begins with slot a good and ends with a sentence of what was seen."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edubox.hardware.slots import copies
from edubox.hardware.slots.copies import Carrier, State
from tests.prove.slots.cards import BROKEN, GOOD, SLOTS
from tests.prove.slots.machines import Machine

_LOADER = re.compile(r"edubox: slot ([ab])")
_SYSTEM = re.compile(r"SYSTEM (\w+) .*edubox\.slot=([ab])")
_RUNS = re.compile(r"SYSTEM good .*\n")


@dataclass(frozen=True, slots=True)
class Bench:
    """A *machine* with a *card*, what its state is carried by, and how a system gets to a slot."""

    machine: Machine
    disk: Path
    carrier: Carrier
    install: Callable[[str, str], None]
    kills: int
    chance: random.Random

    def start(self) -> list[tuple[str, str]]:
        """Power on until a good system runs: each system that said something, as (kind, slot)."""
        said = self.machine.run(self.disk, _RUNS)
        found = _SYSTEM.findall(said)
        assert found, said[-3000:]
        return found

    def chosen(self) -> str:
        """The first slot that the loader names; power off there."""
        said = self.machine.run(self.disk, _LOADER)
        return _LOADER.findall(said)[0]

    def state(self) -> State:
        """What counts on the card now."""
        return copies.load(self.carrier)[0]


def good(bench: Bench) -> str:
    """A card that was just flashed starts slot a."""
    assert bench.start() == [(GOOD, "a")]
    return ""


def kept(bench: Bench) -> str:
    """A new system is tried, kept, and starts from then on."""
    bench.install("b", GOOD)
    copies.propose(bench.carrier, "b")
    assert bench.start() == [(GOOD, "b")]
    assert (bench.state().good, bench.state().trying, bench.state().left) == ("a", "b", 1)
    copies.keep(bench.carrier, "b")
    assert bench.start() == [(GOOD, "b")]
    return ""


def twice(bench: Bench) -> str:
    """A new system whose plug is pulled before it said anything is started once more, then the older one."""
    bench.install("b", GOOD)
    copies.propose(bench.carrier, "b")
    assert [bench.start() for _ in range(3)] == [[(GOOD, "b")], [(GOOD, "b")], [(GOOD, "a")]]
    copies.propose(bench.carrier, "b")
    assert bench.start() == [(GOOD, "b")]
    copies.spend(bench.carrier)
    assert bench.start() == [(GOOD, "a")]
    return ""


def broken(bench: Bench) -> str:
    """A new system that panics is tried twice, and the older one runs without anybody."""
    bench.install("b", BROKEN)
    copies.propose(bench.carrier, "b")
    found = bench.start()
    assert found == [(BROKEN, "b"), (BROKEN, "b"), (GOOD, "a")], found
    assert bench.chosen() == "a"
    return ""


def unreadable(bench: Bench) -> str:
    """A new system whose slot is empty is passed over at once."""
    bench.install("b", GOOD)
    _wipe(bench, "b")
    copies.propose(bench.carrier, "b")
    assert bench.start() == [(GOOD, "a")]
    return ""


def damaged(bench: Bench) -> str:
    """With one damaged copy the other counts, with two slot a starts."""
    bench.install("b", GOOD)
    copies.keep(bench.carrier, "b")
    _, copy = copies.load(bench.carrier)
    assert copy is not None
    bench.carrier.write(1 - copy, {"seq": "no", "good": "x"})
    assert bench.chosen() == "b"
    bench.carrier.write(copy, {"seq": "no", "good": "x"})
    assert bench.chosen() == "a"
    return ""


def numbers(bench: Bench) -> str:
    """Nine and ten digits, and numbers that differ in length, are compared as numbers."""
    for low, high in ((9, 10), (99, 100), (123456789, 999999999)):
        bench.carrier.write(0, copies.values_of(State("a", seq=low)))
        bench.carrier.write(1, copies.values_of(State("b", seq=high)))
        assert bench.chosen() == "b", (low, high)
    bench.carrier.write(1, copies.values_of(State("a", seq=1)))
    bench.carrier.write(0, copies.values_of(State("a", seq=2)))
    return ""


def killed(bench: Bench) -> str:
    """Power off at any moment while a try is taken away: the state can be read, and something good starts."""
    tried = left = 0
    began = time.monotonic()
    bench.chosen()
    whole = time.monotonic() - began
    for _ in range(bench.kills):
        copies.propose(bench.carrier, "b")
        # Most of the time goes before the loader's rules are read: the moments that matter are the last.
        bench.machine.run(bench.disk, _LOADER, kill_after=whole * bench.chance.uniform(0.7, 1.1))
        now = bench.state()
        assert (now.good, now.trying) == ("a", "b"), now
        assert all(bench.carrier.read(copy) is not None for copy in copies.COPIES)
        tried, left = tried + (now.left == 1), left + (now.left == 2)
    assert bench.chosen() in {"a", "b"}
    return f"{bench.kills} kills: the try was still there after {left} and taken after {tried}"


def _wipe(bench: Bench, slot: str) -> None:
    with bench.disk.open("r+b") as out:
        out.seek(SLOTS[slot])
        out.write(bytes(1024 * 1024))


SCENES = (good, twice, kept, broken, unreadable, damaged, numbers, killed)
