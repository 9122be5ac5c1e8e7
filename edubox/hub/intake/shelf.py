"""The bytes that boxes sent: in the hub's store of its intake, each named by its SHA-256, and never served to anybody.

Pieces, whole files, manifests and letters lie there alike; what each is, the database says. The same bytes of two schools are
one file here, which is no secret to give away: a school's own sending decides what counts as here for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edubox.hub.errors import WrongHash
from edubox.hub.hub import Hub
from edubox.store.blobs import BlobStore
from edubox.store.platform import ensure_room, full_disk_is_no_room

#: What every key begins with.
FOLDER = "bytes/"


@dataclass(frozen=True, slots=True)
class Shelf:
    """*store* is the hub's, *work* a folder for what is on its way into it."""

    store: BlobStore
    work: Path

    def put(self, sha256: str, data: bytes) -> None:
        """Keep a few bytes whose hash is known. Raises StoreAway, NoRoom."""
        self.store.put_bytes(key(sha256), data)

    def put_all(self, sha256: str, blocks: Iterable[bytes], size: int) -> None:
        """Keep a file of *size* bytes, hashed as it passes. Raises WrongHash, and then nothing is kept; StoreAway, NoRoom."""
        self.work.mkdir(parents=True, exist_ok=True)
        ensure_room(self.work, size, 1)
        digest = hashlib.sha256()
        with (
            full_disk_is_no_room(self.work),
            tempfile.NamedTemporaryFile(dir=self.work, prefix=".whole-") as out,
        ):
            for block in blocks:
                digest.update(block)
                out.write(block)
            if digest.hexdigest() != sha256 or out.tell() != size:
                raise WrongHash(sha256=sha256)
            out.flush()
            self.store.put(key(sha256), Path(out.name))

    def read(self, sha256: str) -> bytes:
        """All of a small file. Raises MissingFile, StoreAway."""
        with self.open(sha256) as stream:
            return stream.read()

    def open(self, sha256: str) -> AbstractContextManager[BinaryIO]:
        """A stream of the file's bytes. Raises MissingFile, StoreAway."""
        return self.store.read(key(sha256))

    def has(self, sha256: str, size: int) -> bool:
        """Whether it is there with its *size* in bytes. Raises StoreAway."""
        return self.store.size(key(sha256)) == size

    def delete(self, sha256: str) -> None:
        """Let it be gone. Raises StoreAway."""
        self.store.delete(key(sha256))

    def names(self) -> Iterator[str]:
        """The SHA-256 of all that is kept. Raises StoreAway."""
        for blob in self.store.blobs(FOLDER):
            yield blob.key.rpartition("/")[2]


def of(hub: Hub) -> Shelf:
    """The shelf of *hub*."""
    return Shelf(hub.blobs, hub.data / "intake-work")


def key(sha256: str) -> str:
    """Where it lies in the store."""
    return f"{FOLDER}{sha256[:2]}/{sha256}"


@contextlib.contextmanager
def work_folder(hub: Hub, prefix: str) -> Iterator[Path]:
    """A folder on the hub's own disk that goes away."""
    around = hub.data / "intake-work"
    around.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{prefix}-", dir=around) as folder:
        yield Path(folder)
