"""The box next door as a source: asked first, believed in nothing, and left for the rest of the run at its first lie.

A neighbour may be broken or hostile, and a school has a hub to fall back on; so patience is short, and one
judgement holds for all files of a run. What it sends by its hash in one answer is checked here; a unit of a
large file is checked by ``fetch``, which calls ``leave``. A neighbour that has not the file, or has no time
now, did nothing wrong.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager

from edubox.errors import HashMismatch, MissingFile, NotTrusted, TryLater, Unreachable
from edubox.sync.fetching.part import EARLIER
from edubox.sync.fetching.sources import NEIGHBOUR, Source

#: Answers of one neighbour that may be cut in a run.
CUTS = 3
_NAMED_BY_HASH = re.compile(r"(?:.*/)?([0-9a-f]{64})(?:\.[^/]*)?\Z")


class Neighbour:
    """See ``sources.Source``; *inner* is the way to it."""

    kind = NEIGHBOUR

    def __init__(self, inner: Source, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = inner.name
        self._inner, self._clock = inner, clock
        self._left = ""
        self._cuts = 0
        self._rests_until = clock()

    @property
    def received(self) -> int:
        """See Source."""
        return self._inner.received

    @property
    def requests(self) -> int:
        """See Source."""
        return self._inner.requests

    def leave(self, reason: str) -> None:
        """Ask it nothing more in this run."""
        self._left = reason

    def read(self, path: str, limit: int) -> bytes:
        """See Source. Raises HashMismatch when *path* is named by a hash that its bytes do not have."""
        with self._judged(lambda: 0):
            data = self._inner.read(path, limit)
            named = _NAMED_BY_HASH.match(path)
            if named and hashlib.sha256(data).hexdigest() != named[1]:
                raise HashMismatch(what=f"{path} from {self.name}")
        return data

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:
        """See Source."""
        got = 0
        with self._judged(lambda: got), closing(self._inner.stream(path, begin, end, size)) as blocks:
            for block in blocks:
                got += len(block)
                yield block

    @contextmanager
    def _judged(self, got: Callable[[], int]) -> Iterator[None]:
        """Refuse to ask in vain, and remember how an answer of *got* bytes ended."""
        if self._left:
            raise Unreachable(source=self.name, reason=self._left)
        rest = self._rests_until - self._clock()
        if rest > 0:
            raise TryLater(source=self.name, seconds=round(rest))
        try:
            yield
        except MissingFile:
            raise
        except TryLater as busy:
            seconds = busy.details["seconds"]
            assert isinstance(seconds, int)
            self._rests_until = self._clock() + seconds
            raise
        except NotTrusted:
            self.leave("it gave what nobody signed")
            raise
        except Unreachable as error:
            self._cuts += 1
            if not got() or self._cuts > CUTS:
                self.leave(str(error.details["reason"]))
            raise


def leave_liars(sources: Sequence[Source], senders: Collection[str]) -> None:
    """Leave every neighbour among the *senders* of a bad unit, unless an earlier run may have brought the bad bytes.

    A neighbour that begins a unit and lets the hub complete it must not be able to cost the line a unit for every file.
    """
    if EARLIER not in senders:
        for source in sources:
            if isinstance(source, Neighbour) and source.name in senders:
                source.leave("it gave what nobody signed")
