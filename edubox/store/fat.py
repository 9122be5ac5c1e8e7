"""Writing to a stick that may be pulled at any moment, by the rules of FAT; any other file system promises more.

A rename is not atomic, there are no links and no rights, names have no case, and a file takes whole clusters.
So what is named by its content or version gets its name only after its bytes are on the stick, and a file
that changes in place has a second one beside it (``.prev``) that stays readable meanwhile. A stick is slow to
sync: many files are written, then the stick is synced once, then all get their names, and it is synced again.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edubox.errors import EduboxError, NoRoom, NotOurStick, Unreachable, UnusablePath
from edubox.store.platform import sync_folder

#: What is being written is called so, after its name.
PART = ".part"
PREVIOUS = ".prev"
#: FAT's largest file, in bytes.
MOST_BYTES = 4 * 1024**3 - 1
#: Folders in folders in a mirror, at most.
DEPTH = 6
#: Files and bytes between two syncs: what a pulled stick loses of finished work.
_BATCH_FILES, _BATCH_BYTES = 256, 64 * 1024 * 1024
_NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM}
#: How the kernel says that a stick is no longer there, or that it is broken.
_GONE = {errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ENOTCONN, errno.ESTALE, errno.EUCLEAN}


@dataclass(frozen=True, slots=True)
class New:
    """A file to write: *path* below the root with forward slashes, *size* in bytes, and how to get what it will hold."""

    path: str
    size: int
    blocks: Callable[[], Iterable[bytes]]

    @classmethod
    def of(cls, path: str, data: bytes) -> New:
        """A small file."""
        return cls(path, len(data), lambda: (data,))


@dataclass(slots=True)
class Room:
    """What fits on the disk of *folder*, counted in clusters as files come; *reserve* bytes stay free."""

    folder: Path
    cluster: int
    free: int
    reserve: int

    @classmethod
    def of(cls, folder: Path, share: float) -> Room:
        """*share* of the whole disk stays free."""
        disk = os.statvfs(folder)
        cluster = disk.f_frsize or disk.f_bsize
        return cls(folder, cluster, disk.f_bavail * cluster, int(disk.f_blocks * cluster * share))

    def cost(self, sizes: Sequence[int]) -> int:
        """Bytes that files of *sizes* take, each with a cluster for a folder that may be new."""
        return sum(-(-size // self.cluster) + 1 for size in sizes) * self.cluster

    def take(self, sizes: Sequence[int], *, all_of_it: bool = False) -> bool:
        """Whether files of *sizes* fit together, and if so count them; *all_of_it*: the reserve too."""
        cost = self.cost(sizes)
        if cost > self.free - (0 if all_of_it else self.reserve):
            return False
        self.free -= cost
        return True


@contextlib.contextmanager
def pulled_is_unreachable(root: Path) -> Iterator[None]:
    """Turn what the kernel says of a stick at *root* that is gone, full or write-protected into our words."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        if NoRoom.describes(error):
            raise NoRoom(path=root, reason=reason) from None
        if error.errno in _NOT_WRITABLE:
            raise UnusablePath(path=root, reason=reason) from None
        if error.errno in _GONE or not root.is_dir():
            raise Unreachable(source=root, reason=reason) from None
        raise


def files(folder: Path, depth: int = DEPTH) -> Iterator[os.DirEntry[str]]:
    """Everything below *folder* that is no folder, links included, as deep as a mirror is."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield entry
                elif depth:
                    yield from files(Path(entry.path), depth - 1)
    except (FileNotFoundError, NotADirectoryError):
        return


def clear(root: Path) -> None:
    """Make the folder *root* ready to be written: what a writing that was cut left half-done goes.

    Raises NotOurStick when there is a link in it: nobody of us makes one, and it would lead the writing elsewhere.
    """
    for entry in files(root):
        if entry.is_symlink():
            raise NotOurStick(path=root, reason="its folder holds a link")
        if entry.name.lower().endswith(PART):
            os.unlink(entry.path)


def write_all(root: Path, files: Sequence[New], show: Callable[[int], None] = lambda _: None) -> list[str]:
    """Write *files* below the folder *root*; each has its name only when its bytes are there to stay.

    *show* gets the bytes written so far. Returns the paths of files that were not written because getting
    their bytes raised one of our errors. Raises OSError as it comes from the stick.
    """
    done = 0
    unread: list[str] = []
    batch: list[New] = []
    room = _BATCH_BYTES
    for new in files:
        show(done)
        try:
            _write_part(root, new, lambda more, before=done: show(before + more))  # type: ignore[misc]
        except EduboxError:
            unread.append(new.path)
            (root / (new.path + PART)).unlink(missing_ok=True)
            continue
        finally:
            done += new.size
        batch.append(new)
        room -= new.size
        if room <= 0 or len(batch) >= _BATCH_FILES:
            _name(root, batch)
            batch, room = [], _BATCH_BYTES
    _name(root, batch)
    return unread


def _write_part(root: Path, new: New, show: Callable[[int], None]) -> None:
    part = root / (new.path + PART)
    part.parent.mkdir(parents=True, exist_ok=True)
    done = 0
    with _created(part) as out:
        for block in new.blocks():
            out.write(block)
            done += len(block)
            show(done)


def _created(path: Path) -> BinaryIO:
    """A new file: what lies there under its name, a link even, is not written through."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    return open(os.open(path, flags, 0o644), "wb")


def _name(root: Path, batch: Sequence[New]) -> None:
    if not batch:
        return
    sync_disk(root)
    for new in batch:
        os.replace(root / (new.path + PART), root / new.path)
    sync_disk(root)


def sync_disk(folder: Path) -> None:
    """Let everything last that was written to the disk of *folder*, which ``os.sync`` would do to all disks
    and without saying what failed. Raises OSError.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(handle):
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), str(folder))
    finally:
        os.close(handle)


def overwrite(path: Path, data: bytes) -> None:
    """Make the regular file *path* hold *data*, in place, synced. Torn while it lasts: something else must say the same."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    with open(handle, "wb", buffering=0) as out:
        out.write(data)
        out.truncate(len(data))
        os.fsync(out.fileno())
    sync_folder(path.parent)
