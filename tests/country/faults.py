"""Sources that go wrong as lines, sticks and neighbours do: each fault is chosen once and then happens by itself."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import Postponed, TryLater, Unreachable
from edubox.sync.fetching.sources import Source


@dataclass(frozen=True)
class Fault:
    """What goes wrong once *after* answers or blocks were good: see FAULTS; *seed* chooses where."""

    kind: str = "none"
    after: int = 0
    seed: int = 0


#: Nothing; the line is cut; a bit is wrong in all that comes; every second file is missing; answers are half as long; the
#: source has no time; the box itself decides that it is enough for now.
FAULTS = ("none", "cut", "lies", "forgets", "truncates", "busy", "postponed")


class Faulty:
    """*source* behind *fault*; see ``edubox.sync.fetching.sources.Source``."""

    def __init__(self, source: Source, fault: Fault) -> None:
        self._source, self._fault = source, fault
        self._random, self._steps = random.Random(fault.seed), 0
        self.name, self.kind = source.name, source.kind

    @property
    def received(self) -> int:
        return self._source.received

    @property
    def requests(self) -> int:
        return self._source.requests

    def read(self, path: str, limit: int) -> bytes:
        self._step(path)
        return self._changed(self._source.read(path, limit))

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:
        for block in self._source.stream(path, begin, end, size):
            self._step(path)
            found = self._changed(block)
            yield found
            if len(found) < len(block):
                raise Unreachable(source=self.name, reason=f"a test ended {path} too early")

    def _step(self, path: str) -> None:
        self._steps += 1
        kind = self._fault.kind if self._steps > self._fault.after else "none"
        if kind == "cut" or (kind == "forgets" and self._random.random() < 0.5):
            raise Unreachable(source=self.name, reason=f"a test cut it at {path}")
        if kind == "busy":
            raise TryLater(source=self.name, seconds=60)
        if kind == "postponed":
            raise Postponed(reason="a test says so")

    def _changed(self, data: bytes) -> bytes:
        if self._steps <= self._fault.after or not data:
            return data
        if self._fault.kind == "lies":
            return flipped(data, self._random)
        return data[: len(data) // 2] if self._fault.kind == "truncates" else data


def flipped(data: bytes, chance: random.Random) -> bytes:
    """*data* with one bit changed."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def hurt(path: Path, chance: random.Random) -> None:
    """A bit of the file at *path* changes where it lies, under every name that it has, or its end is lost."""
    data = path.read_bytes()
    if not data:
        return
    with path.open("r+b") as handle:
        if chance.random() < 0.75:
            handle.write(flipped(data, chance))
        else:
            handle.truncate(chance.randrange(len(data)))
