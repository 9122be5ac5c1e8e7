"""A blob store in memory that fails on purpose: for the conformance suite and for tests of who uses a store."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from edubox.errors import MissingFile
from edubox.store.blobs import Blob, check_folder, check_key


class FaultyStore:
    """See ``BlobStore``. *fault* is called before each call with its name and key, and may raise; *after* behind it."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self.fault: Callable[[str, str], None] = lambda *_: None
        self.after: Callable[[str, str], None] = lambda *_: None
        self._lock = threading.Lock()

    def put(self, key: str, source: Path) -> None:
        self.put_bytes(key, source.read_bytes())

    def put_bytes(self, key: str, data: bytes) -> None:
        with self._call("put", check_key(key)):
            self.held[key] = data

    @contextlib.contextmanager
    def read(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[BinaryIO]:
        with self._call("read", check_key(key)):
            data = self.held.get(key)
        if data is None:
            raise MissingFile(source="memory", path=key)
        yield io.BytesIO(data[offset:] if length is None else data[offset : offset + length])

    def size(self, key: str) -> int | None:
        with self._call("size", check_key(key)):
            return None if key not in self.held else len(self.held[key])

    def blobs(self, folder: str = "") -> Iterator[Blob]:
        with self._call("blobs", check_folder(folder)):
            found = sorted(Blob(key, len(data)) for key, data in self.held.items() if key.startswith(folder))
        yield from found

    def delete(self, key: str) -> None:
        with self._call("delete", check_key(key)):
            self.held.pop(key, None)

    @contextlib.contextmanager
    def _call(self, name: str, key: str) -> Iterator[None]:
        self.fault(name, key)
        with self._lock:
            self.calls.append((name, key))
            yield
        self.after(name, key)
