"""The way to the mirror that this one is made of: its answers are believed in nothing, and its silence is found out once.

Each thread asks on a connection of its own (``sync.fetching.http_source``, with less patience than a school has). Who does not
answer is not asked again for some seconds, so that nobody waits at a line that is down: what is kept is served meanwhile. What goes
wrong is said in the log, once, until it goes wrong otherwise or is well again.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edubox.errors import EduboxError, HashMismatch, MissingFile, TryLater, Unreachable
from edubox.sync.fetching.http_source import HttpSource, Patience
from edubox.sync.fetching.sources import HUB

#: An academy's line is better than a school's: less than 4 kB/s for half a minute is no line.
PATIENCE = Patience(connect=10, silence=20, head=20, each=20, slowest=4 * 1024, span=30, unanswered=1_000_000)
#: Seconds in which a mirror that did not answer is left alone; the longest that it may ask for itself.
PAUSE, LONGEST = 15.0, 300.0
#: Seconds after which the same complaint is made again.
AGAIN = 600.0
_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})\Z")
log = logging.getLogger("edubox.mirror")


class Upstream(HttpSource):
    """The mirror, on one connection."""

    @property
    def silent(self) -> bool:
        """Whether the last question had no answer at all."""
        return self._unanswered > 0

    @contextmanager
    def pour(self, path: str, begin: int, most: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """How long *path* is, and its bytes from *begin* on; fewer come when the line is cut politely.

        Raises MissingFile, Unreachable, HashMismatch (it has more than *most* bytes, or fewer than *begin*).
        """
        # Without If-Range: the hash of the whole says whether the parts belong together.
        asked = {"Range": f"bytes={begin}-"} if begin else {}
        with self._answer(path, asked) as answer:
            size, skip = answer.length_remaining, begin
            if answer.status == 206 and begin:
                told = _RANGE.match(answer.headers.get("Content-Range", ""))
                if told is None or (int(told[1]), int(told[2]) + 1) != (begin, int(told[3])):
                    raise Unreachable(source=self.name, reason="it answers with another range")
                size, skip = int(told[3]), 0
            elif answer.status == 416:
                raise HashMismatch(what=f"{path} from {self.name}")
            elif answer.status != 200:
                raise self._refused(path, answer)
            if size is None:
                raise Unreachable(source=self.name, reason="it does not say how long its answers are")
            if not begin <= size <= most:
                raise HashMismatch(what=f"{path} from {self.name}")
            yield size, self._rest(self._body(answer, size - begin + skip), skip)

    def _rest(self, blocks: Iterator[bytes], skip: int) -> Iterator[bytes]:
        for block in blocks:
            passed = min(skip, len(block))
            skip -= passed
            if block[passed:]:
                yield block[passed:]


class Line:
    """Connections to the mirror at *address*; shared by all threads."""

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is asked yet. Raises BadInput if *address* is none."""
        self.name = Upstream(address, HUB, patience=PATIENCE).name
        self.clock = clock
        self._own = threading.local()
        self._until = float("-inf")
        self._complaints = Complaints(clock)

    @property
    def away(self) -> int:
        """Seconds for which the mirror is left alone because it did not answer; 0 when it may be asked."""
        return max(int(self._until - self.clock() + 1), 0) if self._until > self.clock() else 0

    @contextmanager
    def ask(self) -> Iterator[Upstream]:
        """This thread's connection. Raises TryLater at once while the mirror is left alone."""
        if self.away:
            raise TryLater(source=self.name, seconds=self.away)
        source: Upstream | None = getattr(self._own, "source", None)
        if source is None:
            source = self._own.source = Upstream(self.name, HUB, patience=PATIENCE, clock=self.clock)
        try:
            yield source
        except MissingFile:
            self._answered()
            raise
        except Unreachable as error:
            self._own.source = None  # a connection that went wrong is not used again
            if isinstance(error, TryLater):
                self._leave_alone(min(float(str(error.details["seconds"])), LONGEST), error)
            elif source.silent:
                self._leave_alone(PAUSE, error)
            raise
        self._answered()

    def complain(self, what: str, error: EduboxError) -> None:
        """Say in the log that something came out wrong."""
        self._complaints.make(what, f"{what}: {error}")

    def _leave_alone(self, seconds: float, error: EduboxError) -> None:
        self._until = self.clock() + max(seconds, 1.0)
        self._complaints.make("line", f"{error} What is kept here is served.")

    def _answered(self) -> None:
        if self._complaints.settle("line"):
            log.warning("%s answers again.", self.name)


class Complaints:
    """Lines of the log: each once, until it changes, is settled, or has been true for long."""

    #: So many are remembered: names of files come from others.
    MOST = 1000

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def make(self, about: str, sentence: str) -> None:
        """Log *sentence*, unless it was the last one *about* this."""
        now = self._clock()
        with self._lock:
            said, when = self._made.get(about, ("", float("-inf")))
            if said == sentence and now - when < AGAIN:
                return
            if len(self._made) >= self.MOST:
                self._made.clear()
            self._made[about] = sentence, now
        log.warning("%s", sentence)

    def settle(self, about: str) -> bool:
        """That is well again; whether anything had been said."""
        with self._lock:
            return self._made.pop(about, None) is not None
