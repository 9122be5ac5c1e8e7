"""Where a hub keeps bytes: the contract of every place, be it a folder or a bucket, with its promises.

A key is a path as in a mirror (``objects/ab/ab12…``): small letters, digits, ``. _ -`` and slashes. What a blob is for
is not known here. Promises that hold in every store, and that ``tests/store/blobs_suite.py`` asks of each:

- A blob is there whole or not at all: ``put`` shows it in one moment, when all its bytes last. Whoever reads meanwhile
  gets the bytes of before to their end. A ``put`` that failed or was killed leaves what was there.
- ``put`` over a blob replaces it. The same bytes twice are no harm, so whoever does not know whether a ``put`` worked
  does it again. Nothing here is conditional: two who put the same key at once need a lock of their own.
- What ``put`` has stored, ``size`` and ``read`` find at once. ``blobs`` may be late by a moment: nothing may be deleted
  for not being in that list.
- ``delete`` of what is not there is done already.
- Blobs of gigabytes go through a few megabytes of memory.
- Errors are MissingFile (no such blob), StoreAway (it does not answer, or refuses; the same call may work later) and NoRoom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from edubox.errors import UnsafePath

#: Seconds after which nobody is still storing what is not finished.
LEFT = 24 * 3600
#: Bytes of the longest key: S3 allows 1024, with the prefix of ours.
LONGEST = 800
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}(?:/[a-z0-9][a-z0-9._-]{0,199}){0,15}\Z")


class Blob(NamedTuple):
    """A line of a list: *size* in bytes."""

    key: str
    size: int


class BlobStore(Protocol):
    """A place for blobs; shared by all threads of a process."""

    def put(self, key: str, source: Path) -> None:
        """Store the file *source* as *key*. Raises StoreAway, NoRoom.

        The caller writes to *source* no more, though it may remove it: a folder keeps the same file by a second name.
        """

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a few bytes as *key*. Raises StoreAway, NoRoom."""

    def read(self, key: str, offset: int = 0, length: int | None = None) -> AbstractContextManager[BinaryIO]:
        """A stream of the blob's bytes from *offset* on, at most *length*; fewer at its end, none behind it.

        Raises MissingFile, StoreAway; the stream's ``read`` raises StoreAway too.
        """

    def size(self, key: str) -> int | None:
        """Bytes of the blob; None when it is not there. Raises StoreAway."""

    def blobs(self, folder: str = "") -> Iterator[Blob]:
        """Every blob below *folder* (``""`` or a path that ends with a slash), in the order of the keys' bytes. Raises StoreAway."""

    def delete(self, key: str) -> None:
        """Let the blob be gone. Raises StoreAway."""

    def tidy(self) -> int:
        """Remove what killed processes left half stored more than LEFT seconds ago; says how many. Raises StoreAway."""


def check_key(key: str) -> str:
    """*key* if it is one. Raises UnsafePath."""
    if len(key) > LONGEST or not _KEY.match(key):
        raise UnsafePath(path=repr(key[:100]), reason="it is no name of a mirror")
    return key


def check_folder(folder: str) -> str:
    """*folder* if a list may begin with it. Raises UnsafePath."""
    if folder and not folder.endswith("/"):
        raise UnsafePath(path=repr(folder[:100]), reason="a folder ends with a slash")
    if folder:
        check_key(folder[:-1])
    return folder
