"""Where a publication happens: a mirror, and beside it the keys, the locks and a place to prepare files.

``mirror/.staging/`` is on the mirror's own disk, so that finished files are moved into place and not
copied. It is readable by its owner only, and what a killed publication left there goes when its repository is next
opened. Keys and locks lie beside the mirror, ``keys`` may be elsewhere.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Signer

from edubox.errors import EduboxError, MissingFile, NotFound, UnreadableSource
from edubox.pack.index import MAX_INDEX, Index, parse
from edubox.pack.names import check_publisher
from edubox.store.layout import publisher_prefix
from edubox.store.lock import lock
from edubox.store.platform import full_disk_is_no_room, write_atomic
from edubox.trust import keys, publisher
from edubox.trust.fetch import FolderFetch
from edubox.trust.guard import check_publication
from edubox.trust.leftovers import unnamed

STAGING = ".staging"
#: The kernel's ways to say that this person may not write here.
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
_TARGET = re.compile(r"([0-9a-f]{64})\.([a-z0-9-]+)\.json\Z")


@dataclass(frozen=True, slots=True)
class Workplace:
    """The three folders that a publication needs."""

    mirror: Path
    keys: Path
    locks: Path

    @classmethod
    def beside(cls, mirror: Path, keys_folder: Path | None = None) -> Workplace:
        """The workplace of a mirror folder; *keys_folder* is ``keys`` beside it when absent."""
        around = mirror.absolute().parent
        return cls(mirror, keys_folder or around / "keys", around / "locks")

    def signer(self, name: str, passphrase: str | None = None) -> Signer:
        """The key file *name* below the keys' folder, opened. Raises NotFound, WrongPassphrase, NotTrusted."""
        return keys.signer(keys.load(self.keys / name, passphrase))

    @contextmanager
    def repository(self, prefix: str) -> Iterator[Path]:
        """Hold the lock of the repository at *prefix*; gives its empty staging folder.

        Raises NotFound (there is no such repository), Busy, UnreadableSource (no right to write), NoRoom.
        """
        with _disk_in_words(self.mirror), self._locked(prefix):
            staging = self.mirror / STAGING / prefix.replace("/", ".")
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(parents=True, mode=0o700)
            (self.mirror / STAGING).chmod(0o700)
            _remove_leftovers(self.mirror, prefix)
            try:
                yield staging
            finally:
                shutil.rmtree(staging, ignore_errors=True)

    @contextmanager
    def _locked(self, prefix: str) -> Iterator[None]:
        if not (self.mirror / prefix / "metadata").is_dir():
            raise NotFound(what=f"The repository {prefix} in {self.mirror}")
        with lock(self.locks / f"{prefix}.lock"):
            yield

    @contextmanager
    def publisher(self, publisher_id: str) -> Iterator[Repository]:
        """Hold the repository of a publisher. Raises BadIdentifier, and what ``repository`` raises."""
        prefix = publisher_prefix(*check_publisher(publisher_id))
        with self.repository(prefix) as staging:
            yield Repository(self, publisher_id, prefix, staging)


@dataclass(frozen=True, slots=True)
class Repository:
    """A publisher's own repository while its lock is held; *staging* is an empty folder on the mirror's disk."""

    workplace: Workplace
    id: str
    prefix: str
    staging: Path

    def unlock(self, passphrase: str) -> Signer:
        """The publisher's writer key. Raises NotFound, WrongPassphrase, NotTrusted (not a key)."""
        return self.workplace.signer(f"{self.prefix}/writer", passphrase)

    def history(self, slug: str) -> list[Index]:
        """Every index of *slug* that was published and is still here, oldest first; the last one is current.

        What a killed publication left is removed, damaged older ones are left out. Raises NotTrusted, MissingFile
        or BadManifest when the current one is damaged.
        """
        data = publisher.current(FolderFetch(self.workplace.mirror), self.id, f"{slug}.json")
        current = None if data is None else parse(data)
        current_hash = "" if data is None else hashlib.sha256(data).hexdigest()
        found: dict[int, Index] = {}
        for path in (self.workplace.mirror / self.prefix / "targets").glob(f"*.{slug}.json"):
            name = _TARGET.match(path.name)
            if name is None or name[2] != slug or name[1] == current_hash:
                continue
            older = _index(path, name[1])
            if older is None:
                continue
            if current is None or older.version >= current.version:
                path.unlink()  # it was never visible: its timestamp was not written
            else:
                found[older.version] = older
        older_ones = [found[version] for version in sorted(found)]
        return older_ones if current is None else [*older_ones, current]

    def change(self, targets: Mapping[str, bytes], writer: Signer, now: datetime) -> None:
        """Publish *targets* (name → bytes). Raises NotTrusted (the guard), NoRoom; then nothing is published."""
        mirror = self.workplace.mirror
        files = publisher.change(FolderFetch(mirror), self.id, targets, writer, now)
        release(mirror, self.prefix, files, targets, now)


def release(
    mirror: Path, prefix: str, files: Mapping[str, bytes], changed: Mapping[str, bytes], now: datetime
) -> None:
    """Write signed *files* (path → bytes, the timestamp last) after clients have tried them; see ``trust.guard``.

    Until the last one is written the repository is what it was. Raises NotTrusted, NoRoom.
    """
    check_publication(mirror, prefix, files, changed, now)
    for path, data in files.items():
        write_atomic(mirror / path, data)


def _remove_leftovers(mirror: Path, prefix: str) -> None:
    """Remove what a killed publication wrote: half files, and metadata that no timestamp names."""
    for path in (mirror / prefix).rglob(".*.new"):
        path.unlink()
    folder = mirror / prefix / "metadata"
    try:
        left = unnamed(FolderFetch(mirror), prefix, [path.name for path in folder.iterdir()])
    except MissingFile:
        return  # there is no whole repository yet; who makes it writes every file anew
    for name in left:
        (folder / name).unlink()


def _index(path: Path, sha256: str) -> Index | None:
    if path.stat().st_size > MAX_INDEX:
        return None
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        return None
    try:
        return parse(data)
    except EduboxError:
        return None


@contextmanager
def _disk_in_words(mirror: Path) -> Iterator[None]:
    try:
        with full_disk_is_no_room(mirror):
            yield
    except OSError as error:
        if error.errno in _NOT_ALLOWED:
            raise UnreadableSource(path=error.filename or mirror, reason=error.strerror) from None
        raise
