"""Finding what a new file shares with the old version: the art of the bundle's writer.

The bundle format says only what *copy* and *insert* mean (``bundle.py``); how good copies are found is
the writer's own business and may change without a new format number. The old version lies as one
concatenation in a memory-mapped file. Its blocks are indexed at a stride that grows with its size, by a checksum
and not by their bytes, so that the index stays near a million entries and 100 MB whatever is published: a lesson, or
the 400 MB of a system. The old file at the same path is indexed much finer, because an edited page mostly repeats
itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import gcd
from typing import Self
from zlib import crc32

#: Finest block of the index over everything (FIELD-NOTES §4: max(24, len >> 20) keeps its memory flat).
GLOBAL_BLOCK = 24
#: Block of the index over the old file at the same path.
LOCAL_BLOCK = 20
#: Shorter copies cost more than the bytes they save.
SHORTEST = 8
#: The fine index is made for files up to this size, larger ones use the coarse one alone.
LOCAL_LIMIT = 8 * 1024 * 1024
#: After so many bytes without a copy the search strides, and 10 MB that are all new take 1 s instead of 13. A
#: stride that shares no factor with the block meets one of as many blocks in a row, so that a copy of some 14
#: blocks is still found; shorter ones are lost until the next copy.
PATIENCE, STRIDE = 64 * 1024, 13

Buffer = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Copy:
    """The new file's bytes ``[at, at + length)`` are the old bytes from *source* on."""

    at: int
    source: int
    length: int


class Matcher:
    """Finds copies from *old*, the old version's files one after the other; no copy crosses two of them."""

    def __init__(self, old: Buffer, bounds: Sequence[int]) -> None:
        """*bounds* are the offsets where files begin, and the end of the last one."""
        self._old, self._bounds = memoryview(old), bounds
        self._block = max(GLOBAL_BLOCK, len(old) >> 20)
        self._index = self._blocks(0, len(old), self._block)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._old.release()  # a mapped file cannot be closed while something looks at it

    def copies(self, new: Buffer, similar: tuple[int, int] | None) -> Iterator[Copy]:
        """Copies for *new* in order, not overlapping; *similar* is where the old file of that path lies."""
        new = memoryview(new)
        fine: dict[int, int] = {}
        if similar and similar[1] - similar[0] <= LOCAL_LIMIT:
            fine = self._blocks(*similar, LOCAL_BLOCK)
        searches = [(fine, LOCAL_BLOCK)] * bool(fine) + [(self._index, self._block)] * bool(self._index)
        if not searches:
            return
        done, at, expected = 0, 0, similar[0] if similar else -1
        size, old_size = len(new), len(self._old)
        stride = next(step for step in count(STRIDE) if gcd(step, self._block) == 1)
        while at < size:
            source = -1
            # After an edit the old text usually goes on where it left off; a first guess saves look-ups.
            if (
                0 <= expected < old_size
                and new[at : at + LOCAL_BLOCK] == self._old[expected : expected + LOCAL_BLOCK]
            ):
                source = expected
            else:
                for index, block in searches:
                    source = index.get(crc32(new[at : at + block]), -1)
                    # Two blocks in a few billion have one checksum.
                    if source >= 0 and new[at : at + block] == self._old[source : source + block]:
                        break
                    source = -1
            if source < 0:
                step = 1 if at - done < PATIENCE else stride
                at += step
                expected += step
                continue
            file = bisect_right(self._bounds, source)
            begin, end = self._bounds[file - 1], self._bounds[file]
            back = self._common_backwards(new[done:at], source, begin)
            length = back + self._common(new[at : at + end - source], source)
            if length < SHORTEST:
                at += 1
                expected += 1
                continue
            yield Copy(at - back, source - back, length)
            at = done = at - back + length
            expected = source - back + length

    def _blocks(self, start: int, end: int, block: int) -> dict[int, int]:
        # The first of equal blocks wins: walking backwards, the last write is the first position.
        last = start + (end - start) // block * block
        old = self._old
        return {crc32(old[at : at + block]): at for at in range(last - block, start - 1, -block)}

    def _common(self, new: memoryview, source: int) -> int:
        old, limit = self._old, min(len(new), len(self._old) - source)
        length, step = 0, 32
        while length < limit and step:
            step = min(step, limit - length)
            if new[length : length + step] == old[source + length : source + length + step]:
                length += step
                step *= 2
            else:
                step //= 2
        return length

    def _common_backwards(self, new: memoryview, source: int, begin: int) -> int:
        old, length, limit = self._old, 0, min(len(new), source - begin)
        while length < limit and new[-length - 1] == old[source - length - 1]:
            length += 1
        return length
