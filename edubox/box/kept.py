"""Rendered pages, ready to be sent: compressed once, kept until there are better ones to keep."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

#: How many: at about 8 kB a page, two megabytes.
KEPT = 256
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
    plain = text.encode()
    return Rendered(gzip.compress(plain, _LEVEL, mtime=0), hashlib.sha256(plain).hexdigest()[:20], status)


class KeptPages:
    """The most recently used pages; safe to share between threads."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, Rendered] = OrderedDict()
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
                self._pages[key] = made
                while len(self._pages) > KEPT:
                    self._pages.popitem(last=False)
        return made
