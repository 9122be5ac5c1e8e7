"""Rendered pages, ready to be sent: compressed once, kept until there are better ones to keep."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

#: Bytes of all of them: some hundred usual pages, or a few of a lesson with thousands of parts.
KEPT = 3_000_000
#: Bytes that a page costs besides its own: its key, its place in the table.
_OVERHEAD = 1000
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page, compressed with gzip: what nearly every browser asks for."""

    packed: bytes
    etag: str
    status: int = 200

    @property
    def plain(self) -> bytes:
        """The page for a browser that cannot unpack."""
        return gzip.decompress(self.packed)


def rendered(text: str, status: int = 200) -> Rendered:
    """Make *text* ready to be sent."""
    return packed(text.encode(), status)


def packed(plain: bytes, status: int = 200) -> Rendered:
    """Make *plain* ready to be sent."""
    return Rendered(gzip.compress(plain, _LEVEL, mtime=0), hashlib.sha256(plain).hexdigest()[:20], status)


class KeptPages:
    """The most recently used pages; safe to share between threads."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, Rendered] = OrderedDict()
        #: Bytes that they hold.
        self.size = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Rendered]) -> Rendered:
        """The page kept for *key*; else a new one, kept if it is a page and not a refusal."""
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
        made = make()
        if made.status == 200:
            with self._lock:
                if key not in self._pages:  # two readers may have asked for it at once
                    self._pages[key] = made
                    self.size += len(made.packed) + _OVERHEAD
                while self.size > KEPT:
                    _, oldest = self._pages.popitem(last=False)
                    self.size -= len(oldest.packed) + _OVERHEAD
        return made
