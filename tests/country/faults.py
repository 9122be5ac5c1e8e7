"""Sources that go wrong as lines, sticks and neighbours do: each fault is chosen once and then happens by itself."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass

from edubox.errors import Unreachable
from edubox.sync.sources import Source


@dataclass(frozen=True)
class Fault:
    """*kind*: none, cut (after *after* answers or blocks), lies (from then on), forgets (files), truncates."""

    kind: str = "none"
    after: int = 0
    seed: int = 0


FAULTS = ("none", "cut", "lies", "forgets", "truncates")


class Faulty:
    """*source* behind *fault*; see ``edubox.sync.sources.Source``."""

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
            yield self._changed(block)

    def _step(self, path: str) -> None:
        self._steps += 1
        late = self._steps > self._fault.after
        if late and (
            self._fault.kind == "cut" or (self._fault.kind == "forgets" and self._random.random() < 0.5)
        ):
            raise Unreachable(source=self.name, reason=f"a test cut it at {path}")

    def _changed(self, data: bytes) -> bytes:
        if self._steps <= self._fault.after or not data:
            return data
        if self._fault.kind == "lies":
            at = self._random.randrange(len(data))
            return data[:at] + bytes([data[at] ^ (1 << self._random.randrange(8))]) + data[at + 1 :]
        return data[: len(data) // 2] if self._fault.kind == "truncates" else data
