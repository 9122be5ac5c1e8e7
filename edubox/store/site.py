"""Installed lessons as folders of plain files: ``site/<manifest>/<path>``, ready for any web server.

A tree is made of hard links to the mirror's objects, with gzip twins beside what compresses; where links do
not work (another disk, 65,000 names on ext4, FAT) a file is copied. A tree is built beside its place and
renamed into it when all its bytes are on the disk, so that it exists whole or not at all. Media may come
later, one file at a time, each as atomic. A tree that is no longer current stays for a night, for the class
that is reading it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from edubox.store.layout import object_path
from edubox.store.notes import read_note
from edubox.store.platform import (
    Reserve,
    ensure_room,
    full_disk_is_no_room,
    is_unfinished,
    link_or_copy,
    sync_folder,
    write_atomic,
)  # fmt: skip
from edubox.store.twins import twin, wants_twin

#: How long a replaced version stays readable.
NIGHT = timedelta(hours=12)
#: A gzip twin of text takes at most this share of it, to know beforehand whether it fits.
_TWIN_SHARE = 0.5
_NEW, _GONE, _ARRIVING = ".new-", ".gone-", ".arriving"
_LEAVING = ".leaving.json"


class Listed(Protocol):
    """A file of a lesson, as its manifest lists it."""

    @property
    def path(self) -> str:
        """Where it lies in the lesson; checked to stay inside."""

    @property
    def sha256(self) -> str:
        """Its object's name."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def type(self) -> str:
        """Media type."""


AnyListed = TypeVar("AnyListed", bound=Listed)


class Site:
    """The trees of one data folder, which also holds their ``mirror`` and ``twins``."""

    def __init__(self, data: Path, reserve: Reserve = Reserve()) -> None:  # noqa: B008 - immutable
        """*reserve*: what of the disk is never filled."""
        self.folder, self.mirror, self.twins = data / "site", data / "mirror", data / "twins"
        self._reserve = reserve

    def tree(self, manifest: str) -> Path:
        """The folder of the version whose manifest has this hash."""
        return self.folder / manifest

    def lacking(self, manifest: str, files: Iterable[AnyListed]) -> list[AnyListed]:
        """Those of *files* that the tree does not hold with their size."""
        tree = str(self.tree(manifest))
        lacking = []
        for file in files:
            try:
                there = os.stat(f"{tree}/{file.path}").st_size == file.size
            except OSError:
                there = False
            if not there:
                lacking.append(file)
        return lacking

    def build(self, manifest: str, files: Collection[Listed]) -> Path:
        """Make the tree of *files*, whose objects are all in the mirror, in place of any other of that name.

        Raises NoRoom, and then nothing has changed; FileNotFoundError when an object is missing.
        """
        beside, target = self.folder / f"{_NEW}{manifest}", self.tree(manifest)
        self._ensure_room(files)
        with full_disk_is_no_room(self.folder):
            self.folder.mkdir(exist_ok=True)
            _remove(beside)
            beside.mkdir()
            for file in files:
                self._place(file, beside)
            os.sync()
            if target.exists():
                self._discard(target)
            beside.rename(target)
            sync_folder(self.folder)
        return target

    def add(self, manifest: str, file: Listed) -> None:
        """Put one more file, whose object has just arrived, into a tree that is being read. Raises NoRoom."""
        target, arriving = self.tree(manifest) / file.path, self.folder / _ARRIVING
        with full_disk_is_no_room(self.folder):
            arriving.unlink(missing_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(self.mirror / object_path(file.sha256), arriving)
            arriving.replace(target)
            sync_folder(target.parent)

    def clear_leftovers(self) -> None:
        """Remove what a cut left half-made; safe to repeat."""
        if self.folder.is_dir():
            for path in list(self.folder.iterdir()):
                if path.name.startswith((_NEW, _GONE, _ARRIVING)) or is_unfinished(path.name):
                    _remove(path)

    def manifests(self) -> set[str]:
        """The versions that have a tree."""
        if not self.folder.is_dir():
            return set()
        return {path.name for path in self.folder.iterdir() if not path.name.startswith(".")}

    def retire(self, current: Collection[str], now: datetime) -> int:
        """Remove the trees that have not been among *current* for a night; return how many. *now* is UTC."""
        since = self._leaving()
        moment = int(now.timestamp())
        # A clock that was set back must not keep a tree for years.
        leaving = {
            name: min(since.get(name, moment), moment) for name in sorted(self.manifests() - set(current))
        }
        gone = [name for name, begin in leaving.items() if moment - begin >= NIGHT.total_seconds()]
        for name in gone:
            self._discard(self.tree(name))
            del leaving[name]
        if leaving != since:
            write_atomic(self.folder / _LEAVING, json.dumps(leaving).encode())
        return len(gone)

    def discard(self, manifest: str) -> None:
        """Take a version's tree away at once, whoever reads it, then its files."""
        if self.tree(manifest).is_dir():
            self._discard(self.tree(manifest))

    def drop(self, manifest: str, path: str) -> None:
        """Take one file out of a tree; no error when it is not there."""
        (self.tree(manifest) / path).unlink(missing_ok=True)

    def _leaving(self) -> dict[str, int]:
        try:
            value = read_note(self.folder / _LEAVING)
            return {str(name): int(begin) for name, begin in value.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}  # nothing is leaving yet, or the note was damaged: the night begins again

    def _place(self, file: Listed, tree: Path) -> None:
        source, target = self.mirror / object_path(file.sha256), tree / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(source, target)
        if wants_twin(file.type, file.size):
            compressed = twin(self.twins, file.sha256, source)
            if compressed is not None:
                # Not with_suffix: the name may be as long as a name can be without it.
                beside = f"{target}.gz"
                if len(os.fsencode(os.path.basename(beside))) <= 255:
                    link_or_copy(compressed, Path(beside))

    def _ensure_room(self, files: Collection[Listed]) -> None:
        folders = {file.path.rpartition("/")[0] for file in files}
        wanted = [
            file.size
            for file in files
            if wants_twin(file.type, file.size) and not (self.twins / file.sha256[:2] / file.sha256).exists()
        ]
        size = int(sum(wanted) * _TWIN_SHARE)
        ensure_room(self.mirror, size, len(folders) + len(wanted) + 1, self._reserve)

    def _discard(self, tree: Path) -> None:
        """Take a tree away at once, then its files."""
        gone = self.folder / f"{_GONE}{tree.name}"
        _remove(gone)
        tree.rename(gone)
        _remove(gone)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
