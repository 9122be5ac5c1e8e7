"""The shelf of a box: couriers that a phone hands in, and those that wait for a phone to take them along.

``courier/in/`` has what arrives, in pieces that follow one another, ``<key>-<size>.part`` until it is whole
and ``<key>.zip`` then; ``courier/out/`` the parts of one courier made here. Files are the only state: whoever
comes next, after a cut or a restart, sees in them what is to be done. The serving process takes pieces and
hands out files; a child does the work (``courier_work``). All names are ours. What nobody came back for
leaves after two days.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from edubox.errors import BadInput, MissingFile, NoRoom
from edubox.store.notes import read_note
from edubox.store.platform import (
    Reserve,
    ensure_room,
    full_disk_is_no_room,
    make_folder,
    sync_folder,
    write_atomic,
)  # fmt: skip
from edubox.sync.carried.courier_source import PART_SIZE

#: Files on their way in or waiting; seconds that one is kept for somebody to come back; results that are remembered.
MOST, KEPT, REMEMBERED = 8, 2 * 24 * 3600.0, 5
IN, OUT = "courier/in", "courier/out"
#: In ``courier/out/``: whose courier is to be made, until it is (a want list, or empty for everything).
ASKED = "asked.json"
RESULTS = "courier/results.json"
_PART = re.compile(r"([0-9a-f]{16})-([0-9]{1,10})\.part\Z")
_KEY = re.compile(r"[0-9a-f]{16}\Z")
_OUTGOING = re.compile(r"edubox-[a-z0-9-]{1,140}-[0-9]{1,3}of[0-9]{1,3}\.zip\Z")


class OutOfStep(Exception):
    """A piece that does not follow what is here; *at* is the byte to go on with."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


@dataclass(frozen=True, slots=True)
class Result:
    """How a courier that was handed in, or asked for, ended.

    *code* of the error, empty if all went well; *lessons* that came, and *bytes* of lessons; *rest*: more of
    them come with further parts.
    """

    moment: float
    what: str
    code: str = ""
    lessons: int = 0
    bytes: int = 0
    rest: bool = False


class Shelf:
    """The shelf of the box in *data*, whose disk keeps *reserve* free. One for each process; safe between threads."""

    def __init__(self, data: Path, reserve: Reserve) -> None:
        self._data, self._reserve = data, reserve
        self._lock = Lock()

    # --- what is handed in -----------------------------------------------------------------------------

    def begin(self, name: str, size: int, stamp: str) -> tuple[str, int]:
        """Begin to take in the file that a phone calls *name*, of *size* bytes, or go on: its key here, and from which byte.

        *name* and *stamp* (when it was changed) only tell one file from another. Raises BadInput (too large,
        too many at once), NoRoom.
        """
        if not 0 < size <= PART_SIZE:
            raise BadInput(reason=f"a file has at most {PART_SIZE / 1e6:.0f} MB")
        key = hashlib.sha256(f"{name}\0{size}\0{stamp}".encode("utf-8", "replace")).hexdigest()[:16]
        folder = self._data / IN
        with self._lock, full_disk_is_no_room(folder):
            if (folder / f"{key}.zip").exists():
                return key, size
            path = folder / f"{key}-{size}.part"
            if not path.exists():
                self._admit(size)
                make_folder(folder)
                path.touch(mode=0o600)
            return key, path.stat().st_size

    def take(self, key: str, size: int, at: int, piece: bytes) -> int:
        """Add *piece*, which begins at byte *at*, and return how many bytes are here now.

        Raises OutOfStep, MissingFile (it was never begun, or removed), BadInput (more than was announced), NoRoom.
        """
        folder = self._data / IN
        path = folder / f"{key}-{size}.part"
        with self._lock:
            if not _KEY.match(key) or not path.exists():
                if _KEY.match(key) and (folder / f"{key}.zip").exists():
                    raise OutOfStep(size)
                raise MissingFile(source="this box", path=key)
            if at + len(piece) > size:
                raise BadInput(reason="more came than was announced")
            with full_disk_is_no_room(folder):
                return self._append(path, size, at, piece)

    def arriving(self) -> list[tuple[int, int]]:
        """Bytes here and bytes in all of what is on its way."""
        return [(done, size) for _, done, size in self._partial()]

    def waiting(self) -> list[Path]:
        """What is here whole and has not been looked at, the oldest first."""
        return sorted((self._data / IN).glob("*.zip"), key=_changed)

    def _admit(self, size: int) -> None:
        partial = self._partial()
        if len(partial) + len(self.waiting()) >= MOST:
            raise BadInput(reason=f"{MOST} files are here already")
        # Its bytes are here twice while the lessons are taken out of it.
        coming = sum(whole - done for _, done, whole in partial)
        ensure_room(self._data, coming + 2 * size, 8, self._reserve)

    def _append(self, path: Path, size: int, at: int, piece: bytes) -> int:
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            here = os.fstat(handle).st_size
            if here != at:
                raise OutOfStep(here)
            ensure_room(self._data, len(piece), 1, self._reserve)
            view = memoryview(piece)
            while view:
                written = os.pwrite(handle, view, at)
                at += written
                view = view[written:]
            if at == size:
                os.fsync(handle)
        finally:
            os.close(handle)
        if at == size:
            path.replace(path.with_name(f"{path.name.partition('-')[0]}.zip"))
            sync_folder(path.parent)
        return at

    def _partial(self) -> list[tuple[Path, int, int]]:
        found = []
        for path in _files(self._data / IN):
            match = _PART.match(path.name)
            if match:
                found.append((path, path.stat().st_size, int(match[2])))
        return found

    # --- what is taken along ---------------------------------------------------------------------------

    def ask(self, want: bytes) -> None:
        """Ask for a courier for the box whose want list *want* is, or for every box; the earlier one leaves. Raises NoRoom."""
        self.clear()
        write_atomic(self._data / OUT / ASKED, want)

    def asked(self) -> bytes | None:
        """The want list of a courier that is to be made, empty for everything; None if there is none."""
        try:
            return (self._data / OUT / ASKED).read_bytes()
        except OSError:
            return None

    def made(self) -> None:
        """The courier that was asked for is there, or cannot be made."""
        (self._data / OUT / ASKED).unlink(missing_ok=True)

    @property
    def out(self) -> Path:
        """The folder of the parts to take along."""
        return self._data / OUT

    def outgoing(self) -> list[tuple[str, int]]:
        """Name and size of the parts to take along, in order; none while they are being made."""
        if self.asked() is not None:
            return []
        found = [(path.name, path.stat().st_size) for path in _files(self.out) if _OUTGOING.match(path.name)]
        return sorted(found, key=lambda one: (len(one[0]), one[0]))

    def outgoing_part(self, name: str) -> Path | None:
        """The file of the part called *name*."""
        return self.out / name if any(name == one for one, _ in self.outgoing()) else None

    def clear(self) -> None:
        """Remove the parts to take along, and what was asked for."""
        shutil.rmtree(self.out, ignore_errors=True)

    # --- how it went, and what leaves ------------------------------------------------------------------

    def results(self) -> list[Result]:
        """The last results, the newest first."""
        try:
            return [_result(one) for one in read_note(self._data / RESULTS)]
        except (OSError, ValueError, TypeError):
            return []

    def tell(self, result: Result) -> None:
        """Remember *result*. A full disk is no reason to fail."""
        kept = [result, *self.results()][:REMEMBERED]
        value = [{name: getattr(one, name) for name in Result.__slots__} for one in kept]
        try:
            write_atomic(self._data / RESULTS, json.dumps(value).encode())
        except (NoRoom, OSError):
            return

    def tidy(self, now: float | None = None) -> None:
        """Remove what nobody came back for."""
        moment = time.time() if now is None else now
        with self._lock:
            # What is whole leaves when it has been looked at, and not under the hands of who does.
            for path in [*(path for path, _, _ in self._partial()), *_files(self.out)]:
                # A clock that went back makes nothing old.
                if _changed(path) + KEPT < moment:
                    path.unlink(missing_ok=True)


def _result(value: dict[str, Any]) -> Result:
    """Raises TypeError unless every value has its type."""
    result, empty = Result(**value), Result(0.0, "")
    for name in Result.__slots__:
        wanted = type(getattr(empty, name))
        if not isinstance(getattr(result, name), int | float if wanted is float else wanted):
            raise TypeError(name)
    return result


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
