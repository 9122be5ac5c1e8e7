"""Where a mirror's files come from: a hub over HTTP, or a folder (a stick, a disk, the hub's own).

A source is a ``trust.fetch.Fetch`` for small files, and ``stream`` for a stretch of a large one. It believes
nothing and checks no hash: it only promises to give the bytes that were asked for, each at most once, and to
end: a source that is slow for a minute, never stops or answers something else raises Unreachable, and what
came before is kept by the caller. ``received`` counts the bytes of bodies, ``requests`` the questions asked.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Protocol

from edubox.errors import HashMismatch, Unreachable
from edubox.trust.fetch import FolderFetch, open_inside

BLOCK = 64 * 1024
#: What a source is. A hub's bytes cost the school money and its line; all others are near and cost neither.
HUB, NEIGHBOUR, FOLDER, STICK, COURIER, OWN = "hub", "neighbour", "folder", "stick", "courier", "own"
#: OWN is the box's own mirror, which says again what was verified before.
KINDS = (HUB, NEIGHBOUR, FOLDER, STICK, COURIER, OWN)


class Source(Protocol):
    """A copy of the mirror somewhere. *kind* is one of KINDS."""

    name: str
    kind: str

    @property
    def received(self) -> int:
        """Bytes of bodies so far."""

    @property
    def requests(self) -> int:
        """Questions asked so far."""

    def read(self, path: str, limit: int) -> bytes:
        """See ``trust.fetch.Fetch``."""

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:
        """The bytes *begin* to *end* (exclusive) of *path*, which is named by its content and *size* bytes long.

        Raises Unreachable (cut, slow, refused; what was yielded is right to keep), MissingFile, HashMismatch
        (the file there has another size).
        """


class FolderSource:
    """A mirror folder on a disk; nothing outside it is read, whatever links it holds."""

    def __init__(self, root: Path, kind: str = FOLDER) -> None:
        self.name, self.kind = str(root), kind
        self.received = self.requests = 0
        self._root, self._fetch = root, FolderFetch(root)

    def read(self, path: str, limit: int) -> bytes:
        """See Source."""
        self._begin()
        data = self._fetch.read(path, limit)
        self.received += len(data)
        return data

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:
        """See Source."""
        self._begin()
        with open_inside(self._root, path) as handle:
            if os.fstat(handle.fileno()).st_size != size:
                raise HashMismatch(what=f"{path} from {self.name}")
            handle.seek(begin)
            while begin < end:
                try:
                    block = handle.read(min(BLOCK, end - begin))
                except OSError as error:  # a stick that is pulled out
                    raise Unreachable(source=self.name, reason=error.strerror or "reading failed") from None
                if not block:
                    raise Unreachable(source=self.name, reason="a file there became shorter")
                begin += len(block)
                self.received += len(block)
                yield block

    def _begin(self) -> None:
        self.requests += 1
        if not self._root.is_dir():
            raise Unreachable(source=self.name, reason="there is no such folder now")
