"""A source that keeps to the pace: every byte is counted, the line's budget ends the run, the rate is never passed.

All sources of a run share one ``Pacer``. What arrived is given on before anything is refused, so a run that
is postponed has kept it. The rate is that of the wire: whoever waits here leaves the rest in the kernel's
receive buffer, and when that is full the sender waits too; a lasting cap keeps it small. Sticks and folders
cost no line and no air: they are counted and not slowed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing

from edubox.errors import Postponed, TryLater
from edubox.sync.fetching.sources import BLOCK, HUB, NEIGHBOUR, Source
from edubox.sync.pacing.orders import PAUSE, STOP, Orders
from edubox.sync.pacing.pace import Pace, exhausted, speed, too_large
from edubox.sync.pacing.usage import UsageFile

#: Bytes that may pass at once after a silence, and what the kernel may hold of a connection with a lasting cap.
BURST = 2 * BLOCK
_RECEIVE_BUFFER = 2 * BLOCK
#: Seconds of the shortest sleep worth the while, and of the longest, so that words are heard.
BLINK, NAP = 0.005, 0.5
_ENDING = {PAUSE: "somebody paused it", STOP: "this is not the hour for it, or something else goes first"}


class Pacer:
    """What the sources of one run have in common; may be called from several threads."""

    def __init__(
        self, pace: Pace, usage: UsageFile, orders: Orders, *, asked: bool = False,
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        """*asked*: a person wants it now. *clock* gives seconds that never go back."""
        self.usage = usage
        self._pace, self._orders, self._asked = pace, orders, asked
        self._clock, self._sleep = clock, sleep
        self._level, self._filled = float(BURST), clock()
        self._lock = threading.Lock()

    @property
    def receive_buffer(self) -> int:
        """For ``HttpSource``. Only a lasting cap is worth a small one, which slows a quick line with long ways."""
        return _RECEIVE_BUFFER if self._pace.rate else 0

    def line_is_closed(self) -> str:
        """Why the hub may not be asked at all now; empty if it may."""
        return exhausted(self._pace, *self.usage.spent())

    def allow(self, kind: str, size: int) -> None:
        """Raise Postponed unless a file of *size* may be asked for from a source of *kind* now."""
        if self._orders.ending:
            raise Postponed(reason=_ENDING[self._orders.ending])
        if kind == HUB:
            if reason := self.line_is_closed():
                raise Postponed(reason=reason)
            if too_large(self._pace, size, asked=self._asked):
                raise Postponed(reason="the line is metered and carries small files only")

    def passed(self, kind: str, size: int) -> None:
        """Count *size* bytes that came, and wait until the next may come. Returns at once when the work shall end."""
        self.usage.add(kind, size)
        if not size or kind not in {HUB, NEIGHBOUR}:
            return
        with self._lock:
            self._fill()
            self._level -= size
        while (seconds := self._wait()) > BLINK and not self._orders.ending:
            self._sleep(min(seconds, NAP))

    def _wait(self) -> float:
        with self._lock:
            rate = self._fill()
            return -self._level / rate if rate else 0.0

    def _fill(self) -> float:
        """Let the bucket fill for the time that passed; the rate now."""
        rate, now = speed(self._pace, reading=self._orders.reading), self._clock()
        gained = rate * (now - self._filled) if rate else BURST - self._level
        self._level, self._filled = min(self._level + gained, BURST), now
        return rate


class Paced:
    """See ``sources.Source``: *source*, through a *pacer*."""

    def __init__(self, source: Source, pacer: Pacer) -> None:
        self.name, self.kind = source.name, source.kind
        self.received = self.requests = 0
        self._source, self._pacer = source, pacer

    def read(self, path: str, limit: int) -> bytes:
        """See ``trust.fetch.Fetch``; raises Postponed too."""
        self._pacer.allow(self.kind, 0)
        try:
            return self._source.read(path, limit)
        except TryLater as busy:
            self._asked_to_wait(busy)
            raise
        finally:
            self._count()

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:
        """See ``sources.Source``; raises Postponed too, before asking and between two blocks."""
        self._pacer.allow(self.kind, size)
        try:
            with closing(self._source.stream(path, begin, end, size)) as blocks:
                for block in blocks:
                    yield block
                    self._count()
                    self._pacer.allow(self.kind, size)
        except TryLater as busy:
            self._asked_to_wait(busy)
            raise
        finally:
            self._count()

    def _count(self) -> None:
        came = self._source.received - self.received
        self.received, self.requests = self._source.received, self._source.requests
        self._pacer.passed(self.kind, came)

    def _asked_to_wait(self, busy: TryLater) -> None:
        if self.kind == HUB:
            self._pacer.usage.asked_to_wait(float(str(busy.details["seconds"])))
