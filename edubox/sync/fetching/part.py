"""A file on its way: which bytes of it are in staging, and which of them are proved.

It is checked in units, the 4 MiB pieces that signed data lists or else the whole file, each as soon as it is
complete. Each unit is written from its beginning, and several may be under way at once. The file itself is
the journal: a run that finds it again believes every complete unit whose hash is right, and continues the
last one, whose bytes end where the file ends; a hole that was never written has a wrong hash. So a crash
costs at most the units that were under way.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from edubox.pack.manifest import PIECE
from edubox.sync.fetching.sources import BLOCK

#: Gets the bytes that are there and the bytes in all, whenever there are more.
Show = Callable[[int, int], None]
#: An earlier run, in the list of who sent a unit's bytes.
EARLIER = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that signed data name: *path* in the mirror, *size* in bytes, and the hashes of its 4 MiB *pieces*."""

    path: str
    sha256: str
    size: int
    pieces: tuple[str, ...] = ()


class BadUnit(Exception):
    """A unit was complete and wrong, and is thrown away. *senders* gave its bytes."""

    def __init__(self, unit: int, senders: set[str]) -> None:
        super().__init__()
        self.unit, self.senders = unit, senders


class Part:
    """The file *wanted* at *path*. Use as a context manager, from one thread."""

    def __init__(self, path: Path, wanted: Wanted) -> None:
        self.path, self.wanted = path, wanted
        #: Bytes that are there, proved or not.
        self.held = 0
        self._hashes = wanted.pieces or (wanted.sha256,)
        self._unit = PIECE if wanted.pieces else max(wanted.size, 1)
        self._good: set[int] = set()
        #: Of each unit under way, how many bytes from its beginning are there, and who sent them.
        self._begun: dict[int, int] = {}
        self._senders: dict[int, set[str]] = {}

    def __enter__(self) -> Self:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.open(self.path, flags, 0o600)
        if self._length() > self.wanted.size:
            os.ftruncate(self._file, self.wanted.size)
        length = self._length()
        for unit in range(len(self._hashes)):
            begin, end = self.bounds(unit)
            if length >= end:
                self._count(unit, end - begin, EARLIER)
                if not self._prove(unit):
                    self.forget(unit)
            elif length > begin:
                self._count(unit, length - begin, EARLIER)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            os.fdatasync(self._file)
        finally:
            os.close(self._file)

    def bounds(self, unit: int) -> tuple[int, int]:
        """Where *unit* begins and ends (exclusive) in the file."""
        return unit * self._unit, min((unit + 1) * self._unit, self.wanted.size)

    def missing(self) -> list[int]:
        """The units that are not proved."""
        return [unit for unit in range(len(self._hashes)) if unit not in self._good]

    def next_byte(self, unit: int) -> int:
        """The place of the first byte that *unit* lacks."""
        return self.bounds(unit)[0] + self._begun.get(unit, 0)

    def stretches(self, refused: Collection[int] = ()) -> list[tuple[int, int]]:
        """What to ask for, begin and end, as few as possible; *refused* units apart."""
        found: list[tuple[int, int]] = []
        for unit in self.missing():
            if unit not in refused:
                begin, end = self.next_byte(unit), self.bounds(unit)[1]
                if found and found[-1][1] == begin:
                    begin = found.pop()[0]
                if begin < end:
                    found.append((begin, end))
        return found

    def write(self, at: int, block: bytes, sender: str) -> None:
        """Put *block*, which *sender* gave, at the next byte of its unit; raises BadUnit when it completes a bad one."""
        while block:
            unit = at // self._unit
            end = self.bounds(unit)[1]
            assert at == self.next_byte(unit)
            view = memoryview(block)[: end - at]
            block = block[len(view) :]
            self._count(unit, len(view), sender)
            while view:
                written = os.pwrite(self._file, view, at)
                at += written
                view = view[written:]
            if at == end:
                os.fdatasync(self._file)
                senders = self._senders[unit]
                if not self._prove(unit):
                    self.forget(unit)
                    raise BadUnit(unit, senders)

    def forget(self, unit: int) -> None:
        """Throw away what is there of *unit*, which is not proved."""
        self.held -= self._begun.pop(unit, 0)
        self._senders.pop(unit, None)
        begin, end = self.bounds(unit)
        if begin < self._length() <= end:
            os.ftruncate(self._file, begin)

    def begin_for(self, unit: int, sender: str) -> None:
        """Let *sender* continue *unit*, or begin it again if another one sent some of it: then a lie has one author."""
        if self._senders.get(unit, set()) - {sender, EARLIER}:
            self.forget(unit)

    def whole(self) -> bool:
        """Whether every unit is proved and the whole file has its hash."""
        if self.missing():
            return False
        return not self.wanted.pieces or self._hash(0, self.wanted.size) == self.wanted.sha256

    def _count(self, unit: int, size: int, sender: str) -> None:
        self.held += size
        self._begun[unit] = self._begun.get(unit, 0) + size
        self._senders.setdefault(unit, set()).add(sender)

    def _prove(self, unit: int) -> bool:
        if self._hash(*self.bounds(unit)) != self._hashes[unit]:
            return False
        self._good.add(unit)
        self._begun.pop(unit, None)
        self._senders.pop(unit, None)
        return True

    def _hash(self, begin: int, end: int) -> str:
        digest = hashlib.sha256()
        while begin < end and (block := os.pread(self._file, min(BLOCK, end - begin), begin)):
            digest.update(block)
            begin += len(block)
        return digest.hexdigest()

    def _length(self) -> int:
        return os.fstat(self._file).st_size
