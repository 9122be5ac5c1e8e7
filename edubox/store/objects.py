"""The objects of a mirror: one read-only file for each content, named by its SHA-256.

New objects wait in a folder until all their bytes are on the disk, and only then get their names: whatever
has an object's name is whole. Trees of ``site`` are hard links to objects, so an object that only its own
name points to is a candidate to leave; ``sweep`` removes those that no kept lesson needs.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from edubox.store.layout import OBJECTS, object_path
from edubox.store.platform import (
    full_disk_is_no_room,
    is_unfinished,
    make_folder,
    sync_folder,
    write_atomic,
)  # fmt: skip

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_READ_ONLY = 0o444
#: Candidates looked at in one sweep: bounds its memory; the rest leaves the next time.
_AT_ONCE = 20_000


def holds(mirror: Path, sha256: str, size: int) -> bool:
    """Whether the object is there with its *size* in bytes; its content is not read."""
    try:
        return (mirror / object_path(sha256)).stat().st_size == size
    except OSError:
        return False


def is_whole(path: Path, sha256: str) -> bool:
    """Whether the bytes at *path* have this hash: all of them are read, and a card that cannot says no."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest() == sha256
    except OSError:
        return False


def put(mirror: Path, sha256: str, data: bytes) -> None:
    """Store a small object; it replaces one that is damaged. Raises NoRoom."""
    write_atomic(mirror / object_path(sha256), data, _READ_ONLY)


def settle_all(folder: Path, mirror: Path) -> None:
    """Move every file of *folder*, each named by its SHA-256, to the objects of *mirror*, for good.

    One sync of the disk takes the place of one for each file, which costs a slow card a tenth of a second
    each. An object that was there stays if it is whole, with its links, and is replaced if not: the new bytes
    are known to be right. Raises NoRoom.
    """
    with full_disk_is_no_room(mirror):
        names = sorted(os.listdir(folder))
        if not names:
            return
        for name in names:
            (folder / name).chmod(_READ_ONLY)
        os.sync()
        touched = {(mirror / object_path(name)).parent for name in names}
        for parent in touched:
            make_folder(parent)
        for name in names:
            new, lasting = folder / name, mirror / object_path(name)
            if lasting.exists() and filecmp.cmp(new, lasting, shallow=False):
                new.unlink()
            else:
                new.replace(lasting)
        for parent in touched:
            sync_folder(parent)


def sweep(mirror: Path, strike_used: Callable[[set[str]], None]) -> int:
    """Remove objects that nothing uses and return how many.

    *strike_used* takes the names of candidates and strikes out those that a lesson of this box needs.
    """
    candidates: set[str] = set()
    for entry in _entries(mirror / OBJECTS):
        if is_unfinished(entry.name):
            os.unlink(entry.path)
        elif _SHA256.match(entry.name) and entry.stat(follow_symlinks=False).st_nlink == 1:
            candidates.add(entry.name)
            if len(candidates) >= _AT_ONCE:
                break
    strike_used(candidates)
    for name in candidates:
        (mirror / object_path(name)).unlink(missing_ok=True)
    return len(candidates)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every file in the two-letter folders below *folder*."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as shelves:
        for shelf in shelves:
            if shelf.is_dir(follow_symlinks=False):
                with os.scandir(shelf) as entries:
                    yield from entries
