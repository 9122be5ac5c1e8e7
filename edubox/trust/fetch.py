"""Reading files of a mirror, wherever it is: the one protocol that ``trust`` knows of the outside.

A path is relative to the mirror's root, with forward slashes. Every source of ``sync`` is a Fetch too.
Paths may come from signed but hostile data: a folder is never left, whatever they or the links in it say.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from edubox.errors import MissingFile, NotTrusted, Unreachable

#: Bytes of the largest metadata file: a directory of 30 academies has 50 kB (field notes §5).
MAX_METADATA = 16 * 1024 * 1024
#: Bytes for each value in JSON that is no bomb: a bin of records has one in 20, ``[[],[],…`` one in 3, and takes 29 times its
#: size when it is parsed.
_BYTES_A_VALUE, _FEW = 8, 1_000
#: The kernel's ways to say that there is no such regular file, links and pipes included.
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENAMETOOLONG}


class Fetch(Protocol):
    """What reads small files of a mirror."""

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of *path*.

        Raises MissingFile if the mirror does not have it, Unreachable if the mirror does not answer, and
        NotTrusted if it has more than *limit* bytes (no more than that is ever kept in memory).
        """


class FolderFetch:
    """A mirror on a disk. Nothing outside the folder is ever opened, whatever links it holds."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, limit: int) -> bytes:
        """See Fetch."""
        with open_inside(self._root, path) as handle:
            try:
                data = handle.read(limit + 1)
            except OSError as error:  # a worn stick
                raise Unreachable(source=self._root, reason=error.strerror or "it cannot be read") from None
        if len(data) > limit:
            raise NotTrusted(reason=f"{path} is larger than {limit} bytes")
        return data


def open_inside(root: Path, path: str) -> BinaryIO:
    """Open the regular file *path* below *root*, following no link; raises MissingFile, Unreachable."""
    parts = path.split("/")
    if any(part in {"", ".", ".."} or "\0" in part for part in parts) or not _encodable(path):
        raise MissingFile(source=root, path=path)
    folder = -1
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        # O_NONBLOCK: opening a pipe that somebody put there must not wait for its other end.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(parts[-1], flags, dir_fd=folder)
    except OSError as error:
        if error.errno in _ABSENT:
            raise MissingFile(source=root, path=path) from None
        raise Unreachable(source=root, reason=error.strerror or "it cannot be read") from None
    finally:
        if folder >= 0:
            os.close(folder)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise MissingFile(source=root, path=path)
    return open(handle, "rb")


def ensure_no_bomb(data: bytes) -> None:
    """Raise NotTrusted if *data*, JSON of whose signature nothing is known yet, would fill the memory when it is parsed."""
    if sum(data.count(sign) for sign in (b"[", b"{", b",")) > _FEW + len(data) // _BYTES_A_VALUE:
        raise NotTrusted(reason="a file of signatures holds almost nothing but brackets")


def _encodable(path: str) -> bool:
    """Whether the kernel can be asked for *path*: JSON may spell half a character."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


class Overlay:
    """Files that are not written yet, over a mirror that lacks them."""

    def __init__(self, files: Mapping[str, bytes], below: Fetch) -> None:
        self._files, self._below = files, below

    def read(self, path: str, limit: int) -> bytes:
        """See Fetch."""
        data = self._files.get(path)
        if data is None:
            return self._below.read(path, limit)
        if len(data) > limit:
            raise NotTrusted(reason=f"{path} is larger than {limit} bytes")
        return data
