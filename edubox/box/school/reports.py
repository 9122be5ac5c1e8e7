"""Problems that readers reported of lessons: no name, no device, and never more than somebody can read.

What several readers say alike is one line with a count. A lesson has at most ten lines and the list two hundred, so
that no single lesson fills it; each is a durable write, so there are at most ``A_MINUTE``. A problem leaves the
file when the desk says that it is done. It never leaves the school.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable

from edubox.box.school.classes import TITLE, line
from edubox.box.school.database import SchoolFile
from edubox.errors import TooMany
from edubox.pages.classroom import Report

KEPT, OF_A_LESSON, TEXT = 200, 10, 500
A_MINUTE = 20
_MINUTE = 60.0


class Turnstile:
    """Lets at most *most* pass in any minute of the clock *now* (seconds)."""

    def __init__(self, now: Callable[[], float], most: int = A_MINUTE) -> None:
        self._now, self._most = now, most
        self._passed: deque[float] = deque(maxlen=most)
        self._turn = threading.Lock()

    def lets_pass(self) -> bool:
        """Whether one more may pass, which is counted then."""
        with self._turn:
            now = self._now()
            if len(self._passed) == self._most and now - self._passed[0] < _MINUTE:
                return False
            self._passed.append(now)
            return True


def add(school: SchoolFile, lesson: str, part: str, title: str, kind: str, text: str, now: int) -> None:
    """Note a problem with the *part* (its entry path, or empty) of a lesson. Raises TooMany: the list is full.

    *kind* is a key of ``REPORTS``. Further words about a lesson that has its ten lines only count as the same.
    """
    words = line(text, TEXT)

    def work(db: sqlite3.Connection) -> None:
        same = (
            "UPDATE report SET count = count + 1, last = ? WHERE id = (SELECT max(id) FROM report WHERE {})"
        )
        if db.execute(
            same.format("lesson = ? AND part = ? AND kind = ? AND text = ?"), (now, lesson, part, kind, words)
        ).rowcount:
            return
        of_lesson = db.execute("SELECT count(*) FROM report WHERE lesson = ?", (lesson,)).fetchone()[0]
        if of_lesson >= OF_A_LESSON:
            db.execute(same.format("lesson = ?"), (now, lesson))
            return
        if db.execute("SELECT count(*) FROM report").fetchone()[0] >= KEPT:
            raise TooMany(limit=KEPT)
        db.execute(
            "INSERT INTO report (lesson, part, title, kind, text, first, last, count) VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
            (lesson, part, line(title, TITLE), kind, words, now, now),
        )

    school.write(work)


def every(school: SchoolFile) -> list[Report]:
    """All problems, those of most readers first."""
    query = (
        "SELECT id, lesson, part, title, kind, text, last, count FROM report ORDER BY count DESC, last DESC"
    )
    return school.read(lambda db: [Report(*row) for row in db.execute(query)], [])


def count(school: SchoolFile) -> int:
    """How many lines the list has."""
    return school.read(lambda db: int(db.execute("SELECT count(*) FROM report").fetchone()[0]), 0)


def done(school: SchoolFile, report: int) -> None:
    """Erase a problem that was dealt with."""
    school.write(lambda db: db.execute("DELETE FROM report WHERE id = ?", (report,)))
