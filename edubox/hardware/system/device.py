"""Slots as the kernel gives them: block devices that are longer than what they hold, and files in tests.

What is written goes to the card chunk by chunk and leaves the page cache, so that a box of 512 MB does not fill its memory
with it; for the same reason it is really the card that is read back.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from edubox.errors import FailedSlot, SlotTooSmall, UnusablePath
from edubox.pack.pieces import PieceHasher

#: Bytes between two syncs: some 0.5 s of a slow card.
CHUNK = 8 * 1024 * 1024
_BLOCK = 256 * 1024
Progress = Callable[[str, int, int], None]


def check_target(target: Path, running: Path, size: int) -> None:
    """Raise unless *size* bytes can be written to *target*, which is not *running*: UnusablePath, SlotTooSmall."""
    try:
        if _identity(target) == _identity(running):
            raise UnusablePath(path=target, reason="it is the slot that this box runs from")
        handle = _open(target, os.O_RDONLY)
        try:
            room = os.lseek(handle, 0, os.SEEK_END)
        finally:
            os.close(handle)
    except OSError as error:
        raise UnusablePath(path=target, reason=error.strerror) from None
    if room < size:
        raise SlotTooSmall(path=target, size=size, room=room)


def write(target: Path, blocks: Iterator[bytes], size: int, progress: Progress) -> PieceHasher:
    """Write *blocks* to the beginning of *target*, durably; *size* is how many bytes to expect. Raises FailedSlot.

    What the making of *blocks* raises passes through.
    """
    hasher = PieceHasher()
    handle = _opened(target, os.O_WRONLY)
    try:
        synced = 0
        for block in blocks:
            _write_all(target, handle, block)
            hasher.update(block)
            if hasher.size - synced >= CHUNK:
                _sync(target, handle)
                synced = hasher.size
            progress("writing", hasher.size, size)
        _sync(target, handle)
    finally:
        os.close(handle)
    return hasher


def sha256(target: Path, size: int, progress: Progress) -> str:
    """The hash of the first *size* bytes of *target*, read from the card itself. Raises FailedSlot."""
    digest, done = hashlib.sha256(), 0
    handle = _opened(target, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        while done < size and (block := os.read(handle, min(_BLOCK, size - done))):
            digest.update(block)
            done += len(block)
            progress("reading back", done, size)
            if done % CHUNK < len(block):
                os.posix_fadvise(handle, 0, done, os.POSIX_FADV_DONTNEED)
    except OSError as error:
        raise FailedSlot(path=target, reason=error.strerror) from None
    finally:
        os.close(handle)
    return digest.hexdigest()


def _identity(path: Path) -> tuple[int, int]:
    """The device behind *path*, whatever it is called, or else the file."""
    found = path.stat()
    return (0, found.st_rdev) if stat.S_ISBLK(found.st_mode) else (found.st_dev, found.st_ino)


def _open(path: Path, flags: int) -> int:
    if not (stat.S_ISBLK(mode := path.stat().st_mode) or stat.S_ISREG(mode)):
        raise OSError(0, "it is no disk")
    # For a block device O_EXCL means: nobody has mounted it.
    return os.open(path, flags | os.O_CLOEXEC | (os.O_EXCL if stat.S_ISBLK(mode) else 0))


def _opened(path: Path, flags: int) -> int:
    try:
        return _open(path, flags)
    except OSError as error:
        raise UnusablePath(path=path, reason=error.strerror) from None


def _write_all(path: Path, handle: int, block: bytes) -> None:
    view = memoryview(block)
    try:
        while view:
            view = view[os.write(handle, view) :]
    except OSError as error:
        raise FailedSlot(path=path, reason=error.strerror) from None


def _sync(path: Path, handle: int) -> None:
    try:
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError as error:
        raise FailedSlot(path=path, reason=error.strerror) from None
