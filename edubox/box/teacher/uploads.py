"""Files on their way from a teacher's device: what has come of each stays, whatever is cut.

``data/uploads/<id>/`` holds ``info.json`` (what is coming and for which draft, written once) and ``data``. The size of ``data``
is how far the upload is, and nothing else says so: bytes are only ever added at its end, by one request at a time, and a
request that names another place than the end adds nothing. So after any cut no byte is there twice and none is missing.
What a device is told to have arrived was synced first (``Arriving.settle``); what came after that may be lost with the power,
then the file is shorter, since a file system writes the bytes of a file before its new size. Whoever asks how far it is
begins there.

A finished file is moved into its draft, on the same disk; ``info.json`` alone stays for a while and says so, for a device that
did not hear of it. All of it has an end: in size, in number, for a person and in all, and in time.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NamedTuple

from edubox.box.teacher.arriving import Arriving
from edubox.errors import NotFound, OutOfStep, TooLarge, TooMany
from edubox.store.notes import read_note
from edubox.store.platform import (
    Reserve,
    ensure_room,
    full_disk_is_no_room,
    make_folder,
    sync_folder,
    write_atomic,
)

FOLDER = "uploads"
#: Bytes of the largest file.
LARGEST = 4_000_000_000
#: Uploads that are not finished, of one person and of all.
OF_A_PERSON, IN_ALL = 50, 300
#: Seconds after its last byte for which an unfinished upload is kept.
KEPT = 7 * 86_400
#: Finished ones that are remembered.
REMEMBERED = 100
#: Where a finished file goes: into the lesson, beside it for teachers, among photos to be put together, or it is a lesson itself.
FILES, STAFF, PHOTOS, LESSON = "files", "staff", "photos", "lesson"
KINDS = (FILES, STAFF, PHOTOS, LESSON)
#: Characters of a name with its folders, and of a media type.
NAME, TYPE = 1000, 100
#: The media type of a piece of a file.
PIECE = "application/offset+octet-stream"
_DATA, _INFO = "data", "info.json"
_IDENT = re.compile(r"[a-z2-7]{26}\Z")
_NUMBER = re.compile(r"[0-9]{1,15}\Z")
#: Files that a draft and its build make of one that was uploaded.
_INODES = 8
_PRIVATE = 0o700
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Coming:
    """What is coming: a file of *size* bytes, called *name* (with its folders), for the draft *draft* of *person*."""

    person: int
    draft: str
    name: str
    size: int
    type: str = ""
    kind: str = FILES
    #: Whether the draft was made for it; nothing of it stays if nothing came.
    made: bool = False


class Standing(NamedTuple):
    """How far an upload is, in bytes; *finished*: it is in its draft."""

    coming: Coming
    offset: int
    finished: bool
    #: Seconds since 1970 of its last byte.
    touched: float


class Uploads:
    """The uploads of the box in *data*; safe to use from many threads of one process.

    *forget* is told of each upload that ends unfinished. *reserve* stays free on the disk.
    """

    def __init__(
        self, data: Path, reserve: Reserve = Reserve(), forget: Callable[[Coming], None] = lambda _: None  # noqa: B008 - immutable
    ) -> None:  # fmt: skip
        self._data, self._reserve, self._forget = data, reserve, forget
        self._place = data / FOLDER
        self._writers: dict[str, Arriving] = {}
        #: Who writes; held for no longer than one write, since the loop that serves everybody waits for it.
        self._turn = threading.RLock()
        #: What begins or ends.
        self._edge = threading.Lock()
        self._cleared = float("-inf")
        #: Whose a request is, by its headers (named as in WSGI): the desk says so.
        self.owner: Callable[[Mapping[str, str]], int | None] = lambda _: None

    def begin(self, coming: Coming) -> str:
        """Make room for *coming*; its id. Raises TooLarge, TooMany, NoRoom."""
        if coming.size > LARGEST:
            raise TooLarge(limit=LARGEST // 1_000_000)
        self.clear()
        with self._edge, full_disk_is_no_room(self._data):
            self._check_room(coming)
            make_folder(self._place)
            self._place.chmod(_PRIVATE)
            ident = base64.b32encode(secrets.token_bytes(17)).decode("ascii").lower()[:26]
            folder = self._place / ident
            folder.mkdir(mode=_PRIVATE)
            # The note comes last: with it and without data an upload is finished.
            os.close(os.open(folder / _DATA, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            write_atomic(folder / _INFO, json.dumps({"format": 1} | asdict(coming)).encode(), 0o600)
            sync_folder(self._place)
        return ident

    def standing(self, ident: str) -> Standing:
        """How far the upload *ident* is. Raises NotFound."""
        folder = self._folder(ident)
        coming = _read(folder)
        try:
            found = (folder / _DATA).stat()
        except FileNotFoundError:
            return Standing(coming, coming.size, True, _touched(folder))
        return Standing(coming, found.st_size, False, found.st_mtime)

    def write(self, ident: str, offset: int, length: int) -> Arriving:
        """A way in for *length* bytes from *offset* on, which must be the end of what came; who wrote before stops.

        Raises NotFound, OutOfStep (another place than the end, more than was announced).
        """
        path = self._folder(ident) / _DATA
        coming = _read(path.parent)
        self.stop(ident)
        with self._turn:
            try:
                handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                raise OutOfStep(offset=coming.size) from None
            end = os.fstat(handle).st_size
            if end != offset or offset + length > coming.size:
                os.close(handle)
                raise OutOfStep(offset=end)
            self._writers[ident] = writer = Arriving(self._turn, handle, length)
        return writer

    def stop(self, ident: str) -> None:
        """Let whoever writes stop: their device has come back by another way, and asks from where to go on."""
        with self._turn:
            writer = self._writers.pop(ident, None)
        if writer is not None:
            writer.close()

    def settle(self, ident: str) -> None:
        """Let whoever writes stop, and let what came outlast a power cut: its device is about to be told. Raises NotFound."""
        self.stop(ident)
        with contextlib.suppress(FileNotFoundError):  # it is in its draft
            _sync(self._folder(ident) / _DATA)

    def finish(self, ident: str, move: Callable[[Coming, Path], object]) -> bool:
        """If every byte has come, let *move* take the file away, once; whether it has. Raises NotFound and what *move* raises."""
        with self._edge:
            found = self.standing(ident)
            if found.finished or found.offset < found.coming.size:
                return found.finished
            self.stop(ident)
            path = self._folder(ident) / _DATA
            _sync(path)
            move(found.coming, path)
            sync_folder(path.parent)
        return True

    def end(self, ident: str) -> None:
        """Leave nothing of the upload *ident*. Raises NotFound."""
        found = self.standing(ident)
        self.stop(ident)
        with self._edge:
            self._remove(ident)
        if not found.finished:
            self._forget(found.coming)

    def clear(self, now: float | None = None) -> None:
        """End what waits for too long, and forget the oldest of what is finished."""
        moment = time.time() if now is None else now
        finished = []
        for ident, found in list(self._every()):
            if found.finished:
                finished.append((found.touched, ident))
            # A clock that was set back must not keep it for years.
            elif abs(moment - found.touched) > KEPT and not self._is_written(ident):
                self._remove(ident)
                self._forget(found.coming)
        for _, ident in sorted(finished, reverse=True)[REMEMBERED:]:
            self._remove(ident)

    def tick(self) -> None:
        """Clear once in an hour."""
        if time.monotonic() - self._cleared > _HOUR:
            self._cleared = time.monotonic()
            self.clear()

    def arriving(self, ident: str, headers: Mapping[str, str]) -> Arriving:
        """Where the body of a request goes that brings a piece of *ident*; a refused one, if it may bring none.

        *headers* are named as in WSGI, without ``HTTP_``.
        """
        offset, length = headers.get("UPLOAD_OFFSET", ""), headers.get("CONTENT_LENGTH", "")
        person = self.owner(headers)
        if headers.get("CONTENT_TYPE") == PIECE and _NUMBER.match(offset) and _NUMBER.match(length):
            try:
                if person == self.standing(ident).coming.person:
                    writer = self.write(ident, int(offset), int(length))
                    writer.allowed = lambda: self.owner(headers) == person
                    return writer
            except (NotFound, OutOfStep, OSError):
                pass  # the application says why
        return self.refused()

    def refused(self) -> Arriving:
        """What takes nothing."""
        return Arriving(self._turn, -1, 0)

    def _is_written(self, ident: str) -> bool:
        with self._turn:
            writer = self._writers.get(ident)
            return writer is not None and not writer.closed

    def _check_room(self, coming: Coming) -> None:
        """Raise TooMany or NoRoom: what was promised to others comes too, and each file is written once more by a build."""
        others = [found for _, found in self._every() if not found.finished]
        mine = sum(found.coming.person == coming.person for found in others)
        for number, limit in ((mine, OF_A_PERSON), (len(others), IN_ALL)):
            if number >= limit:
                raise TooMany(limit=limit)
        size = sum(2 * found.coming.size - found.offset for found in others) + 2 * coming.size
        ensure_room(self._data, size, _INODES * (len(others) + 1), self._reserve)

    def _every(self) -> Iterator[tuple[str, Standing]]:
        try:
            idents = [name for name in os.listdir(self._place) if _IDENT.match(name)]
        except FileNotFoundError:
            return
        for ident in idents:
            try:
                yield ident, self.standing(ident)
            except NotFound:
                # It was cut while it was made, or is being made.
                if abs(time.time() - _touched(self._place / ident)) > _HOUR:
                    self._remove(ident)

    def _folder(self, ident: str) -> Path:
        if not _IDENT.match(ident):
            raise NotFound(what="This upload")
        return self._place / ident

    def _remove(self, ident: str) -> None:
        # Its data first: what is left after a power cut counts as finished and goes in its turn.
        (self._place / ident / _DATA).unlink(missing_ok=True)
        shutil.rmtree(self._place / ident, ignore_errors=True)


def _read(folder: Path) -> Coming:
    """What ``info.json`` in *folder* says, read like anything from outside. Raises NotFound."""
    try:
        value = read_note(folder / _INFO)
        told = Coming(**{field.name: value[field.name] for field in fields(Coming)})
        sound = all(isinstance(getattr(told, field.name), _TYPES[field.name]) for field in fields(Coming))
    except (OSError, ValueError, TypeError, KeyError):
        sound = False
    if not sound or told.kind not in KINDS or told.size < 0:
        raise NotFound(what="This upload")
    return told


_TYPES: dict[str, type] = {
    "person": int, "draft": str, "name": str, "size": int, "type": str, "kind": str, "made": bool,
}  # fmt: skip


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
