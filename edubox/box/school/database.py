"""``school.db``: the file of what people wrote, which nothing else can give back.

Unlike ``box.db`` it is never made anew from lessons. Its form goes forward by the steps of ``FORMS``, a change is on
the disk before it is answered, and a damaged file is set aside, whatever its state, for somebody with more patience.
What is deleted is overwritten in the file (``secure_delete``), and a rollback journal keeps no copy of it, as a
write-ahead log would. Work opens the file and closes it again (0.14 ms): nobody holds one that was set aside.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from edubox.box.database import PATIENCE, explained
from edubox.errors import DamagedSchool, UnknownFormat
from edubox.store.platform import sync_folder

NAME = "school.db"
#: What each form adds to the one before; ``user_version`` counts them. Steps are only ever appended.
FORMS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE class (
            id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, level TEXT NOT NULL, home TEXT UNIQUE
        )""",
        """CREATE TABLE given (
            id INTEGER PRIMARY KEY, class INTEGER NOT NULL REFERENCES class ON DELETE CASCADE, lesson TEXT NOT NULL,
            part TEXT NOT NULL, title TEXT NOT NULL, note TEXT NOT NULL, day INTEGER NOT NULL, place INTEGER NOT NULL,
            withdrawn INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX given_class ON given (class)",
        """CREATE TABLE announcement (
            id INTEGER PRIMARY KEY, class INTEGER NOT NULL REFERENCES class ON DELETE CASCADE, text TEXT NOT NULL,
            until TEXT NOT NULL
        )""",
        "CREATE INDEX announcement_class ON announcement (class)",
        """CREATE TABLE showing (
            class INTEGER PRIMARY KEY REFERENCES class ON DELETE CASCADE, mark INTEGER NOT NULL, lesson TEXT NOT NULL,
            part TEXT NOT NULL, title TEXT NOT NULL, only INTEGER NOT NULL, began INTEGER NOT NULL, until INTEGER NOT NULL
        )""",
        """CREATE TABLE report (
            id INTEGER PRIMARY KEY, lesson TEXT NOT NULL, part TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL,
            text TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL
        )""",
    ),
    (  # classes of teachers, dated lessons, openings, hand-ins
        "ALTER TABLE class ADD COLUMN owner INTEGER",
        "ALTER TABLE class ADD COLUMN archived INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE colleague (
            class INTEGER NOT NULL REFERENCES class ON DELETE CASCADE, person INTEGER NOT NULL, PRIMARY KEY (class, person)
        )""",
        "ALTER TABLE given ADD COLUMN heading TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE given ADD COLUMN opens TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE given ADD COLUMN due TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE given ADD COLUMN party TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE opening (
            class INTEGER NOT NULL REFERENCES class ON DELETE CASCADE, lesson TEXT NOT NULL, day TEXT NOT NULL,
            count INTEGER NOT NULL, PRIMARY KEY (class, lesson, day)
        )""",
        """CREATE TABLE dropbox (
            id INTEGER PRIMARY KEY, class INTEGER NOT NULL REFERENCES class ON DELETE CASCADE, title TEXT NOT NULL,
            ask TEXT NOT NULL, until TEXT NOT NULL, erase TEXT NOT NULL, overdue INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX dropbox_class ON dropbox (class)",
        """CREATE TABLE handin (
            id TEXT PRIMARY KEY, dropbox INTEGER NOT NULL REFERENCES dropbox ON DELETE CASCADE, receipt TEXT NOT NULL,
            name TEXT NOT NULL, file TEXT NOT NULL, media TEXT NOT NULL, size INTEGER NOT NULL, at INTEGER NOT NULL
        )""",
        "CREATE INDEX handin_dropbox ON handin (dropbox)",
    ),
    (  # lessons that this school's teachers gave, and their versions
        """CREATE TABLE own_lesson (
            slug TEXT PRIMARY KEY, owner INTEGER NOT NULL, author TEXT NOT NULL, title TEXT NOT NULL, draft TEXT NOT NULL,
            staff TEXT NOT NULL DEFAULT '', withdrawn INTEGER NOT NULL DEFAULT 0,
            errand TEXT NOT NULL DEFAULT ''
        )""",
        """CREATE TABLE edition (
            slug TEXT NOT NULL REFERENCES own_lesson ON DELETE CASCADE, version INTEGER NOT NULL, at INTEGER NOT NULL,
            note TEXT NOT NULL, author TEXT NOT NULL, again INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (slug, version)
        )""",
    ),
    (  # accounts: who may use the desk, what lets somebody in once, who did what
        """CREATE TABLE person (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, role TEXT NOT NULL, secret TEXT NOT NULL,
            made INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0, until INTEGER NOT NULL DEFAULT 0
        )""",
        """CREATE TABLE invitation (
            hash TEXT PRIMARY KEY, kind TEXT NOT NULL, person INTEGER NOT NULL DEFAULT 0, made_by INTEGER NOT NULL,
            until INTEGER NOT NULL, name TEXT NOT NULL DEFAULT ''
        )""",
        """CREATE TABLE journal (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, person INTEGER NOT NULL, name TEXT NOT NULL,
            what TEXT NOT NULL, about TEXT NOT NULL DEFAULT ''
        )""",
    ),
    (  # for which classes a substitute stands in
        """CREATE TABLE substitute (
            person INTEGER NOT NULL, class INTEGER NOT NULL REFERENCES class ON DELETE CASCADE, PRIMARY KEY (person, class)
        )""",
    ),
)
_PRAGMAS = ("foreign_keys = 1", "secure_delete = 1", "synchronous = FULL")
_SECRET = 0o600
T = TypeVar("T")


class SchoolFile:
    """The ``school.db`` of the data folder *data*; safe to share between threads."""

    def __init__(self, data: Path) -> None:
        self.path = data / NAME
        self._turn = threading.Lock()
        self._checked = False
        self._written = 0

    def read(self, work: Callable[[sqlite3.Connection], T], nothing: T, *, patience: float = PATIENCE) -> T:
        """What *work* reads; *nothing* if nobody has written yet. It waits *patience* seconds for whoever writes.

        Raises DamagedSchool, UnknownFormat, UnusablePath, Busy.
        """
        if not self.path.exists():
            return nothing
        try:
            with closing(self._open(patience)) as db:
                return work(db)
        except sqlite3.Error as error:
            raise explained(error, self.path, DamagedSchool) from None

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Let *work* change the file in one durable transaction; nothing of it stays if it fails.

        A damaged file is set aside first. Raises NoRoom, Busy, UnknownFormat, UnusablePath.
        """
        with self._turn:
            try:
                if not self._checked:
                    self.check()
                    self._checked = True
                return self._write(work)
            except DamagedSchool:
                self._set_aside()
                return self._write(work)
            finally:
                self._written += 1

    def check(self) -> None:
        """Look at every page of the file. Raises DamagedSchool."""
        said = self.read(lambda db: str(db.execute("PRAGMA quick_check(1)").fetchone()[0]), "ok")
        if said != "ok":
            raise DamagedSchool(path=self.path, reason=said.splitlines()[-1])

    def copy(self, target: Path) -> bool:
        """Write the file as it is now to *target*; False if there is none. Raises DamagedSchool."""

        def work(db: sqlite3.Connection) -> bool:
            with closing(sqlite3.connect(target)) as copy:
                db.backup(copy)
            return True

        return self.read(work, False)

    def damaged(self) -> list[Path]:
        """Files that were set aside and are still here."""
        found = self.path.parent.glob(f"{NAME}.damaged-*")
        return sorted(path for path in found if path.name.rpartition("-")[2].isdecimal())

    def version(self) -> tuple[int, ...]:
        """Another one whenever what is written may be another: what was read at this version need not be read again."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return (self._written,)
        # The time of a change is too coarse for two in a row; those of this process are counted.
        return (self._written, status.st_ino, status.st_mtime_ns, status.st_size)

    def _open(self, patience: float = PATIENCE) -> sqlite3.Connection:
        """The existing file, in today's form."""
        db = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw", uri=True, timeout=patience, isolation_level=None
        )
        try:
            db.row_factory = sqlite3.Row
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
            self._bring_here(db)
        except BaseException:
            db.close()
            raise
        return db

    def _bring_here(self, db: sqlite3.Connection) -> None:
        """Let *db* have today's form. Raises DamagedSchool, UnknownFormat."""
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            raise DamagedSchool(path=self.path, reason="it is empty")
        if found > len(FORMS):
            raise UnknownFormat(what=NAME, found=found, known=len(FORMS))
        if found < len(FORMS):
            _bring_forward(db)

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if not self.path.exists():
                self._create()
            with closing(self._open()) as db:  # which rolls back what was not committed
                db.execute("BEGIN IMMEDIATE")
                result = work(db)
                db.execute("COMMIT")
                return result
        except sqlite3.Error as error:
            raise explained(error, self.path, DamagedSchool) from None

    def _create(self) -> None:
        """A new file, whole before it has its name: an empty one is a file that was lost, not one that begins."""
        beside = self.path.with_name(f"{NAME}.new")
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _SECRET))
        with closing(sqlite3.connect(beside, isolation_level=None)) as db:
            _bring_forward(db)
        beside.replace(self.path)
        sync_folder(self.path.parent)

    def _set_aside(self) -> None:
        number = 1 + max((int(path.name.rpartition("-")[2]) for path in self.damaged()), default=0)
        for end in ("-journal", ""):  # an unfinished change belongs to its file
            source = Path(f"{self.path}{end}")
            if source.exists():
                source.replace(self.path.with_name(f"{NAME}.damaged-{number}{end}"))
        sync_folder(self.path.parent)


def _bring_forward(db: sqlite3.Connection) -> None:
    """Let *db* take every step to today's form, all or none."""
    db.execute("BEGIN IMMEDIATE")
    for form in FORMS[db.execute("PRAGMA user_version").fetchone()[0] :]:
        for statement in form:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {len(FORMS):d}")
    db.execute("COMMIT")
