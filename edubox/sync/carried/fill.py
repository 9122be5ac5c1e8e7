"""Filling a stick from a mirror: what its want lists ask for and it lacks, safe to pull at any moment.

The order is what keeps it whole. Files named by a version or hash come first: signed metadata, then the texts
of lessons. Only when they are on the stick is each ``timestamp.json`` replaced, the directory's last, so that
a reader finds the old state or the new one. Then what no lesson of the stick needs any more may leave if
there is no room, and films come last. A repository of which the stick has something newer, or says more, is
left alone: a stick is never set back.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from edubox.errors import Busy, EduboxError, HashMismatch, MissingFile
from edubox.pack.index import Index
from edubox.pack.names import check_publisher
from edubox.store import fat
from edubox.store.layout import BUNDLES, OBJECTS, bundle_path, object_path, publisher_prefix
from edubox.sync.carried import carry
from edubox.sync.carried.carry import Item
from edubox.sync.carried.stick import put_want, recognise, wants_on
from edubox.sync.carried.wants import Want
from edubox.sync.fetching.sources import BLOCK
from edubox.sync.local import manifest_in
from edubox.sync.report import Progress
from edubox.trust.directory import PREFIX
from edubox.trust.fetch import MAX_METADATA, FolderFetch, open_inside
from edubox.trust.named import read_named, timestamp_path, version_of, vouches

#: Of the stick that lessons never fill; signatures may.
RESERVE = 0.05
_COPYING = "copying to the stick"


@dataclass(slots=True)
class Filled:
    """What a filling did: *files* and *bytes* written, and the *left* groups (lessons, films) that did not fit."""

    files: int = 0
    bytes: int = 0
    left: list[str] = field(default_factory=list)


def fill(mount: Path, root: bytes, mirror: Path, progress: Progress, own: Want | None = None) -> Filled:
    """Leave *own*, this box's want list, on the stick at *mount*, then write what the others there ask for and *mirror* has.

    *root* says the country. Raises NotOurStick, Unreachable (pulled: the next filling continues),
    UnusablePath (write-protected), NoRoom, Busy, NotTrusted (the mirror's directory is not whole).
    """
    with fat.pulled_is_unreachable(mount), _held(recognise(mount, root)) as folder:
        fat.clear(folder)
        if own is not None:
            put_want(folder, own)
        filling = _Filling(folder, mirror, progress)
        if (mirror / timestamp_path(PREFIX)).exists():
            filling.run([want for want in wants_on(folder) if own is None or want.box != own.box])
        return filling.filled


def remove_damaged(mount: Path, root: bytes, own: Want) -> int:
    """Remove from the stick what *own* still lacks after an exchange and the stick holds damaged; returns how many.

    A file of a worn stick has its size and not its bytes: gone, it is brought again by the next who has it.
    """
    with fat.pulled_is_unreachable(mount), _held(recognise(mount, root)) as folder:
        fat.clear(folder)
        removed = 0
        for item in carry.chosen(folder, [own]):
            try:
                if item.kind != carry.METADATA:
                    deque(_proven(folder, item), maxlen=0)
            except HashMismatch:
                (folder / item.path).unlink()
                removed += 1
        return removed


class _Filling:
    def __init__(self, folder: Path, mirror: Path, progress: Progress) -> None:
        self.folder, self.mirror, self.progress = folder, mirror, progress
        self.filled = Filled()

    def run(self, wants: Sequence[Want]) -> None:
        """Everything, in order."""
        items = carry.chosen(self.mirror, wants)
        self.room = fat.Room.of(self.folder, RESERVE)
        groups = [list(group) for _, group in groupby(items, key=lambda item: (item.kind, item.group))]
        signed = [group for group in groups if group[0].kind == carry.METADATA and self._goes_forward(group)]
        texts = self._absent(group for group in groups if group[0].kind == carry.TEXT)
        media = self._absent(group for group in groups if group[0].kind == carry.MEDIA)
        whole = self._sign(signed)
        waiting = self._write(texts)
        self._write_timestamps(whole)
        short = waiting or not all(self.room.take([item.size for item in group]) for group in media)
        erased = carry.erased_in(self.mirror, items)
        if short or any((self.folder / object_path(sha256)).exists() for sha256 in erased):
            self._make_room(items, erased)
        self.room = fat.Room.of(self.folder, RESERVE)
        left = self._write(waiting) + self._write(media)
        self.filled.left += [group[0].group for group in left]

    # --- signatures ------------------------------------------------------------------------------------

    def _goes_forward(self, group: Sequence[Item]) -> bool:
        """Whether writing the repository *group* sets the stick's copy back in nothing."""
        stamp = group[-1]
        assert stamp.data is not None
        on_stick = FolderFetch(self.folder)
        claimed = [version_of(_read(on_stick, stamp.path + end)) for end in ("", fat.PREVIOUS)]
        if max(claimed) > version_of(stamp.data):
            return False
        if group[0].group != PREFIX or claimed[0] == version_of(stamp.data):
            return True
        try:
            before = read_named(self.folder, PREFIX)
        except EduboxError:
            return True  # it can show nothing now
        after = read_named(self.mirror, PREFIX, below=on_stick)
        # A box knows the records of those it follows; another box's may be on this stick.
        return all(after.target(name) for _, _, targets in before.roles.values() for name in targets)

    def _sign(self, groups: Sequence[list[Item]]) -> list[list[Item]]:
        """Write all files of the repositories *groups* but the timestamps; returns those that are whole now."""
        own, on_stick = FolderFetch(self.mirror), FolderFetch(self.folder)
        written = []
        for group in groups:
            files = {item.path: own.read(item.path, item.size) for item in group[:-1]}
            lacking = {path: data for path, data in files.items() if _read(on_stick, path) != data}
            if self.room.take([len(data) for data in lacking.values()], all_of_it=True):
                self._put([fat.New.of(path, data) for path, data in lacking.items()])
                written.append(group)
            else:
                self.filled.left.append(group[0].group)
        return written

    def _write_timestamps(self, groups: Sequence[list[Item]]) -> None:
        on_stick = FolderFetch(self.folder)
        # A record may name a publisher's new root: the directory comes after the publishers.
        for group in sorted(groups, key=lambda group: group[0].group == PREFIX):
            stamp = group[-1]
            assert stamp.data is not None
            before = _read(on_stick, stamp.path)
            if before == stamp.data:
                continue
            root = [item for item in group if item.path.endswith(".root.json")][-1]
            # The copy beside it may be the only good one: a torn file must not take its place.
            if vouches(FolderFetch(self.mirror).read(root.path, root.size), before):
                fat.overwrite(self.folder / (stamp.path + fat.PREVIOUS), before)
            fat.overwrite(self.folder / stamp.path, stamp.data)
            self.filled.files += 1

    # --- lessons ---------------------------------------------------------------------------------------

    def _absent(self, groups: Iterable[list[Item]]) -> list[list[Item]]:
        """Of each of *groups* what the stick lacks; those of which it has all are left out."""
        lacking = (
            [item for item in group if not carry.held(self.folder, item.path, item.size)] for group in groups
        )
        return [group for group in lacking if group]

    def _write(self, groups: Sequence[list[Item]]) -> list[list[Item]]:
        """Write those of *groups* that fit, whole; returns the others."""
        fitting: list[list[Item]] = []
        left: list[list[Item]] = []
        files: dict[str, fat.New] = {}
        for group in groups:
            # Two lessons may share a picture, or be the same lesson of two publishers.
            further = [item for item in group if item.path not in files]
            sizes = [item.size for item in further]
            if max(sizes, default=0) <= fat.MOST_BYTES and self.room.take(sizes):
                fitting.append(group)
                files |= {
                    item.path: fat.New(item.path, item.size, partial(_proven, self.mirror, item))
                    for item in further
                }
            else:
                left.append(group)
        damaged = set(self._put(list(files.values())))
        return left + [group for group in fitting if not damaged.isdisjoint(item.path for item in group)]

    def _put(self, files: Sequence[fat.New]) -> list[str]:
        """Write *files* to the stick; returns the paths of those that are damaged here."""
        total = sum(new.size for new in files)
        damaged = fat.write_all(self.folder, files, lambda done: self.progress.show(_COPYING, done, total))
        written = [new.size for new in files if new.path not in damaged]
        self.filled.files += len(written)
        self.filled.bytes += sum(written)
        return damaged

    def _make_room(self, items: Iterable[Item], erased: set[str]) -> None:
        """Remove bundles and objects that no current lesson of the stick, and nothing of *items*, needs.

        What was *erased* (manifests and objects) nobody needs, whatever an index still names.
        """
        needed = {item.path for item in items}
        leaving = {BUNDLES, OBJECTS}
        publishers = carry.publishers_in(self.folder)
        if len(publishers) == carry.MOST_PUBLISHERS:
            return  # there may be more
        for publisher in publishers:
            try:
                named = read_named(self.folder, publisher_prefix(*check_publisher(publisher)))
            except MissingFile:
                continue  # it was never finished, so nobody reads it
            except EduboxError:
                return  # damaged: nobody can say what it needs
            for lesson in carry.lessons_in(self.folder, [named]):
                if lesson.index.manifest in erased:
                    continue
                needed |= {bundle_path(bundle.sha256) for bundle in lesson.index.bundles}
                if lesson.index.system is not None:
                    continue  # it has no objects
                objects = self._objects_of(lesson.index)
                if objects is None:
                    leaving.discard(OBJECTS)
                else:
                    needed |= {object_path(sha256) for sha256 in objects}
        needed -= {object_path(sha256) for sha256 in erased}
        for kind in sorted(leaving):
            for entry in fat.files(self.folder / kind):
                if os.path.relpath(entry.path, self.folder).lower() not in needed:
                    os.unlink(entry.path)

    def _objects_of(self, index: Index) -> list[str] | None:
        """The objects that the lesson of *index* may be read from; None when nobody here can say."""
        for mirror in (self.folder, self.mirror):
            manifest = manifest_in(mirror, index.manifest)
            if manifest is not None:
                return [index.manifest, *(file.sha256 for file in manifest.files)]
            media = carry.media_of_lesson(mirror, index)
            if media is not None:
                return [index.manifest, *(sha256 for sha256, _ in media)]
        return None


def _proven(mirror: Path, item: Item) -> Iterator[bytes]:
    """The bytes of a bundle or object of *mirror*; HashMismatch at the end when the card has lost a bit of them."""
    digest = hashlib.sha256()
    with open_inside(mirror, item.path) as source:
        while block := _block(source, item):
            digest.update(block)
            yield block
    if digest.hexdigest() != item.path.rpartition("/")[2]:
        raise HashMismatch(what=item.path)


def _block(source: BinaryIO, item: Item) -> bytes:
    try:
        return source.read(BLOCK)
    except OSError:  # the card's fault, which must not be taken for the stick's
        raise HashMismatch(what=item.path) from None


def _read(fetch: FolderFetch, path: str) -> bytes:
    """What the stick has at *path*; nothing if that cannot be read."""
    try:
        return fetch.read(path, MAX_METADATA)
    except EduboxError:
        return b""


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[Path]:
    """*folder* by a name that stays the stick's: once it is unmounted, the old one is a folder of the box's own card.

    One process at a time. Raises Busy.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Path(f"/proc/self/fd/{handle}")
    except BlockingIOError:
        raise Busy(path=folder) from None
    finally:
        os.close(handle)
