"""A hub moves from one engine to another, in either direction: its rows, the files of the intake, the mirror of a bucket.

The country's folder stays where it is; what moves is what ``hub.toml`` names: the database, and where files are. The new
place is described by a second file of settings. The hub is stopped meanwhile: the lock of its folder is taken alone, and
PostgreSQL is asked who else is there. The new database must be empty, or hold what an earlier, cut run of the same move left: that
is taken up table by table and file by file. Everything is read back and compared before the settings are swapped; the old
place keeps all it had, marked as left, so that no process goes on with it by mistake.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Table, delete, insert, select, text

from edubox.errors import AlreadyExists, BadInput, Busy
from edubox.hub import audit, migrations, release, rows
from edubox.hub.database import Database, open_database
from edubox.hub.errors import LostOnTheWay
from edubox.hub.hub import MIRROR, MOVED, MOVING, database_address, stores, use
from edubox.hub.settings import FILE, load_settings
from edubox.hub.tables import about, released
from edubox.store.blobs import BlobStore
from edubox.store.platform import write_atomic

#: Lines of ``about`` that are the database's own.
_OWN = (migrations.SCHEMA, MOVED, MOVING)
_PIECE = 1024 * 1024
#: Tables that speak of the place, not of the hub.
_OF_THE_PLACE = (released,)
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Moved:
    """What was moved: rows of each table, files, bytes."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    size: int = 0
    head: str = ""


def move(data: Path, settings_file: Path, progress: Progress = lambda *_: None) -> Moved:
    """Move the hub of *data* to where *settings_file* says, and make that its ``hub.toml``.

    *progress* gets (what, done, in all). Raises BadInput, NotFound, Busy (somebody uses the hub), AlreadyExists (the new
    database holds something else), LostOnTheWay, DatabaseAway, StoreAway, NoRoom; then the hub is where it was.
    """
    old, new = load_settings(data / FILE), load_settings(settings_file)
    if not settings_file.is_file():
        raise BadInput(reason=f"there is no file {settings_file}")
    sources, targets = database_address(data, old), database_address(data, new)
    if sources == targets and old["blobs"] == new["blobs"]:
        raise BadInput(reason=f"{settings_file} says what {FILE} says: nothing would move")
    done = Moved()
    with ExitStack() as stack:
        stack.callback(os.close, use(data, alone=True))
        source = open_database(sources)
        stack.callback(source.close)
        if sources != targets:
            target = open_database(targets)
            stack.callback(target.close)
            _refuse_company(source)
            identity = _identity(source)
            _ready(target, identity, targets)
            _rows(source, target, done, progress)
        else:
            target = source
        (blobs, _), (new_blobs, public) = stores(data, old), stores(data, new)
        if old["blobs"] != new["blobs"]:
            _files(blobs, new_blobs, data, done, progress)
        if new["blobs"]:
            release.copy(data / MIRROR, public, target, whole=True, progress=progress)
        done.head = audit.verify(target)
        if target is not source:
            target.change(lambda connection: connection.execute(delete(about).where(about.c.key == MOVING)))
        # First the new way, then the sign at the old place: cut in between, the hub runs at the new one.
        if (data / FILE).exists():
            shutil.copyfile(data / FILE, data / f"{FILE}.before")
        write_atomic(data / FILE, settings_file.read_bytes(), 0o640)
        if target is not source:
            source.change(lambda connection: connection.execute(insert(about).values(key=MOVED, value="")))
    return done


def _refuse_company(source: Database) -> None:
    """Raise Busy when another process is connected to PostgreSQL, from whatever computer."""
    if source.engine.dialect.name != "postgresql":
        return
    # Own connections of the pool that wait are closed first.
    source.engine.dispose()
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    with source.read() as connection:
        if connection.execute(asked).scalar():
            raise Busy(path=source.engine.url.render_as_string(hide_password=True))


def _identity(source: Database) -> str:
    with source.read() as connection:
        named = {row.key: row.value for row in connection.execute(select(about))}
    if MOVED in named or MOVING in named:
        raise BadInput(reason=f"the database that {FILE} names is not the hub's any more, or not yet")
    return str(named[migrations.HUB])


def _ready(target: Database, identity: str, address: str) -> None:
    """Take the new database: an empty one, one of a cut run, or the one that this hub left earlier. Raises AlreadyExists."""

    def take(connection: Connection) -> bool:
        named = {row.key: row.value for row in connection.execute(select(about))}
        if named.get(MOVING) == identity:
            return True
        mine = named.get(migrations.HUB) == identity
        if not mine and any(rows.number(connection, table) for table in rows.tables()):
            return False
        for table in rows.tables():
            rows.empty(connection, table)
        connection.execute(delete(about).where(about.c.key != migrations.SCHEMA))
        connection.execute(insert(about).values(key=MOVING, value=identity))
        return True

    if not target.change(take):
        raise AlreadyExists(path=f"A hub's database in {address.rpartition('@')[2]}")


def _rows(source: Database, target: Database, done: Moved, progress: Progress) -> None:
    """Copy every table and compare; what an earlier run brought whole is not sent again."""
    wanted = [table for table in rows.tables() if table not in _OF_THE_PLACE]
    with source.read() as connection:
        total = sum(rows.number(connection, table) for table in wanted)
        before = 0
        for table in wanted:
            progress("rows", before, total)
            sent = rows.digest(connection, table)
            if _digest(target, table) != sent:

                def copy(there: Connection, table: Table = table) -> None:
                    rows.empty(there, table)
                    rows.add(there, table, rows.rows(connection, table))

                target.change(copy)
                if _digest(target, table) != sent:
                    raise LostOnTheWay(what=f"The table {table.name}")
            done.rows[table.name] = int(sent.partition(":")[0])
            before += done.rows[table.name]
        own = connection.execute(select(about).where(about.c.key.not_in(_OWN))).all()

    def finish(there: Connection) -> None:
        rows.go_on_counting(there)
        connection_rows = [{"key": row.key, "value": row.value} for row in own]
        there.execute(delete(about).where(about.c.key.in_([row["key"] for row in connection_rows])))
        there.execute(insert(about), connection_rows)

    target.change(finish)
    progress("rows", total, total)


def _digest(database: Database, table: Table) -> str:
    with database.read() as connection:
        return rows.digest(connection, table)


def _files(source: BlobStore, target: BlobStore, data: Path, done: Moved, progress: Progress) -> None:
    """Copy the intake's files and read each back; one that is there with its hash is not sent again."""
    found = list(source.blobs())
    total = sum(one.size for one in found)
    with tempfile.TemporaryDirectory(dir=data, prefix=".move-") as folder:
        beside = Path(folder) / "file"
        for one in found:
            progress("files", done.size, total)
            sent = _fetch(source, one.key, beside)
            if target.size(one.key) != one.size or _hash(target, one.key) != sent:
                target.put(one.key, beside)
                if _hash(target, one.key) != sent:
                    raise LostOnTheWay(what=f"The file {one.key}")
            beside.unlink()
            done.files += 1
            done.size += one.size
    progress("files", total, total)


def _fetch(store: BlobStore, key: str, path: Path) -> str:
    digest = hashlib.sha256()
    with store.read(key) as stream, path.open("xb") as out:
        while data := stream.read(_PIECE):
            digest.update(data)
            out.write(data)
    return digest.hexdigest()


def _hash(store: BlobStore, key: str) -> str:
    digest = hashlib.sha256()
    with store.read(key) as stream:
        while data := stream.read(_PIECE):
            digest.update(data)
    return digest.hexdigest()
