"""What the disk promises, and what we make of it: durable writes, links, room.

Everything that must survive a pulled plug is written beside its place, synced, and renamed; a folder is
synced when a name in it must last. Everything that may fail because a card is full fails as NoRoom.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from edubox.errors import NoRoom

#: Why a hard link cannot be made and a copy can: other disk, too many links (65,000 on ext4), not allowed.
_COPY_INSTEAD = {errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP}
_OBJECT_MODE = 0o444
_COPY_SIZE = 1024 * 1024
#: Bytes of a name that the name of the file beside it repeats; with what is added they stay below 255.
_STEM = 200


@contextlib.contextmanager
def full_disk_is_no_room(path: Path) -> Iterator[None]:
    """Turn the kernel's *disk full* and *quota exceeded* into NoRoom."""
    try:
        yield
    except OSError as error:
        if NoRoom.describes(error):
            raise NoRoom(path=path, reason=error.strerror or "it is full") from None
        raise


def sync_folder(folder: Path) -> None:
    """Make names that were created, renamed or removed in *folder* last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace *path* by *data*; see ``replacing``."""
    with replacing(path, mode) as out:
        out.write(data)


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A file to write that replaces *path* at the end: after a power cut there is the old file or the new one, whole.

    An error in between leaves the old one. *mode* is the new file's from its first byte on. Raises NoRoom.
    """
    with full_disk_is_no_room(path.parent):
        make_folder(path.parent)
        # Bytes, since that is what a name's length is counted in.
        stem = os.fsdecode(os.fsencode(path.name)[:_STEM])
        beside = path.with_name(f".{stem}.{os.getpid()}.new")
        try:
            beside.unlink(missing_ok=True)
            handle = os.open(
                beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode
            )
            with open(handle, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(path.parent)


def is_unfinished(name: str) -> bool:
    """Whether *name* is a file that ``replacing`` was killed over: nobody will finish it."""
    return name.startswith(".") and name.endswith(".new")


def make_folder(folder: Path) -> None:
    """Make *folder* and its parents, and let their names last."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def settle(source: Path, target: Path) -> None:
    """Move a finished file on the same disk to its lasting, read-only place *target*."""
    with full_disk_is_no_room(target.parent):
        make_folder(target.parent)
        handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fchmod(handle, _OBJECT_MODE)
            os.fsync(handle)
        finally:
            os.close(handle)
        source.replace(target)


def link_or_copy(source: Path, target: Path) -> bool:
    """Give *source* the second name *target*, or copy it where links do not work; say whether it is a link."""
    with full_disk_is_no_room(target.parent):
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _COPY_INSTEAD:
                raise
            with source.open("rb") as data, target.open("xb") as out:
                shutil.copyfileobj(data, out, _COPY_SIZE)
                os.fchmod(out.fileno(), _OBJECT_MODE)
            return False
    return True


class Reserve(NamedTuple):
    """What of a disk is never filled: *size* in bytes, *files* in inodes."""

    size: int = 0
    files: int = 0


def ensure_room(folder: Path, size: int, files: int, reserve: Reserve = Reserve()) -> None:  # noqa: B008 - immutable
    """Raise NoRoom unless *size* bytes and *files* inodes fit on the disk of *folder* above *reserve*.

    The error's details ``lacking`` say how much is missing, as a Reserve.
    """
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize - reserve.size
    # Some file systems count no inodes (btrfs says 0 of 0).
    inodes = disk.f_favail - reserve.files if disk.f_files else files
    lacking = Reserve(max(size - free, 0), max(files - inodes, 0))
    if lacking.size:
        reason = f"{size / 1e6:.1f} MB are needed and {max(free, 0) / 1e6:.1f} MB may be used"
        raise NoRoom(path=folder, reason=reason, lacking=lacking)
    if lacking.files:
        reason = f"{files} more files are needed and {max(inodes, 0)} may be made"
        raise NoRoom(path=folder, reason=reason, lacking=lacking)
