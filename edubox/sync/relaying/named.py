"""What the newest signatures of a mirror name: files of signatures, indexes, bundles, and the media of the lessons.

Only what was verified lies in the mirror under these names, so nothing is checked here again. Which media a lesson has stands at the
beginning of its bundle; that is read once for each bundle and remembered.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from edubox.errors import EduboxError
from edubox.pack.bundle import read_media
from edubox.pack.index import MAX_INDEX, Index
from edubox.pack.index import parse as parse_index
from edubox.pack.names import is_staff
from edubox.store.layout import DIRECTORY, PUBLISHERS, bundle_path, object_path
from edubox.trust.fetch import FolderFetch, open_inside
from edubox.trust.named import Named, read_named, timestamp_path


class Piece(NamedTuple):
    """A bundle or an object: its *path* and *size* in bytes, and when its lesson was published (``2026-11-24T08:00Z``)."""

    published: str
    path: str
    size: int


class NewestNames:
    """What *mirror* names; shared by all threads."""

    def __init__(self, mirror: Path) -> None:
        self._mirror = mirror
        self._lock = threading.Lock()
        self._media: dict[str, tuple[tuple[str, int], ...]] = {}

    def files(self) -> dict[str, int]:
        """Path → size of everything that the newest signatures name."""
        found: dict[str, int] = {}
        for named in self._repositories():
            found |= named.files()
            found |= {piece.path: piece.size for piece in self._pieces(named)}
        return found

    def pieces(self) -> list[Piece]:
        """The bundles and media of all current lessons, the newest lesson first, small before large."""
        found = {piece.path: piece for named in self._repositories() for piece in self._pieces(named)}
        return sorted(
            sorted(found.values(), key=lambda one: one.size), key=lambda one: one.published, reverse=True
        )

    def _repositories(self) -> Iterator[Named]:
        for prefix in repositories(self._mirror):
            try:
                yield read_named(self._mirror, prefix)
            except EduboxError:
                continue  # it is being written, or was cut: the next look finds it

    def _pieces(self, named: Named) -> Iterator[Piece]:
        if named.prefix == DIRECTORY or "targets" not in named.roles:
            return
        for name, target in named.roles["targets"][2].items():
            if "/" in name or is_staff(name.removesuffix(".json")):
                continue  # what is for teachers only is in no public mirror
            try:
                index = parse_index(FolderFetch(self._mirror).read(target.path, MAX_INDEX))
            except EduboxError:
                continue
            for bundle in index.bundles:
                yield Piece(index.published, bundle_path(bundle.sha256), bundle.size)
            for sha256, size in self._media_of(index):
                yield Piece(index.published, object_path(sha256), size)

    def _media_of(self, index: Index) -> tuple[tuple[str, int], ...]:
        """Hash and size of the media of a lesson; none while its bundle is not here."""
        full = index.full
        if full is None or full.unpacked == index.size:
            return ()
        with self._lock:
            if full.sha256 in self._media:
                return self._media[full.sha256]
        try:
            with open_inside(self._mirror, bundle_path(full.sha256)) as stream:
                media = tuple(read_media(stream, index.manifest_size))
        except (EduboxError, OSError):
            return ()
        with self._lock:
            self._media[full.sha256] = media
        return media


def repositories(mirror: Path) -> Iterator[str]:
    """The prefixes of the repositories that *mirror* holds, the directory first."""
    found = [
        DIRECTORY,
        *(path.relative_to(mirror).as_posix() for path in sorted((mirror / PUBLISHERS).glob("*/*"))),
    ]
    return (prefix for prefix in found if (mirror / timestamp_path(prefix)).is_file())
