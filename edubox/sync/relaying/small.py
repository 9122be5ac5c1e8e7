"""Small files of the mirror behind, whole in memory: each asked for once however many want it, and remembered for a minute.

That a file is absent is remembered too: every box asks every night for a next root that does not exist. What is remembered has a
size, whatever names are asked for.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass

from edubox.errors import EduboxError, MissingFile, TryLater
from edubox.store.mirror_app import MINUTE
from edubox.sync.relaying.errands import LATER, Errands
from edubox.sync.relaying.line import Line

#: Questions at once, names that wait, and seconds that somebody waits.
AT_ONCE, WAITING, PATIENCE = 4, 256, 20.0
#: Names and bytes that are remembered.
NAMES, BYTES = 10_000, 16 * 1024 * 1024
#: Seconds in which a question that went wrong is not asked again.
BRIEF = 3.0


@dataclass(slots=True)
class _Question:
    path: str
    limit: int
    answer: bytes | EduboxError | None = None


class Small:
    """See the module; shared by all threads."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._errands: Errands[_Question] = Errands("signatures", AT_ONCE, WAITING)
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, bytes | EduboxError]] = OrderedDict()
        self._bytes = 0

    def read(self, path: str, limit: int, patience: float = PATIENCE) -> bytes:
        """The bytes of *path*, at most a minute old. *patience*: seconds to wait.

        Raises MissingFile, Unreachable (TryLater if it takes longer), NotTrusted (more than *limit* bytes).
        """
        known = self._recall(path)
        if known is None:
            question, done = self._errands.send(path, lambda: _Question(path, limit), self._ask)
            _wait(done, patience, self._line.name)
            known = question.answer
        assert known is not None
        if isinstance(known, EduboxError):
            raise type(known)(**known.details)
        return known

    def _ask(self, question: _Question) -> None:
        try:
            with self._line.ask() as source:
                question.answer = source.read(question.path, question.limit)
        except TryLater:
            raise  # the line knows for how long
        except EduboxError as error:
            question.answer = error
        lasting = isinstance(question.answer, bytes | MissingFile)
        self._remember(question.path, question.answer, MINUTE if lasting else BRIEF)

    def _recall(self, path: str) -> bytes | EduboxError | None:
        with self._lock:
            until, known = self._known.get(path, (float("-inf"), None))
            return known if until > self._line.clock() else None

    def _remember(self, path: str, found: bytes | EduboxError, seconds: float) -> None:
        with self._lock:
            self._forget(path)
            self._known[path] = self._line.clock() + seconds, found
            self._bytes += len(found) if isinstance(found, bytes) else 0
            while len(self._known) > NAMES or self._bytes > BYTES:
                self._forget(next(iter(self._known)))

    def _forget(self, path: str) -> None:
        _, known = self._known.pop(path, (0.0, b""))
        self._bytes -= len(known) if isinstance(known, bytes) else 0


def _wait(done: Future[None], patience: float, name: str) -> None:
    try:
        done.result(patience)
    except Late:
        raise TryLater(source=name, seconds=LATER) from None
