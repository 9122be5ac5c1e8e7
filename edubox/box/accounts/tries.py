"""How soon the next password or code may be tried, after wrong ones.

Five are free, for fingers that slip; then each doubles the wait, up to a minute: for the address that they come from, and for
the name that they are for, so that neither many names nor many addresses help. A refused try is not counted, and nobody's
open session is touched. Whoever has come in by a name from an address waits there for nobody else's mistakes: somebody who
tries a teacher's name all day cannot keep the teacher's own computer out.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE, LONGEST = 5, 60.0
#: After so many seconds without a wrong one, earlier ones are forgotten.
FORGOTTEN = 3600.0
#: Names and addresses remembered; the one that has been quiet longest goes first.
REMEMBERED = 2000


@dataclass(slots=True)
class _Wrong:
    count: int
    last: float

    def wait(self) -> float:
        return 0.0 if self.count < FREE else min(LONGEST, 2.0 ** (self.count - FREE))


class Tries:
    """What was tried; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._wrong: OrderedDict[tuple[str, str], _Wrong] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait(self, name: str, address: str) -> int:
        """Whole seconds until *address* may try *name* (as ``people.same`` has it); 0: now. An empty *name* is nobody's."""
        with self._lock:
            now = self._clock()
            keys = [("from", address)]
            if name and (name, address) not in self._known:
                keys.append(("name", name))
            left = [one.last + one.wait() - now for key in keys if (one := self._recent(key, now))]
            return max(0, -int(-max(left, default=0) // 1))

    def wrong(self, name: str, address: str) -> bool:
        """*address* tried *name*, and it was wrong; whether the name begins to wait because of it."""
        with self._lock:
            now = self._clock()
            for key in [("from", address), *([("name", name)] if name else [])]:
                one = self._recent(key, now) or _Wrong(0, now)
                one.count, one.last = one.count + 1, now
                self._wrong[key] = one
                self._wrong.move_to_end(key)
            begins = bool(name) and self._wrong["name", name].count == FREE
            while len(self._wrong) > REMEMBERED:
                self._wrong.popitem(last=False)
            return begins

    def right(self, name: str, address: str) -> None:
        """*address* came in as *name*."""
        with self._lock:
            self._wrong.pop(("from", address), None)
            if not name:
                return
            self._wrong.pop(("name", name), None)
            self._known[name, address] = None
            self._known.move_to_end((name, address))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def _recent(self, key: tuple[str, str], now: float) -> _Wrong | None:
        one = self._wrong.get(key)
        return one if one is not None and now - one.last < FORGOTTEN else None
