"""How often the lessons given to a class are opened: a number for each class, lesson and day, and nothing about who.

The links on a class's page say which class they are of; an opening by such a link is one more in a number in memory. No
address, no device, no time of day: nothing is there from which one could tell one pupil from another. The numbers are
written at most every ten minutes, with the first opening after that, so that a slow card has little to do; what a restart
loses is the last ten minutes' count. A day's numbers leave after half a year.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from edubox.box.school.database import SchoolFile
from edubox.errors import EduboxError

#: Seconds between two writings.
PAUSE = 600
#: Numbers in memory: a stranger may invent classes.
MOST = 2000
#: Days for which a number is kept.
KEPT = 183
_CODE = re.compile(r"[1-9]\d{5}\Z", re.ASCII)


class Openings:
    """The openings of the classes in *school*; *clock* gives seconds that only go forward. Safe to share between threads."""

    def __init__(self, school: SchoolFile, clock: Callable[[], float] = time.monotonic) -> None:
        self._school, self._clock = school, clock
        self._turn = threading.Lock()
        self._counted: Counter[tuple[str, str, str]] = Counter()
        self._written = clock()

    def count(self, code: str, lesson: str, today: date) -> None:
        """One opening more of *lesson* by a link of the class *code*; never raises."""
        if not _CODE.match(code):
            return
        with self._turn:
            key = (code, lesson, today.isoformat())
            if key in self._counted or len(self._counted) < MOST:
                self._counted[key] += 1
            due = self._clock() - self._written >= PAUSE
        if due:
            with contextlib.suppress(EduboxError):  # the number is not worth a page that fails
                self.write(today)

    def write(self, today: date) -> None:
        """Write what was counted, of classes and lessons that are there. Raises DamagedSchool, NoRoom, Busy."""
        with self._turn:
            counted, self._counted = self._counted, Counter()
            self._written = self._clock()
        if not counted or not self._school.path.exists():
            return

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM opening WHERE day < ?", ((today - timedelta(days=KEPT)).isoformat(),))
            for (code, lesson, day), number in counted.items():
                db.execute(
                    """INSERT INTO opening (class, lesson, day, count) SELECT DISTINCT class.id, lesson, ?, ? FROM class
                    JOIN given ON given.class = class.id WHERE code = ? AND lesson = ?
                    ON CONFLICT (class, lesson, day) DO UPDATE SET count = count + excluded.count""",
                    (day, number, code, lesson),
                )

        self._school.write(work)

    def of_class(self, code: str, since: date) -> dict[str, int]:
        """The openings of each lesson of the class *code* since a day, those in memory as well."""

        def work(db: sqlite3.Connection) -> dict[str, int]:
            rows = db.execute(
                """SELECT lesson, sum(count) FROM opening JOIN class ON class.id = class
                WHERE code = ? AND day >= ? GROUP BY lesson""", (code, since.isoformat()),
            )  # fmt: skip
            return {row[0]: row[1] for row in rows}

        nothing: dict[str, int] = {}
        found = Counter(self._school.read(work, nothing))
        with self._turn:
            for (one, lesson, day), number in self._counted.items():
                if one == code and day >= since.isoformat():
                    found[lesson] += number
        return dict(found)
