"""A hub made of a backup: every byte is looked at before there is a hub, and its place is chosen here, not by the backup.

The tar is unpacked beside the new folder and compared with the list at its end; then rows go into the new database in one
transaction, files into the new store, and a rename makes the folder. A backup is material: names that leave the folder, links,
and members that do not belong are refused.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from edubox.errors import AlreadyExists, BadBackup, BadInput, NotFound, UnsafePath
from edubox.hub import audit, migrations, rows
from edubox.hub.backup import (
    FILES,
    FOLDER,
    HEAD,
    LIST,
    ONLINE,
    PARTS,
    PIECE,
    TABLES,
    Counted,
    Made,
    Progress,
    files_of,
)  # fmt: skip
from edubox.hub.database import open_database
from edubox.hub.hub import INTAKE, MIRROR, MOVED, MOVING, database_address, open_hub, stores
from edubox.hub.settings import FILE, SETTINGS, load_settings
from edubox.hub.tables import about, released
from edubox.pack.names import check_path
from edubox.settings import toml
from edubox.store.platform import ensure_room, full_disk_is_no_room, make_folder, sync_folder
from edubox.trust import keys

#: Settings that say where a hub is, not what it is.
PLACE = ("database", "blobs", "s3_endpoint", "s3_region", "s3_credentials")
#: Bytes of the longest row and of the first member.
_ROW, _HEAD = 64 * 1024 * 1024, 64 * 1024


def restore(
    file: Path, data: Path, passphrase: Callable[[], str], settings_file: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Made:  # fmt: skip
    """Make the new folder *data* of the backup *file*; its database and files where *settings_file* says, or in the folder.

    *passphrase* is asked only if the backup has online keys. Raises BadBackup (cut or altered), AlreadyExists (the folder
    or the database holds something), NotFound, WrongPassphrase, NewerSchema, NoRoom, DatabaseAway, StoreAway; then there is no
    new hub, though an empty database may have received a part, which the next try removes.
    """
    data = data.absolute()
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise AlreadyExists(path=data)
    if not file.is_file():
        raise NotFound(what=f"The backup {file}")
    made = Made()
    make_folder(data.parent)
    ensure_room(data.parent, file.stat().st_size, 64)
    beside = data.with_name(f".{data.name[:100]}.{os.getpid()}.new")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        with full_disk_is_no_room(data.parent):
            beside.mkdir(mode=0o755)
            unpacked = beside / ".unpacked"
            unpacked.mkdir(mode=0o700)
            head = _unpack(file, unpacked, made, progress)
            _place(file, unpacked, beside, head, passphrase, settings_file)
            shutil.rmtree(unpacked)
            os.sync()
            beside.replace(data)
            sync_folder(data.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    hub = open_hub(data)
    try:
        made.head = audit.verify(hub.database, str(head["audit"]))
        hub.database.change(
            lambda connection: audit.write(
                connection, hub.now(), "system", "hub.restore", file.name, str(head["audit"])
            )
        )
    finally:
        hub.close()
    return made


def _unpack(file: Path, folder: Path, made: Made, progress: Progress) -> dict[str, Any]:
    """Write every member below *folder* and compare all with the list; says what the first one tells."""
    seen: list[tuple[str, int, str]] = []
    try:
        with tarfile.open(file, mode="r|") as tar:
            while (entry := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]
                content = tar.extractfile(entry) if entry.isreg() else None
                if content is None or not _belongs(entry.name):
                    raise BadBackup(path=file, reason=f"{entry.name[:100]!r} does not belong in it")
                target = folder / entry.name
                target.parent.mkdir(parents=True, exist_ok=True)
                counted = Counted(content)
                with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                    shutil.copyfileobj(counted, out, PIECE)
                    # A web server of another user reads the mirror.
                    os.fchmod(
                        out.fileno(),
                        0o600 | (entry.mode & 0o755 if entry.name.startswith(f"{FOLDER}{MIRROR}/") else 0),
                    )
                if entry.name != LIST:
                    seen.append((entry.name, counted.size, counted.digest.hexdigest()))
                made.members += 1
                made.size += counted.size
                progress(entry.name, made.members)
        with gzip.open(folder / LIST, "rt") as lines:
            if [tuple(json.loads(line)) for line in lines] != seen:
                raise BadBackup(path=file, reason="its members are not those of its list")
        with (folder / HEAD).open("rb") as handle:
            head: dict[str, Any] = json.loads(handle.read(_HEAD))
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, ValueError, RecursionError, OSError) as error:
        if isinstance(error, OSError) and not isinstance(
            error, (gzip.BadGzipFile, FileNotFoundError, FileExistsError)
        ):
            raise
        raise BadBackup(path=file, reason="it was cut or altered") from None
    if head.get("format") != 1 or not isinstance(head.get("schema"), int):
        raise BadBackup(path=file, reason="it is of another format; this edubox may need an update")
    if head["schema"] != migrations.latest():
        raise BadInput(
            reason=f"the backup has schema {head['schema']} and this edubox {migrations.latest()}: restore it with the edubox "
            f"{head.get('edubox')} that wrote it, and update then"
        )
    return head


def _place(
    file: Path, unpacked: Path, beside: Path, head: dict[str, Any], passphrase: Callable[[], str],
    settings_file: Path | None,
) -> None:  # fmt: skip
    """Make the hub of what was unpacked in the folder *beside*."""
    country = unpacked / "country"
    old = country / FILE
    values = load_settings(old) if old.exists() else {setting.name: setting.default for setting in SETTINGS}
    old.unlink(missing_ok=True)
    for part in PARTS:
        (country / part).rename(beside / part) if (country / part).is_dir() else (beside / part).mkdir()
    if not (beside / MIRROR / "directory").is_dir():
        raise BadBackup(path=file, reason="there is no country in it")
    for folder in (beside / "keys", *(one for one in (beside / "keys").rglob("*") if one.is_dir())):
        folder.chmod(0o700)
    if head.get("online_keys"):
        secret = passphrase()
        for path in (beside / ONLINE).iterdir():
            plain = keys.dump(keys.load(path, secret), None)
            path.unlink()
            keys.save(path, plain)
    (beside / "locks").mkdir(exist_ok=True)
    place = load_settings(settings_file) if settings_file else {}
    defaults = {setting.name: setting.default for setting in SETTINGS}
    values |= {name: place.get(name, defaults[name]) for name in PLACE}
    changed = {name: value for name, value in values.items() if value != defaults[name]}
    (beside / FILE).write_text(
        "".join(f"{name} = {toml(value)}\n" for name, value in changed.items()), "utf-8"
    )
    # Where the database will be found: a file is made in the folder that is renamed at the end.
    _tables(file, unpacked, database_address(beside, values))
    blobs, _ = stores(beside, values)
    for path in files_of(unpacked / INTAKE):
        blobs.put(path.relative_to(unpacked / INTAKE).as_posix(), path)


def _tables(file: Path, unpacked: Path, address: str) -> None:
    database = open_database(address)
    try:

        def fill(connection: Connection) -> bool:
            named = {row.key: row.value for row in connection.execute(select(about))}
            if MOVING not in named and any(rows.number(connection, table) for table in rows.tables()):
                return False
            connection.execute(delete(about).where(about.c.key != migrations.SCHEMA))
            connection.execute(insert(about).values(key=MOVING, value="restore"))
            for table in rows.tables():
                rows.empty(connection, table)
                if table is not released:
                    rows.add(connection, table, _rows(file, unpacked, table))
            rows.go_on_counting(connection)
            for key, value in _rows(file, unpacked, about):
                if key not in {migrations.SCHEMA, migrations.HUB, MOVED, MOVING}:
                    connection.execute(insert(about).values(key=key, value=value))
            # A hub of its own from now on: a move must not take the one for the other.
            connection.execute(insert(about).values(key=migrations.HUB, value=os.urandom(16).hex()))
            connection.execute(delete(about).where(about.c.key == MOVING))
            return True

        if not database.change(fill):
            raise AlreadyExists(path=f"A hub's database in {address.rpartition('@')[2]}")
    finally:
        database.close()


def _rows(file: Path, unpacked: Path, table: Table) -> Iterator[list[Any]]:
    """Rows of *table* as the backup has them."""
    path = unpacked / f"{TABLES}{table.name}.jsonl.gz"
    names = [column.name for column in table.columns]
    try:
        with gzip.open(path, "rb") as lines:
            if json.loads(lines.readline(_ROW)) != names:
                raise BadBackup(path=file, reason=f"its table {table.name} has other columns")
            while line := lines.readline(_ROW):
                row = json.loads(line)
                if not isinstance(row, list) or len(row) != len(names):
                    raise BadBackup(path=file, reason=f"a row of {table.name} is none")
                yield row
    except FileNotFoundError:
        raise BadBackup(path=file, reason=f"its table {table.name} is missing") from None


def _belongs(name: str) -> bool:
    try:
        check_path(name)
    except UnsafePath:
        return False
    return (
        name in {HEAD, LIST}
        or name.startswith((TABLES, FILES, *(f"{FOLDER}{part}/" for part in PARTS)))
        or (name == FOLDER + FILE)
    )
