"""Blobs in a folder: a file each, its key the path. The store of a hub that is one computer.

A new blob is written, or linked, beside its place under a name that begins with a dot, synced, and renamed. What a killed
process left so is no blob; ``tidy`` removes it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from edubox.errors import MissingFile, NoRoom, StoreAway
from edubox.store.blobs import LEFT, Blob, check_folder, check_key
from edubox.store.platform import full_disk_is_no_room, is_unfinished, make_folder, sync_folder

_MODE = 0o444
_COPY = 1024 * 1024
_COPY_INSTEAD = {errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP}
#: What is in the way of a blob's folder is no fault of the disk.
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}


class FolderStore:
    """See ``BlobStore``."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def put(self, key: str, source: Path) -> None:
        """See ``BlobStore``: *source* gets a second name where it lies on the same disk."""
        with self._placing(key) as beside:
            try:
                os.link(source, beside)
            except OSError as error:
                if error.errno not in _COPY_INSTEAD:
                    raise
                with source.open("rb") as data, beside.open("xb") as out:
                    shutil.copyfileobj(data, out, _COPY)

    def put_bytes(self, key: str, data: bytes) -> None:
        """See ``BlobStore``."""
        with self._placing(key) as beside, beside.open("xb") as out:
            out.write(data)

    @contextlib.contextmanager
    def _placing(self, key: str) -> Iterator[Path]:
        path = self.root / check_key(key)
        # Not ``replacing``: two threads of one process may put the same blob.
        beside = path.with_name(f".{secrets.token_hex(8)}.new")
        with self._in_words(key), full_disk_is_no_room(self.root):
            make_folder(path.parent)
            try:
                yield beside
                _sync(beside)
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
            sync_folder(path.parent)

    @contextlib.contextmanager
    def read(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[BinaryIO]:
        """See ``BlobStore``."""
        path = self.root / check_key(key)
        with self._in_words(key), path.open("rb") as handle:
            handle.seek(offset)
            yield handle if length is None else _Part(handle, length)  # type: ignore[misc]

    def size(self, key: str) -> int | None:
        """See ``BlobStore``."""
        try:
            with self._in_words(key):
                path = self.root / check_key(key)
                return path.stat().st_size if path.is_file() else None
        except MissingFile:
            return None

    def blobs(self, folder: str = "") -> Iterator[Blob]:
        """See ``BlobStore``."""
        with self._in_words(folder):
            yield from _walk(self.root / check_folder(folder), folder)

    def delete(self, key: str) -> None:
        """See ``BlobStore``."""
        path = self.root / check_key(key)
        with contextlib.suppress(MissingFile), self._in_words(key):
            path.unlink()
            sync_folder(path.parent)

    def tidy(self) -> int:
        """See ``BlobStore``."""
        removed, old = 0, time.time() - LEFT
        with self._in_words(""):
            for path in self.root.rglob(".*"):
                # Another process may finish it, or remove it, just now.
                with contextlib.suppress(FileNotFoundError):
                    if is_unfinished(path.name) and path.stat().st_ctime < old:
                        path.unlink()
                        removed += 1
        return removed

    @contextlib.contextmanager
    def _in_words(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _ABSENT:
                raise MissingFile(source=self.root, path=key) from None
            if NoRoom.describes(error):
                raise
            raise StoreAway(store=self.root, reason=error.strerror or str(error)) from None


class _Part:
    """At most *left* bytes of a file."""

    def __init__(self, handle: BinaryIO, left: int) -> None:
        self._handle, self._left = handle, left

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        data = self._handle.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fchmod(handle, _MODE)
        os.fsync(handle)
    finally:
        os.close(handle)


def _walk(folder: Path, prefix: str) -> Iterator[Blob]:
    """Files below *folder*, a folder's name taken with its slash: that is the order of the whole keys."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                (entry.name + ("/" if entry.is_dir(follow_symlinks=False) else ""), entry)
                for entry in entries
                if not entry.name.startswith(".")
            )
    except FileNotFoundError:
        return
    for name, entry in found:
        if name.endswith("/"):
            yield from _walk(folder / entry.name, prefix + name)
        elif entry.is_file(follow_symlinks=False):
            with contextlib.suppress(FileNotFoundError):  # it left meanwhile
                yield Blob(prefix + name, entry.stat(follow_symlinks=False).st_size)
