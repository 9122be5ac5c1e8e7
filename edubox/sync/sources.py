"""Where a mirror's files come from: a hub over HTTP, or a folder (a stick, a disk, the hub's own).

A source is a ``trust.fetch.Fetch`` for small files, and ``stream`` for a stretch of a large one. It believes nothing
and checks no hash: it only promises to give the bytes that were asked for, each at most once, and to end: a source that
is slow for a minute, never stops or answers something else raises Unreachable, and what came before is kept by the caller.
``received`` counts the bytes of bodies, ``requests`` the questions asked.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Protocol

from edubox.errors import HashMismatch, Unreachable
from edubox.trust.fetch import FolderFetch, open_inside

BLOCK = 64 * 1024


class Source(Protocol):
    """A copy of the mirror somewhere."""

    name: str
    received: int
    requests: int

    def read(self, path: str, limit: int) -> bytes:
        """See ``trust.fetch.Fetch``."""

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:
        """The bytes *begin* to *end* (exclusive) of *path*, which is named by its content and *size* bytes long.

        Raises Unreachable (cut, slow, refused; what was yielded is right to keep), MissingFile, HashMismatch (the
        file there has another size).
        """


class FolderSource:
    """A mirror folder on a disk; nothing outside it is read, whatever links it holds."""

    def __init__(self, root: Path) -> None:
        self.name = str(root)
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


def open_source(text: str) -> Source:
    """The source that *text* names: the base address of a mirror, or a folder. Raises BadInput."""
    if text.startswith(("http://", "https://")):
        from edubox.sync.http_source import HttpSource

        return HttpSource(text)
    return FolderSource(Path(text))
