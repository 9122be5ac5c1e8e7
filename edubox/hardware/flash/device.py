"""A card as a place for bytes: what writing asks of it, and the real one.

``Device`` is a contract with a conformance suite (tests/hardware/flash/device_contract.py); the tests' faulty device is a
whole implementation of it too. Bytes go past the page cache: what is read back is what the card holds, and an error belongs
to the write that caused it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

#: Offsets and lengths are multiples of this many bytes: the largest block that cards and readers address.
BLOCK = 4096
#: How the kernel says that a card is no longer there.
GONE = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM})
_BLKDISCARD = 0x1277


class Device(Protocol):
    """A card. Offsets and lengths are bytes, multiples of BLOCK; buffers come from ``buffer``.

    - What was written and then flushed is on the card and stays when it is pulled.
    - ``read`` gives what the card holds, never what is only remembered of a write.
    - What fails raises OSError; one of the numbers of GONE when the card itself is away.
    - Nothing is promised of what a card holds after ``discard``, or after a write that failed, where that write went.
    """

    @property
    def name(self) -> str:
        """What people call it: ``sdb``."""

    @property
    def size(self) -> int:
        """Bytes that it says it holds, a multiple of BLOCK."""

    def read(self, offset: int, into: memoryview) -> None:
        """Fill *into* from *offset*."""

    def write(self, offset: int, data: memoryview) -> None:
        """Write all of *data* at *offset*."""

    def flush(self) -> None:
        """Return when everything written so far is on the card."""

    def discard(self) -> None:
        """Let the card forget all that it holds, where it can; else nothing happens."""

    def close(self) -> None:
        """Let the card go; may be called twice."""


def buffer(size: int) -> mmap.mmap:
    """*size* bytes of memory at an address that a disk can take them from."""
    return mmap.mmap(-1, size)


class BlockDevice:
    """The block device *path*, held alone: while it is open nobody mounts it, and what is mounted is not opened.

    Raises OSError: EBUSY when anything on it is in use, EACCES when this person may not.
    """

    def __init__(self, path: Path) -> None:
        self.name, self._path = path.name, path
        flags = os.O_RDWR | os.O_EXCL | os.O_CLOEXEC
        try:
            self._handle = os.open(path, flags | os.O_DIRECT)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self._handle = os.open(
                path, flags
            )  # a file system in memory, in tests: it has nothing to go past
        self.size = os.lseek(self._handle, 0, os.SEEK_END) // BLOCK * BLOCK

    def read(self, offset: int, into: memoryview) -> None:
        """See Device."""
        with self._gone_is_told():
            while into:
                got = os.preadv(self._handle, [into], offset)
                into, offset = _rest(into, got), offset + got

    def write(self, offset: int, data: memoryview) -> None:
        """See Device."""
        with self._gone_is_told():
            while data:
                put = os.pwrite(self._handle, data, offset)
                data, offset = _rest(data, put), offset + put

    def flush(self) -> None:
        """See Device."""
        with self._gone_is_told():
            os.fdatasync(self._handle)
            os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_DONTNEED)

    def discard(self) -> None:
        """See Device."""
        with contextlib.suppress(OSError):  # many readers cannot pass this on
            fcntl.ioctl(self._handle, _BLKDISCARD, struct.pack("QQ", 0, self.size))

    def close(self) -> None:
        """See Device."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    @contextlib.contextmanager
    def _gone_is_told(self) -> Iterator[None]:
        """A reader answers "input/output error" for a card that was pulled: that its size is gone tells which it is."""
        try:
            yield
        except OSError as error:
            there = self._path.exists() and os.lseek(self._handle, 0, os.SEEK_END) > 0
            raise error if there else OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from None


def _rest(view: memoryview, moved: int) -> memoryview:
    if not moved:
        raise OSError(errno.EIO, "it ends before its size")
    return view[moved:]
