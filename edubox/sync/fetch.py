"""One large file into the staging folder, from any of several sources, cut anywhere.

The file itself is the journal: what lies in staging was received, its length says how far, and a resumed request asks
exactly for the rest. It is checked in units, the 4 MiB pieces that signed data lists or else the whole file, each as soon
as it is complete: a bad unit alone is thrown away and fetched again. A source whose own bytes were bad is left for the
next one; bytes begun by an earlier run or another source blame nobody. So each source can waste at most two units,
and each cut at most what was under way. The whole file's hash is checked before anybody uses it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Self

from edubox.errors import EduboxError, HashMismatch, Unreachable
from edubox.pack.manifest import PIECE
from edubox.store.platform import full_disk_is_no_room
from edubox.sync.sources import BLOCK, Source

#: Cuts of one source that are answered by asking again at once, if each brought something.
CUTS = 8
#: An earlier run, in the list of who sent a unit's bytes.
_EARLIER = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that signed data name: *path* in the mirror, *size* in bytes, and the hashes of its 4 MiB *pieces*."""

    path: str
    sha256: str
    size: int
    pieces: tuple[str, ...] = ()


class Part:
    """A file on its way, at *path*. Use as a context manager."""

    def __init__(self, path: Path, wanted: Wanted) -> None:
        self.path, self.wanted = path, wanted
        self._hashes = wanted.pieces or (wanted.sha256,)
        self._unit = PIECE if wanted.pieces else max(wanted.size, 1)
        self._good: set[int] = set()
        #: Who sent the bytes of each unit that is not complete and checked.
        self._senders: dict[int, set[str]] = {}

    def __enter__(self) -> Self:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._file = FileIO(handle, "r+")
        if self._length() > self.wanted.size:
            self._file.truncate(self.wanted.size)
        held = self._length()
        for number in range(len(self._hashes)):
            begin, end = self._bounds(number)
            if held > begin:
                self._senders[number] = {_EARLIER}
            if held >= end:
                self._check(number)
        return self

    def __exit__(self, *_: object) -> None:
        os.fdatasync(self._file.fileno())
        self._file.close()

    @property
    def held(self) -> int:
        """Bytes that are there."""
        return self.wanted.size - sum(end - begin for begin, end in self.missing())

    def missing(self) -> list[tuple[int, int]]:
        """The stretches to ask for, begin and end, as few as possible."""
        length = self._length()
        stretches: list[tuple[int, int]] = []
        for number in range(len(self._hashes)):
            if number in self._good:
                continue
            begin, end = self._bounds(number)
            if begin < length < end and number in self._senders:
                begin = length
            if stretches and stretches[-1][1] == begin:
                begin = stretches.pop()[0]
            if begin < end:
                stretches.append((begin, end))
        return stretches

    def write(self, at: int, block: bytes, sender: str) -> None:
        """Put *block*, which *sender* gave, at its place; raises BadUnit when it completes a bad unit, NoRoom."""
        while block:
            number = at // self._unit
            end = self._bounds(number)[1]
            view = memoryview(block)[: end - at]
            block = block[len(view) :]
            self._senders.setdefault(number, set()).add(sender)
            self._file.seek(at)
            while view:
                written = self._file.write(view)
                at += written
                view = view[written:]
            if at == end:
                os.fdatasync(self._file.fileno())
                self._check(number, sender)

    def whole(self) -> bool:
        """Whether every byte is there and the whole file has its hash."""
        if len(self._good) < len(self._hashes):
            return False
        if not self.wanted.pieces:
            return True
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").hexdigest() == self.wanted.sha256

    def _check(self, number: int, sender: str = _EARLIER) -> None:
        begin, end = self._bounds(number)
        digest = hashlib.sha256()
        self._file.seek(begin)
        while begin < end and (block := self._file.read(min(BLOCK, end - begin))):
            digest.update(block)
            begin += len(block)
        senders = self._senders.pop(number, set())
        if digest.hexdigest() == self._hashes[number]:
            self._good.add(number)
            return
        if self._length() == end:
            self._file.truncate(self._bounds(number)[0])
        if sender != _EARLIER:
            raise BadUnit(alone=senders == {sender})

    def _bounds(self, number: int) -> tuple[int, int]:
        return number * self._unit, min((number + 1) * self._unit, self.wanted.size)

    def _length(self) -> int:
        return os.fstat(self._file.fileno()).st_size


class BadUnit(Exception):
    """A unit was complete and wrong, and is thrown away. *alone*: all its bytes came from the last sender."""

    def __init__(self, *, alone: bool) -> None:
        super().__init__()
        self.alone = alone


def fetch(
    wanted: Wanted,
    staging: Path,
    sources: Sequence[Source],
    show: Callable[[int, int], None] = lambda *_: None,
) -> Path:
    """Bring *wanted* to *staging*, where it lies under its hash, complete and checked. *show* gets (done, total).

    Sources are tried in order. Raises the first source's error (HashMismatch, MissingFile, Unreachable) when none
    could give it all, and NoRoom; what is good of it stays for the next time.
    """
    path = staging / wanted.sha256
    errors: list[EduboxError] = []
    with full_disk_is_no_room(staging), Part(path, wanted) as part:
        show(part.held, wanted.size)
        for source in sources:
            if part.missing():
                try:
                    _from_source(part, source, show)
                except (Unreachable, HashMismatch) as error:
                    errors.append(error)
        if part.whole():
            return path
        complete = not part.missing()
    if complete:
        # Each piece has its signed hash and the whole has not: no source can help.
        path.unlink()
        raise HashMismatch(what=wanted.path)
    raise errors[0] if errors else Unreachable(source="No source", reason="none was given")


def _from_source(part: Part, source: Source, show: Callable[[int, int], None]) -> None:
    """Ask *source* for what is missing, again after a cut that brought something."""
    cuts = 0
    while missing := part.missing():
        before = part.held
        try:
            for begin, end in missing:
                _stretch(part, source, begin, end, show)
        except BadUnit as bad:
            if bad.alone:
                raise HashMismatch(what=f"{part.wanted.path} from {source.name}") from None
        except Unreachable:
            cuts += 1
            if cuts > CUTS or part.held <= before:
                raise


def _stretch(part: Part, source: Source, begin: int, end: int, show: Callable[[int, int], None]) -> None:
    done = part.held
    with closing(source.stream(part.wanted.path, begin, end, part.wanted.size)) as blocks:
        for block in blocks:
            part.write(begin, block, source.name)
            begin += len(block)
            done += len(block)
            show(done, part.wanted.size)
