"""What no mirror has of a box, in one encrypted file, and a box made of such a file.

``write`` runs unattended: it needs the box, not the recovery code. It takes the settings, the keys, what the
school publishes (signatures, bundles, films) and the directory, so that a restored box shows its own lessons
without a line; what people wrote (``school.db``), offered to the academy, are still making (drafts) and pupils handed in; of
``box.db`` only tables that are not read out of lessons.
Lessons of others come again with the next synchronisation. The writer key stays behind, since another computer
may not use it: who restores gets a new one. ``restore`` reads the file twice. The first time it only checks
every byte; the second time it makes the folder beside its place, and a rename makes it a box.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from edubox.box.database import FORMAT as TABLES
from edubox.box.own import identity, recovery
from edubox.box.own.repository import listed
from edubox.box.schema import create_tables
from edubox.box.school.database import NAME as SCHOOL
from edubox.box.school.database import SchoolFile
from edubox.box.school.handins import FOLDER as HANDINS
from edubox.box.setup import FOLDERS
from edubox.box.teacher import drafts
from edubox.errors import AlreadyExists, BadBackup, DamagedSchool, EduboxError, NotFound, UnsafePath
from edubox.pack.manifest import MAX_MANIFEST, parse
from edubox.pack.names import check_path, is_staff
from edubox.store.layout import DIRECTORY, STAFF, bundle_path, object_path
from edubox.store.lock import lock
from edubox.store.notes import read_note
from edubox.store.platform import ensure_room, full_disk_is_no_room, make_folder, sync_folder, write_atomic
from edubox.sync import offers

if TYPE_CHECKING:
    from edubox.box.own.sealed import Opened

#: Files at the top of the data folder; those that are absent are left out.
_FILES = ("box.toml", "urgent.json", "usage.json", "control.json", "enrolment.json")
_KEYS = ("root.json", "clock.json", "own.json", "first", "wifi.json")
_TABLES = "box.db"
#: Tables of ``box.db`` that cannot be read out of lessons.
_OWN_TABLES = ("repository",)
#: What of a draft was not made by the box; the rest is put together again.
_OF_DRAFT = re.compile(
    rf"{drafts.FOLDER}/[a-z2-7]{{26}}/(?:{re.escape(drafts.NOTE)}|(?:{drafts.FILES}|{drafts.STAFF})/.+)\Z"
)
_NOTE = "backup.json"
_SECRET, _PLAIN = 0o600, 0o644
#: What nobody else on the computer reads.
_PRIVATE = ("keys/", f"{HANDINS}/", f"{drafts.FOLDER}/")
_COPY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """When the last backup was made (UTC), and where it went."""

    when: datetime
    file: str
    size: int


def write(data: Path, target: Path, *, system: datetime | None = None) -> Made:
    """Write the backup of the box in *data* to *target*, whole or not at all; an older backup there is replaced.

    Raises AlreadyExists (something else is there), NotFound (the box has no identity), NoRoom, Busy.
    """
    from edubox.box.own.sealed import MAGIC, Sealer

    target = target.absolute()
    if target.exists() and not _begins_with(target, MAGIC):
        raise AlreadyExists(path=target)
    with lock(data / ".lock"), full_disk_is_no_room(target.parent):
        own = identity.read(data)
        # Always the same name, unlike ``replacing``: what a killed backup left on a stick is written over.
        beside = target.with_name(f".{target.name[:100]}.new")
        try:
            beside.unlink(missing_ok=True)
            # On a stick somebody may have left a link in its place, which would lead the writing elsewhere.
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _SECRET)
            with open(handle, "wb") as out, tempfile.TemporaryDirectory(dir=data / "staging") as work:
                sealer = Sealer(out, own.backup_key, own.backup_maker)
                with tarfile.open(
                    fileobj=cast("BinaryIO", sealer), mode="w|", format=tarfile.PAX_FORMAT
                ) as tar:
                    for name, path in _contents(data, own, Path(work)):
                        with contextlib.suppress(FileNotFoundError):  # taken back meanwhile
                            _add(tar, name, path)
                sealer.close()
                out.flush()
                os.fsync(out.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(target.parent)
        made = Made(identity.now_on(data, system), str(target), target.stat().st_size)
        value = {"format": 1, "when": made.when.isoformat(), "file": made.file, "size": made.size}
        write_atomic(data / _NOTE, json.dumps(value).encode())
    return made


def last(data: Path) -> Made | None:
    """The last backup that was made of the box in *data*, None if there was none."""
    try:
        value = read_note(data / _NOTE)
        when = datetime.fromisoformat(value["when"])
        return Made(when if when.tzinfo else when.replace(tzinfo=UTC), str(value["file"]), int(value["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def restore(file: Path, data: Path, typed: str) -> None:
    """Make the new folder *data* of the backup *file*, with the recovery code as *typed*; it serves at once.

    It publishes only after ``takeover.restored_backup``. Raises BadRecoveryCode, WrongRecoveryCode, BadBackup
    (cut or altered), AlreadyExists, NotFound, NoRoom; then there is nothing new.
    """
    from edubox.box.own.sealed import Opened

    data = data.absolute()
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise AlreadyExists(path=data)
    if not file.is_file():
        raise NotFound(what=f"The backup {file}")
    secrets = recovery.derive(recovery.parse(typed))
    with file.open("rb") as stream:
        Opened(file, stream, secrets).drain()
        make_folder(data.parent)
        ensure_room(data.parent, os.fstat(stream.fileno()).st_size, 64)
        stream.seek(0)
        beside = data.with_name(f".{data.name[:100]}.{os.getpid()}.new")
        try:
            with full_disk_is_no_room(data.parent):
                beside.mkdir()
                for name in FOLDERS:
                    (beside / name).mkdir(mode=0o700 if name == "keys" else 0o755)
                _unpack(file, Opened(file, stream, secrets), beside)
                try:
                    identity.write(beside, replace(identity.read(beside), restored=True))
                except EduboxError as error:
                    raise BadBackup(path=file, reason=str(error)) from None
                os.sync()
                beside.replace(data)
                sync_folder(data.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _contents(data: Path, own: identity.Own, work: Path) -> Iterator[tuple[str, Path]]:
    """Everything that goes into the backup: its name there, and where it lies."""
    names = [*_FILES, *(f"keys/{name}" for name in _KEYS)]
    for folder in (DIRECTORY, own.prefix):
        names += sorted(
            path.relative_to(data).as_posix()
            for path in (data / "mirror" / folder).rglob("*")
            if path.is_file() and not path.name.startswith(".")
        )
    names += [path.relative_to(data).as_posix() for path in (data / offers.FOLDER).glob("*.json")]
    for slug, index in listed(data / "mirror", own.prefix).items():
        shelf = f"mirror/{STAFF}" if is_staff(slug) else "mirror"
        names += [f"{shelf}/{bundle_path(bundle.sha256)}" for bundle in index.bundles]
        names += [
            f"{shelf}/{object_path(sha256)}"
            for sha256 in _files(data / shelf, index.manifest, is_staff(slug))
        ]
    for name in dict.fromkeys(names):
        if (data / name).is_file():
            yield name, data / name
    if _copy_tables(data / _TABLES, work / _TABLES):
        yield _TABLES, work / _TABLES
    yield from _handed_in(data)
    yield from _drafts(data)
    # The doctor tells of a damaged one; what else there is must be saved all the more.
    with contextlib.suppress(DamagedSchool):
        if SchoolFile(data).copy(work / SCHOOL):
            yield SCHOOL, work / SCHOOL


def _handed_in(data: Path) -> Iterator[tuple[str, Path]]:
    """The files that pupils handed in; one may be taken back while the others are written."""
    for path in sorted((data / HANDINS).glob("*/*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(data).as_posix(), path


def _drafts(data: Path) -> Iterator[tuple[str, Path]]:
    """What teachers gave for lessons that they are making, without what was thrown away."""
    for note in sorted((data / drafts.FOLDER).glob(f"*/{drafts.NOTE}")):
        place = note.parent
        try:
            thrown = drafts.read(data, place.name).thrown
        except NotFound:
            continue
        tops = () if thrown else (drafts.FILES, drafts.STAFF)
        found = [place / top / path for top in tops for path in drafts.paths(place / top)]
        # Its note comes last: a draft that was restored in part is none.
        yield from (
            (path.relative_to(data).as_posix(), path) for path in (*found, *(() if thrown else (note,)))
        )


def _files(shelf: Path, manifest: str, every: bool) -> list[str]:
    """The films of a version, as its list of files names them once it has been shown; with *every* all that it needs.

    What is for teachers only is opened as it lies there: nothing unpacks it again.
    """
    try:
        with (shelf / object_path(manifest)).open("rb") as handle:
            found = [
                file.sha256 for file in parse(handle.read(MAX_MANIFEST + 1)).files if file.media or every
            ]
    except (OSError, EduboxError):
        return []
    return [manifest, *found] if every else found


def _copy_tables(source: Path, target: Path) -> bool:
    """Copy the tables that are not made of lessons; False when the database is absent or damaged."""
    if not source.exists():
        return False
    create_tables(target, TABLES)
    try:
        with closing(sqlite3.connect(target, uri=True)) as copy:
            copy.execute("ATTACH ? AS box", (f"{source.absolute().as_uri()}?mode=ro",))
            for table in _OWN_TABLES:
                copy.execute(f"INSERT INTO main.{table} SELECT * FROM box.{table}")  # noqa: S608 - names of ours
            copy.commit()
    except sqlite3.Error:
        return False
    return True


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as handle:
        entry = tarfile.TarInfo(name)
        entry.size = os.fstat(handle.fileno()).st_size
        tar.addfile(entry, handle)
    tar.members = []  # type: ignore[attr-defined] # a stream is never gone back in, and a large school has many files


def _unpack(file: Path, plain: Opened, folder: Path) -> None:
    """Write every member below *folder*; it was made by the box itself, and is looked at all the same."""
    try:
        with tarfile.open(fileobj=cast("BinaryIO", plain), mode="r|") as tar:
            while (entry := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]
                content = tar.extractfile(entry) if entry.isreg() else None
                if content is None or not _belongs(entry.name):
                    raise BadBackup(path=file, reason=f"{entry.name!r} does not belong in it")
                target = folder / entry.name
                target.parent.mkdir(parents=True, exist_ok=True)
                private = entry.name.startswith(_PRIVATE) or entry.name == SCHOOL
                mode = _SECRET if private else _PLAIN
                with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
                    shutil.copyfileobj(content, out, _COPY)
    except (tarfile.TarError, FileExistsError) as error:
        raise BadBackup(path=file, reason=str(error)) from None
    plain.drain()


def _belongs(name: str) -> bool:
    try:
        check_path(name)
    except UnsafePath:
        return False
    if offers.NAMED.match(name) or _OF_DRAFT.match(name):
        return True
    return name in {*_FILES, _TABLES, SCHOOL} or name.startswith(("keys/", "mirror/", f"{HANDINS}/"))


def _begins_with(path: Path, magic: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return handle.read(len(magic)) == magic
