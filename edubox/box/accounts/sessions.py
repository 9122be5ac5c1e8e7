"""Who has come in, in memory: a restart of the box logs everybody out, and no file has anything to steal.

A session is a random token in a cookie of the browser. Here it is kept by the token's hash, with the account that it is of,
the secret that opened it (another password ends it, whoever changed it and wherever). The token of the forms follows from
that of the cookie, and does not give it away.
Time is the monotonic clock's, since boxes have no other. Looking on does not count as doing something: a page that asks
for news every two seconds stays logged in no longer than its reader is there.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

#: Seconds without a click, on computers that people share, and in all.
IDLE, LONGEST = 15 * 60.0, 12 * 3600.0
#: Sessions of one person and of everybody; the one that has been idle longest makes room.
OF_ONE, OF_ALL = 8, 400


@dataclass(slots=True)
class Session:
    """Somebody who has come in. *secret* as the account had it then."""

    person: int
    secret: str
    began: float
    seen: float
    csrf: str


class Sessions:
    """The sessions of a box; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._open: dict[str, Session] = {}

    def begin(self, person: int, secret: str) -> tuple[str, Session]:
        """Let *person*, whose account *secret* opens, in: the token for the browser, and the session."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(person, secret, now, now, csrf_of(token))
        with self._lock:
            self._sweep(now)
            own = [key for key, one in self._open.items() if one.person == person]
            self._make_room(own, OF_ONE)
            self._make_room(list(self._open), OF_ALL)
            self._open[_key(token)] = session
        return token, session

    def find(self, token: str, *, active: bool) -> Session | None:
        """The session of *token*, if it is still open; *active* if its owner has just done something."""
        now = self._clock()
        with self._lock:
            session = self._open.get(_key(token))
            if session is None:
                return None
            if _is_over(session, now):
                del self._open[_key(token)]
                return None
            if active:
                session.seen = now
            return session

    def end(self, token: str) -> None:
        """Whoever has *token* is out."""
        with self._lock:
            self._open.pop(_key(token), None)

    def end_all(self, person: int) -> None:
        """*person* is out, everywhere."""
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if one.person != person}

    def count(self) -> int:
        """How many are open."""
        with self._lock:
            self._sweep(self._clock())
            return len(self._open)

    def _sweep(self, now: float) -> None:
        self._open = {key: one for key, one in self._open.items() if not _is_over(one, now)}

    def _make_room(self, keys: list[str], most: int) -> None:
        """Close of *keys* those that have been idle longest until another one fits within *most*."""
        surplus = max(0, len(keys) - most + 1)
        for key in sorted(keys, key=lambda one: self._open[one].seen)[:surplus]:
            del self._open[key]


def csrf_of(token: str) -> str:
    """What the forms of the session with *token* carry."""
    return hashlib.sha256(b"form " + token.encode()).hexdigest()[:32]


def _is_over(session: Session, now: float) -> bool:
    return now - session.seen >= IDLE or now - session.began >= LONGEST


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
