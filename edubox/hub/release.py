"""The mirror, copied into the bucket from which readers get it: all of a publication, or what was there before.

A publication is made in the country's folder (``edubox.publishing``), where clients have tried it. This copies what is new, in
TUF's order: first every timestamp is read, then shelves of objects and bundles go up, then each repository's targets and
metadata, its new roots, and its timestamp as it was read; the directory comes last, since it speaks of the others. So whatever a
timestamp in the bucket names is in the bucket. What has left the folder (erased, recalled) is deleted at the very end. A folder
that is older than the bucket, or lacks much of it, such as an old backup or a disk that is not there, changes nothing.

What is up is written down (table ``released``), so a run that was cut goes on where it was, and one without news reads only
timestamps. A *whole* run trusts no note and compares with the bucket itself. ``staff/`` never goes there. One run at a time.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from edubox.errors import BadInput, MissingFile, NotFound
from edubox.hub.database import Database
from edubox.hub.errors import OlderThanBucket
from edubox.hub.hub import Hub
from edubox.hub.queue import Job
from edubox.hub.tables import released
from edubox.store.blobs import BlobStore
from edubox.store.folder import FolderStore
from edubox.store.layout import BUNDLES, DIRECTORY, OBJECTS, PUBLISHERS, metadata_path
from edubox.store.lock import lock

#: Files on their way at once.
AT_ONCE = 8
#: Files that leave in one run, unless it is a whole one.
MOST_GONE = 1000
#: Nanoseconds within which a folder may change again without its time telling so.
_FRESH = 2_000_000_000
#: Bytes of the largest timestamp; rows written at once.
_MAX_TIMESTAMP, _ROWS = 64 * 1024, 200
_ROOT = re.compile(r"/metadata/\d+\.root\.json\Z")
_METADATA = re.compile(r"/metadata/")
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Released:
    """What a run did."""

    files: int = 0
    size: int = 0
    deleted: list[str] = field(default_factory=list)
    repositories: int = 0


def job(hub: Hub, _: Job) -> None:
    """The queued work of this room: it comes again every few minutes, and does nothing without a bucket."""
    if hub.in_bucket:
        release(hub)


def release(hub: Hub, *, whole: bool = False, progress: Progress = lambda *_: None) -> Released:
    """Bring the bucket up to the folder. *progress* gets (what, done, in all).

    Raises BadInput (there is no bucket), Busy, StoreAway, NoRoom, DatabaseAway; then readers see what they saw, or some
    repositories newer, each whole.
    """
    if not hub.in_bucket:
        raise BadInput(reason="this hub has no bucket: readers get the mirror from its folder")
    with lock(hub.data / "locks" / "release.lock"):
        return copy(hub.mirror, hub.public, hub.database, whole=whole, progress=progress)


def copy(
    mirror: Path, bucket: BlobStore, database: Database, *, whole: bool = False, progress: Progress = lambda *_: None
) -> Released:  # fmt: skip
    """See ``release``; the lock is held. Raises NotFound (no directory in *mirror*), OlderThanBucket."""
    if not (mirror / metadata_path(DIRECTORY, "timestamp")).is_file():
        raise NotFound(what=f"The directory of {mirror}")
    folder = FolderStore(mirror)
    notes = _Notes(database, forget=whole)
    done = Released()
    gone: list[str] = []
    # The order of the next two lines is the promise: what a timestamp names was there when it was written.
    stamps = {prefix: data for prefix, data in _timestamps(mirror) if notes.get(prefix) != _hash(data)}
    shelves = [(name, mark) for name, mark in _shelves(mirror) if notes.get(name) != mark or whole]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, (name, mark) in enumerate(shelves):
            progress("files of lessons", number, len(shelves))
            missing, extra = _differences(folder, bucket, f"{name}/")
            for _ in pool.map(lambda key: bucket.put(key, mirror / key), missing):
                pass
            _count(done, mirror, missing)
            gone += extra
            if not extra:
                notes.put(name, mark)

        def one(prefix: str) -> tuple[str, list[str], list[str]]:
            return _repository(mirror, folder, bucket, prefix, stamps[prefix])

        for number, (prefix, missing, extra) in enumerate(
            pool.map(one, [prefix for prefix in stamps if prefix != DIRECTORY])
        ):
            progress("repositories", number, len(stamps))
            _count(done, mirror, missing)
            gone += extra
            notes.put(prefix, _hash(stamps[prefix]))
        notes.write()
        if DIRECTORY in stamps:
            _, missing, extra = one(DIRECTORY)
            _count(done, mirror, missing)
            gone += extra
            notes.put(DIRECTORY, _hash(stamps[DIRECTORY]))
        if len(gone) > MOST_GONE and not whole:
            raise BadInput(
                reason=f"{mirror} lacks {len(gone)} files that the bucket has; if its disk is whole, release it with --whole"
            )
        for _ in pool.map(bucket.delete, gone):
            pass
    for name, mark in shelves:
        notes.put(name, mark)
    notes.write()
    done.repositories, done.deleted = len(stamps), gone
    progress("repositories", len(stamps), len(stamps))
    return done


def _repository(
    mirror: Path, folder: FolderStore, bucket: BlobStore, prefix: str, stamp: bytes
) -> tuple[str, list[str], list[str]]:
    """Copy one repository; says its prefix, what went up, and what has to leave."""
    timestamp = metadata_path(prefix, "timestamp")
    _refuse_older(bucket, prefix, timestamp, stamp)
    missing, extra = _differences(folder, bucket, f"{prefix}/")
    missing = sorted((key for key in missing if key != timestamp), key=_order)
    for key in missing:
        bucket.put(key, mirror / key)
    bucket.put_bytes(timestamp, stamp)
    return prefix, missing, extra


def _refuse_older(bucket: BlobStore, prefix: str, timestamp: str, stamp: bytes) -> None:
    """Readers refuse a version below one that they have seen: rather keep what they see."""
    try:
        with bucket.read(timestamp) as stream:
            seen = _version(stream.read(_MAX_TIMESTAMP))
    except MissingFile:
        return
    if seen > _version(stamp):
        raise OlderThanBucket(what=prefix)


def _version(stamp: bytes) -> int:
    try:
        return int(json.loads(stamp)["signed"]["version"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0


def _order(key: str) -> tuple[int, str]:
    """Targets, then metadata, then roots: a root that ends a key must not be seen long before the new timestamp."""
    return (2 if _ROOT.search(key) else 1 if _METADATA.search(key) else 0, key)


def _differences(folder: FolderStore, bucket: BlobStore, below: str) -> tuple[list[str], list[str]]:
    """Keys that the bucket lacks, or has with another size, and keys that only it has."""
    here, there = dict(folder.blobs(below)), dict(bucket.blobs(below))
    return [key for key, size in here.items() if there.get(key) != size], [
        key for key in there if key not in here
    ]


def _timestamps(mirror: Path) -> Iterator[tuple[str, bytes]]:
    """Every repository with its timestamp."""
    found = [
        DIRECTORY,
        *(path.parent.relative_to(mirror).as_posix() for path in (mirror / PUBLISHERS).glob("*/*/metadata")),
    ]
    for prefix in found:
        path = mirror / metadata_path(prefix, "timestamp")
        if path.is_file():
            with path.open("rb") as handle:
                yield prefix, handle.read(_MAX_TIMESTAMP)


def _shelves(mirror: Path) -> Iterator[tuple[str, str]]:
    """Every shelf of objects and bundles with a mark that is another one when a file came or left; "" when one just did."""
    now = time.time_ns()
    for top in (OBJECTS, BUNDLES):
        for path in sorted((mirror / top).glob("??")):
            changed = path.stat().st_mtime_ns
            yield f"{top}/{path.name}", str(changed) if abs(now - changed) > _FRESH else ""


def _count(done: Released, mirror: Path, keys: Iterable[str]) -> None:
    for key in keys:
        done.files += 1
        done.size += (mirror / key).stat().st_size


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Notes:
    """The table ``released``, read once and written a few rows at a time."""

    def __init__(self, database: Database, *, forget: bool) -> None:
        self._database = database
        self._new: dict[str, str] = {}
        if forget:
            database.change(lambda connection: connection.execute(delete(released)))
        with database.read() as connection:
            self._known = {row.folder: row.mark for row in connection.execute(select(released))}

    def get(self, folder: str) -> str | None:
        return self._known.get(folder)

    def put(self, folder: str, mark: str) -> None:
        if mark and self._known.get(folder) != mark:
            self._known[folder] = self._new[folder] = mark
        if len(self._new) >= _ROWS:
            self.write()

    def write(self) -> None:
        rows = [{"folder": folder, "mark": mark} for folder, mark in self._new.items()]
        if rows:

            def work(connection: Connection) -> None:
                connection.execute(
                    delete(released).where(released.c.folder.in_([row["folder"] for row in rows]))
                )
                connection.execute(insert(released), rows)

            self._database.change(work)
        self._new = {}
