"""How much a mirror keeps: what nobody asked for longest leaves first, and what the newest signatures name leaves last.

The bound is counted over everything that can be fetched again: bundles, objects, indexes, old files of signatures. A file's time of
change is when it was last asked for, to the hour, so the order survives a restart. What the newest signatures name stays if all of it
fits; then an older file that has no place beside it is passed on and not kept.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from edubox.errors import NoRoom
from edubox.store.layout import BUNDLES, DIRECTORY, OBJECTS, PUBLISHERS
from edubox.store.platform import Reserve, ensure_room, is_unfinished

#: Bytes and inodes of the disk that stay free whatever the bound is.
RESERVE = Reserve(256 * 1024 * 1024, 1000)
#: When something must leave, this share of the bound is made free: one look for many files.
_MORE = 0.05
#: Seconds within which a file is asked for once, as far as its age is concerned; seconds that half a file waits for its rest.
_HOUR, _DAY = 3600.0, 86_400.0
#: Names whose last hour is remembered.
_NAMES = 50_000
#: What stays: a repository's pointer, and every root that was met.
_STAYS = re.compile(r"/metadata/(timestamp|[0-9]+\.root)\.json\Z")


class Room:
    """The room of *mirror*; *most* bytes. *named* gives the paths that the newest signatures name, with their sizes."""

    def __init__(
        self, mirror: Path, staging: Path, most: int, named: Callable[[], dict[str, int]],
        reserve: Reserve = RESERVE,
    ) -> None:  # fmt: skip
        self.most = most
        self._mirror, self._staging, self._named, self._reserve = mirror, staging, named, reserve
        #: Whether the file of a hash is on its way.
        self.is_coming: Callable[[str], bool] = lambda _: False
        self._lock = threading.RLock()
        self._asked: dict[str, float] = {}
        #: Of files on their way, by path: bytes that are still to come, and those that were here before.
        self._promised: dict[str, tuple[int, int]] = {}
        self._used = 0
        self._look()

    @property
    def used(self) -> int:
        """Bytes that are here, or promised to files on their way."""
        with self._lock:
            return self._used + sum(coming for coming, _ in self._promised.values())

    def touch(self, path: str) -> None:
        """*path* was asked for."""
        now = time.monotonic()
        if now - self._asked.get(path, float("-inf")) < _HOUR:
            return
        if len(self._asked) >= _NAMES:
            self._asked.clear()
        self._asked[path] = now
        with contextlib.suppress(OSError):
            os.utime(self._mirror / path)

    def make_room(self, path: str, size: int, held: int) -> None:
        """Let leave what must for *path* of *size* bytes, *held* of which are here. Raises NoRoom (the disk is full of other things)."""
        with self._lock:
            short = self.used + size - held - self.most
            short = max(short, self._lacking(size - held))
            if short > 0:
                self._let_leave(path, size, short + int(self.most * _MORE))
            ensure_room(self._staging, size - held, 2, self._reserve)
            self._promised[path] = size - held, held

    def fits(self) -> bool:
        """Whether what is here and promised is within the bound."""
        return self.used <= self.most

    def settled(self, path: str, more: int) -> None:
        """*path* came or does not come; so many bytes *more* than before are here of it (fewer, if it is negative)."""
        with self._lock:
            self._promised.pop(path, None)
            self._used += more

    def count(self, size: int) -> None:
        """A small file of *size* bytes was written."""
        with self._lock:
            self._used += size

    def may_come(self, size: int) -> bool:
        """Whether *size* bytes more fit without anything leaving."""
        return self.used + size <= self.most and not self._lacking(size)

    def _lacking(self, size: int) -> int:
        """Bytes that the disk lacks for *size* more."""
        try:
            ensure_room(self._staging, size, 2, self._reserve)
        except NoRoom as error:
            lacking: Reserve = error.details["lacking"]  # type: ignore[assignment]
            return max(lacking.size, 1)
        return 0

    def _let_leave(self, path: str, size: int, short: int) -> None:
        for part in _parts(self._staging):
            if not self.is_coming(part.name):
                short -= self._remove(part)
        if short <= 0:
            return
        named, files = self._named(), sorted(self._look())
        short = self._remove_some((one for _, _, one in files if one not in named), short)
        # Without its place beside what is newest, an older file is passed on and not kept.
        if short > 0 and (path in named or sum(named.values()) > self.most) and size <= self.most:
            self._remove_some(
                (one for _, _, one in files if one in named and one.startswith((OBJECTS, BUNDLES))), short
            )

    def _look(self) -> list[tuple[float, int, str]]:
        """Everything that may leave; what is used is counted anew."""
        files = list(_files(self._mirror))
        parts = sum(one.stat().st_size for one in _parts(self._staging) if not self.is_coming(one.name))
        self._used = (
            sum(size for _, size, _ in files) + parts + sum(here for _, here in self._promised.values())
        )
        return files

    def _remove_some(self, paths: Iterator[str], short: int) -> int:
        for path in paths:
            if short <= 0:
                break
            short -= self._remove(self._mirror / path)
        return short

    def _remove(self, path: Path) -> int:
        try:
            size = path.stat().st_size
            path.unlink()
        except OSError:
            return 0
        self._used -= size
        return size


def clear(mirror: Path, staging: Path) -> None:
    """Remove what a killed process left half written, but for files that go on where they were."""
    for folder in (mirror / DIRECTORY, mirror / PUBLISHERS, mirror / OBJECTS, mirror / BUNDLES):
        for path in list(folder.rglob(".*")):
            if is_unfinished(path.name):
                path.unlink(missing_ok=True)
    for path in _parts(staging):
        if path.stat().st_mtime < time.time() - _DAY:
            path.unlink(missing_ok=True)


def _parts(staging: Path) -> list[Path]:
    return [path for path in staging.iterdir() if path.is_file()]


def _files(
    mirror: Path, tops: Collection[str] = (OBJECTS, BUNDLES, DIRECTORY, PUBLISHERS)
) -> Iterator[tuple[float, int, str]]:
    """When it was last asked for, size and path of everything that may leave."""
    for top in tops:
        waiting = [mirror / top]
        while waiting:
            folder = waiting.pop()
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                        continue
                    path = os.path.relpath(entry.path, mirror)
                    if not _STAYS.search(f"/{path}") and not entry.name.startswith("."):
                        found = entry.stat(follow_symlinks=False)
                        yield found.st_mtime, found.st_size, path
