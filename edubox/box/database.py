"""``box.db``: its connections, and what happens when SQLite finds it damaged.

Readers are many and short: one connection a thread, in the server's process, with plain ``sqlite3``. The
writer is a short-lived process (a synchronisation); each write is one transaction that a power cut does not
undo. A card that loses a page of the database must not lose the school its lessons: a reader says so calmly,
the next writer sets the damaged file aside and begins a new one, which the synchronisation fills again from
the lessons on the disk.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from edubox.errors import Busy, DamagedCatalogue, EduboxError, NoRoom, UnknownFormat, UnusablePath
from edubox.store.platform import sync_folder

#: Number of the tables' form, in SQLite's ``user_version``: one more with every change of ``schema``. An older file is
#: made anew like a damaged one, since everything in it is read out of the lessons.
FORMAT = 4
DAY = 86_400
#: Seconds to wait for another writer.
PATIENCE = 30.0
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_RELATED = ("", "-wal", "-shm")
T = TypeVar("T")


class Database:
    """The file *path*; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._checked = False

    def read(self, work: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """What *work* reads; *nothing* if there is no database yet. Raises DamagedCatalogue, UnusablePath."""
        try:
            connection = self._reader()
            return nothing if connection is None else work(connection)
        except sqlite3.Error as error:
            raise explained(error, self.path) from None

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Let *work* change the database in one durable transaction; nothing of it stays if it fails.

        A missing database is made, a damaged one set aside and made anew. Raises NoRoom, Busy.
        """
        try:
            if not self._checked:
                self._checked = True
                self._check_once_a_day()
            return self._write(work)
        except DamagedCatalogue:
            self._set_aside()
            return self._write(work)

    def rewrite(self) -> None:
        """Write the whole file anew, so that nothing deleted is left in it, nor in the files beside it.

        Raises NoRoom, Busy.
        """
        for end in _RELATED:
            Path(f"{self.path}.damaged{end}").unlink(missing_ok=True)
        if not self.path.exists():
            return
        # Until its segments are merged the search keeps the words of deleted passages.
        self.write(lambda db: db.execute("INSERT INTO passage (passage) VALUES ('optimize')"))
        try:
            with closing(self._connect()) as connection:
                connection.execute("VACUUM")
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            raise explained(error, self.path) from None
        if busy:
            raise Busy(path=self.path)

    def check(self) -> None:
        """Look at every page of the file. Raises DamagedCatalogue."""
        said = self.read(lambda db: str(db.execute("PRAGMA quick_check(1)").fetchone()[0]), "ok")
        if said != "ok":
            raise DamagedCatalogue(path=self.path, reason=said.splitlines()[-1])

    def _check_once_a_day(self) -> None:
        """Damage that only readers meet would stay for ever; but a large file on a slow card takes a while to read."""
        today = str(int(time.time()) // DAY)
        last = self.read(
            lambda db: db.execute("SELECT value FROM note WHERE key = 'checked'").fetchone(), None
        )
        if last is None or last["value"] != today:
            self.check()
            self._write(
                lambda db: db.execute(
                    "INSERT OR REPLACE INTO note (key, value) VALUES ('checked', ?)", (today,)
                )
            )

    def _reader(self) -> sqlite3.Connection | None:
        """This thread's connection to the file that has the name now."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return None
        file = (status.st_dev, status.st_ino)
        known: tuple[tuple[int, int], sqlite3.Connection] | None = getattr(self._local, "reader", None)
        if known is not None and known[0] == file:
            return known[1]
        if known is not None:
            known[1].close()
            del self._local.reader
        connection = self._connect()
        connection.execute("PRAGMA query_only = 1")
        self._local.reader = (file, connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        # Not "rwc": a database comes into being whole, in _create. A card that fails turns read-only, and SQLite could
        # not make its -shm file there; but then nobody writes, and the class goes on reading.
        mode = "mode=ro&immutable=1" if self._is_on_a_frozen_disk() else "mode=rw"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{mode}", uri=True, timeout=PATIENCE, isolation_level=None
        )
        try:
            connection.row_factory = sqlite3.Row
            found = connection.execute("PRAGMA user_version").fetchone()[0]
        except BaseException:
            connection.close()
            raise
        if found == 0:
            connection.close()
            raise DamagedCatalogue(path=self.path, reason="it is empty")
        if found < FORMAT:
            connection.close()
            raise DamagedCatalogue(path=self.path, reason="an older edubox wrote it")
        if found != FORMAT:
            connection.close()
            raise UnknownFormat(what=self.path.name, found=found, known=FORMAT)
        return connection

    def _is_on_a_frozen_disk(self) -> bool:
        # With -shm and -wal left behind SQLite can read them as they are, and must: they may hold the newest lessons.
        frozen = os.statvfs(self.path.parent).f_flag & os.ST_RDONLY != 0
        return frozen and not all(Path(f"{self.path}{end}").exists() for end in ("-wal", "-shm"))

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if not self.path.exists():
                self._create()
            with closing(self._connect()) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    result = work(connection)
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
                return result
        except sqlite3.Error as error:
            raise explained(error, self.path) from None

    def _create(self) -> None:
        from edubox.box.schema import create_tables

        beside = self.path.with_name(f"{self.path.name}.new")
        for end in _RELATED:
            Path(f"{beside}{end}").unlink(missing_ok=True)
        create_tables(beside, FORMAT)
        beside.replace(self.path)
        sync_folder(self.path.parent)

    def _set_aside(self) -> None:
        for end in _RELATED:
            source = Path(f"{self.path}{end}")
            if source.exists():
                source.replace(f"{self.path}.damaged{end}")
        sync_folder(self.path.parent)


def explained(
    error: sqlite3.Error, path: Path, damaged: type[EduboxError] = DamagedCatalogue
) -> EduboxError | sqlite3.Error:
    """Our error for *error* about the file *path* (*damaged* when SQLite finds damage); itself if it is a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGE:
        return damaged(path=path, reason=error)
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return NoRoom(path=path, reason=error)
    if code == sqlite3.SQLITE_BUSY:
        return Busy(path=path)
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return UnusablePath(path=path, reason=error)
    return error
