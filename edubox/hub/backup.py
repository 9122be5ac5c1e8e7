"""A hub in one file, written while it serves; ``restore`` makes a hub of such a file.

The file is a tar of plain members: what the database holds, one line of JSON a row, from one moment; then the files of the
intake; then the country's folder. Each repository's timestamp was read before its other files, so what it names is there;
what was published a second later is not named and does no harm. At the end stands a list of all members with their SHA-256: a file
without it was cut. Only the engine decides where rows and files lie, so a backup of PostgreSQL and a bucket restores to a
folder, and the other way round.

Wrapped keys (``keys/``) are in it as they are. The two online keys are not wrapped on the hub, and no backup holds them so: they
are wrapped with the passphrase that is given, or left out. It holds what the database holds, hashes of passwords and lessons that
nobody accepted: who may read the hub's folder may read it, and nobody else (0600).
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Table

from edubox import __version__
from edubox.errors import AlreadyExists, MissingFile
from edubox.hub import audit, migrations, rows
from edubox.hub.hub import INTAKE, MIRROR, Hub
from edubox.hub.settings import FILE
from edubox.hub.tables import about, released
from edubox.store.platform import full_disk_is_no_room, sync_folder
from edubox.trust import keys

#: First and last member; folders of what lies between.
HEAD, LIST = "backup.json", "list.jsonl.gz"
TABLES, FILES, FOLDER = "tables/", f"{INTAKE}/", "country/"
ONLINE = "keys/online"
#: Parts of the country's folder; what begins with a dot is work that nobody finished.
PARTS = (MIRROR, "keys")
PIECE = 1024 * 1024
Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Made:
    """What a backup holds: members, bytes, the head of its audit."""

    members: int = 0
    size: int = 0
    head: str = ""


def write(hub: Hub, target: Path, passphrase: str | None, progress: Progress = lambda *_: None) -> Made:
    """Write the backup of *hub* to *target*, whole or not at all; an older backup there is replaced.

    *passphrase* wraps the online keys; None leaves them out. *progress* gets (what, members so far). Raises AlreadyExists
    (something else is there), NoRoom, DatabaseAway, StoreAway.
    """
    target = target.absolute()
    if target.exists() and not _is_backup(target):
        raise AlreadyExists(path=target)
    made = Made()
    beside = target.with_name(f".{target.name[:100]}.new")
    with full_disk_is_no_room(target.parent):
        try:
            beside.unlink(missing_ok=True)
            handle = os.open(
                beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
            with (
                open(handle, "wb") as out,
                tempfile.TemporaryDirectory(dir=target.parent, prefix=".edubox-") as work,
            ):
                with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                    writer = _Writer(tar, Path(work), made, progress)
                    _write(hub, writer, passphrase)
                out.flush()
                os.fsync(out.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(target.parent)
    made.size = target.stat().st_size
    return made


def _write(hub: Hub, writer: _Writer, passphrase: str | None) -> None:
    with hub.database.read() as connection:
        schema = migrations.schema(connection)
        head = audit.head(connection)
        writer.bytes(HEAD, json.dumps({
            "format": 1, "edubox": __version__, "schema": schema, "made": hub.now(), "audit": head,
            "online_keys": passphrase is not None,
        }).encode())  # fmt: skip
        for table in (about, *rows.tables()):
            if table is not released:
                writer.table(connection, table)
    writer.made.head = head
    for one in hub.blobs.blobs():
        # What was collected since the rows were read, nothing needs.
        with contextlib.suppress(MissingFile):
            writer.copy(FILES + one.key, lambda key=one.key: hub.blobs.read(key))  # type: ignore[misc]
    if (hub.data / FILE).is_file():
        writer.file(FOLDER + FILE, hub.data / FILE)
    # Timestamps first: whatever they name was there before them.
    stamps = sorted((hub.data / MIRROR).glob("**/metadata/timestamp.json"))
    for path in stamps:
        writer.file(FOLDER + path.relative_to(hub.data).as_posix(), path)
    named = set(stamps)
    for part in PARTS:
        for path in files_of(hub.data / part):
            name = path.relative_to(hub.data).as_posix()
            if path in named:
                continue
            if not name.startswith(f"{ONLINE}/"):
                with contextlib.suppress(FileNotFoundError):  # erased meanwhile
                    writer.file(FOLDER + name, path)
            elif passphrase is not None:
                writer.bytes(FOLDER + name, keys.dump(keys.load(path), passphrase))
    writer.list()


class _Writer:
    """Members of the tar, each counted with its hash for the list at the end."""

    def __init__(self, tar: tarfile.TarFile, work: Path, made: Made, progress: Progress) -> None:
        self._tar, self._work, self.made, self._progress = tar, work, made, progress
        self.listed = False
        self._list = gzip.open(work / "list", "wb", compresslevel=6)  # noqa: SIM115 - closed by ``list``

    def bytes(self, name: str, data: bytes) -> None:
        self._add(name, io.BytesIO(data), len(data))

    def file(self, name: str, path: Path) -> None:
        with path.open("rb") as handle:
            about_it = os.fstat(handle.fileno())
            self._add(name, handle, about_it.st_size, about_it.st_mode & 0o755)

    def table(self, connection: Connection, table: Table) -> None:
        path = self._work / "table"
        with gzip.open(path, "wb", compresslevel=6) as out:
            out.write(json.dumps([column.name for column in table.columns]).encode() + b"\n")
            for row in rows.rows(connection, table):
                out.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")
        self.file(f"{TABLES}{table.name}.jsonl.gz", path)

    def copy(self, name: str, opened: Callable[[], Any]) -> None:
        """By way of a file here: a member's size stands before its bytes."""
        path = self._work / "blob"
        with opened() as stream, path.open("wb") as out:
            shutil.copyfileobj(stream, out, PIECE)
        self.file(name, path)

    def list(self) -> None:
        self._list.close()
        self.listed = True
        self.file(LIST, self._work / "list")

    def _add(self, name: str, stream: BinaryIO, size: int, mode: int = 0o600) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, mode
        counted = Counted(stream)
        self._tar.addfile(entry, counted)
        self._tar.members = []  # type: ignore[attr-defined]  # a stream is never gone back in
        if not self.listed:
            self._list.write(json.dumps([name, size, counted.digest.hexdigest()]).encode() + b"\n")
        self.made.members += 1
        self._progress(name, self.made.members)


class Counted:
    """A stream whose bytes are hashed as they pass."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        data: bytes = self._stream.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data


def files_of(folder: Path) -> Iterator[Path]:
    """Every file below *folder* but what begins with a dot, or lies in a folder that does."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _is_backup(path: Path) -> bool:
    try:
        with tarfile.open(path, mode="r|") as tar:
            first = tar.next()
            return first is not None and first.name == HEAD
    except (tarfile.TarError, OSError):
        return False
