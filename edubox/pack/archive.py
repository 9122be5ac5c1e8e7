"""Zips from outside, opened so that a lie in them costs an error and nothing else.

``open_archive`` gives the archive, ``open_member`` one of its members as a stream. Python's ``zipfile`` does the
reading; what it raises on damaged bytes becomes BadArchive here. It reads the list of members in one call and
makes an object of some hundred bytes for each, so that one read is capped before anything else is believed.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from edubox.errors import BadArchive, Bomb, UnreadableSource

BLOCK = 64 * 1024
#: Bytes of the list of members: 100,000 of them with ordinary names need about 10 MiB.
MAX_DIRECTORY = 16 * 1024 * 1024
_ENCRYPTED = 0x1
# zipfile names neither; each was seen on mutated archives (tests/pack/test_fuzz.py).
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
            OverflowError, struct.error)  # fmt: skip


def open_regular(path: Path) -> BinaryIO:
    """Open *path* for reading if it is a regular file; raises UnreadableSource. Never waits on a named pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise UnreadableSource(path=path, reason=getattr(error, "strerror", None) or error) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UnreadableSource(path=path, reason="it is not a file")
    return os.fdopen(handle, "rb")


class _Capped(io.RawIOBase):
    """A file for ``zipfile`` whose one read is at most *largest* bytes."""

    def __init__(self, file: BinaryIO, path: Path, largest: int) -> None:
        self._file, self._path, self._largest = file, path, largest

    def read(self, size: int = -1, /) -> bytes:
        if size > self._largest:
            raise Bomb(path=self._path, reason="its list of members is too long")
        return self._file.read(self._largest if size < 0 else size)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


@contextmanager
def open_archive(path: Path, largest_directory: int = MAX_DIRECTORY) -> Iterator[zipfile.ZipFile]:
    """The zip at *path* until the block ends; *largest_directory* caps the bytes of its list of members.

    Raises UnreadableSource (the file), BadArchive (its bytes) and Bomb (too long a list).
    """
    with open_regular(path) as file:
        try:
            archive = zipfile.ZipFile(_Capped(file, path, largest_directory))
        except _DAMAGED as error:
            raise BadArchive(path=path.name, reason=_words(error)) from None
        except OSError as error:
            raise BadArchive(path=path.name, reason=error.strerror or "it ends too early") from None
        with archive:
            yield archive


class _Member(io.RawIOBase):
    def __init__(self, inner: BinaryIO, name: str) -> None:
        self._inner, self._name = inner, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except _DAMAGED as error:
            raise BadArchive(path=self._name, reason=_words(error)) from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


def open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> BinaryIO:
    """The bytes of one member; *name* is what an error calls it.

    Raises BadArchive, when it is opened or while it is read: damaged, encrypted, or compressed in a way other
    than stored and deflate (the others can be made to take gigabytes of memory).
    """
    if member.flag_bits & _ENCRYPTED:
        raise BadArchive(path=name, reason="it is closed with a password")
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BadArchive(path=name, reason="it is compressed in an unusual way")
    try:
        inner = archive.open(member)
    except (*_DAMAGED, OSError) as error:
        raise BadArchive(path=name, reason=_words(error)) from None
    return io.BufferedReader(_Member(inner, name), BLOCK)  # type: ignore[arg-type]


def _words(error: Exception) -> str:
    return str(error).rstrip(".") or "it ends too early"
