"""Bundles and objects on their way: fetched once, given to everybody while they come, kept when their hash holds.

A file lies in the staging folder under its hash until all of it is there and proved; then it is synced, gets its name in the mirror
in one moment, and readers get its last byte. A line that is cut is asked again for the rest; a mirror that was killed goes on there
too. What turns out wrong is thrown away, said in the log, and not fetched again for a while: a hundred boxes would ask for it.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from pathlib import Path

from edubox.errors import EduboxError, HashMismatch, MissingFile, NoRoom, StoreAway, TryLater, Unreachable
from edubox.pack.manifest import MAX_FILE_SIZE
from edubox.store.arriving import Arriving
from edubox.store.layout import bundle_path, object_path
from edubox.store.mirror_app import MINUTE
from edubox.store.platform import full_disk_is_no_room, settle, sync_folder
from edubox.sync.relaying.errands import LATER, Errands
from edubox.sync.relaying.line import Line
from edubox.sync.relaying.room import Room

#: Files on their way at once, and names that wait or are on their way.
AT_ONCE, WAITING = 6, 64
#: Cuts of the line in one file that are answered by asking again at once, if each brought something.
CUTS = 8
#: Seconds in which a file that came out wrong is not asked for again.
WRONG = 600.0
#: Names that are remembered as absent or wrong.
_NAMES = 10_000
_BLOCK = 1024 * 1024


class Coming:
    """One file on its way. *arriving* is None until its length is known."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.arriving: Arriving | None = None
        self.begun = threading.Event()
        self._since, self._first = time.monotonic(), 0

    def begin(self, arriving: Arriving) -> None:
        """Its length is known now."""
        self._since, self._first = time.monotonic(), arriving.held
        self.arriving = arriving
        self.begun.set()

    def seconds_to(self, place: int) -> float:
        """After how many seconds the byte at *place* will have come, as fast as it has come so far."""
        if self.arriving is None or place < self.arriving.shown:
            return 0.0
        taken = max(time.monotonic() - self._since, 0.1)
        speed = (self.arriving.held - self._first) / taken
        return (place - self.arriving.held) / max(speed, 1.0)


class Large:
    """See the module; shared by all threads."""

    def __init__(self, line: Line, mirror: Path, staging: Path, room: Room) -> None:
        self._line, self._mirror, self._staging, self._room = line, mirror, staging, room
        self._errands: Errands[Coming] = Errands("lessons", AT_ONCE, WAITING)
        self._refused: dict[str, tuple[float, Callable[[], EduboxError]]] = {}
        room.is_coming = self._is_coming

    def fetch(self, path: str, patience: float) -> Coming | None:
        """*path* on its way, its length being known; None when all of it is here. *patience*: seconds to wait for that.

        Raises MissingFile, HashMismatch, NoRoom, Unreachable (TryLater if it takes longer).
        """
        until, why = self._refused.get(path, (0.0, None))
        if why is not None and until > self._line.clock():
            raise why()
        coming, done = self._errands.send(path, lambda: Coming(path), self._bring)
        # A file that ended before it began has an error to tell, or came while we asked.
        done.add_done_callback(lambda _: coming.begun.set())
        if not coming.begun.wait(patience):
            raise TryLater(source=self._line.name, seconds=LATER)
        if coming.arriving is None or done.done():
            done.result(0)
            return None if (self._mirror / path).exists() else coming
        return coming

    def wait(self, path: str, patience: float) -> None:
        """Fetch *path* to its end; raises as ``fetch``."""
        _, done = self._errands.send(path, lambda: Coming(path), self._bring)
        try:
            done.result(patience)
        except Late:
            raise TryLater(source=self._line.name, seconds=LATER) from None

    def _is_coming(self, sha256: str) -> bool:
        return bundle_path(sha256) in self._errands or object_path(sha256) in self._errands

    def _bring(self, coming: Coming) -> None:
        path = coming.path
        try:
            with self._disk_in_words():
                self._fetch(coming)
        except MissingFile as error:
            self._refuse(path, error, MINUTE)
            raise
        except (HashMismatch, NoRoom) as error:
            self._refuse(path, error, WRONG if isinstance(error, HashMismatch) else MINUTE)
            self._line.complain(path, error)
            raise
        except TryLater:
            raise
        except EduboxError as error:
            if not self._line.away:  # else the line has said it
                self._line.complain(path, error)
            raise
        finally:
            if coming.arriving is not None and not coming.arriving.whole:
                coming.arriving.end(whole=False)

    def _fetch(self, coming: Coming) -> None:
        sha256 = coming.path.rpartition("/")[2]
        if (self._mirror / coming.path).exists():
            return
        part = _Part(self._staging / sha256)
        before, kept = part.held, False
        try:
            self._fill(coming, part)
            if part.sha256 != sha256:
                part.forget()
                raise HashMismatch(what=f"{coming.path} from {self._line.name}")
            kept = self._room.fits()
            if kept:
                settle(part.path, self._mirror / coming.path)
                sync_folder((self._mirror / coming.path).parent)
            assert coming.arriving is not None
            coming.arriving.end(whole=True)
            if not kept:
                part.forget()
        finally:
            part.close()
            self._room.settled(coming.path, part.held - before)

    @contextmanager
    def _disk_in_words(self) -> Iterator[None]:
        try:
            with full_disk_is_no_room(self._staging):
                yield
        except OSError as error:
            raise StoreAway(store=self._staging, reason=error.strerror or str(error)) from None

    def _fill(self, coming: Coming, part: _Part) -> None:
        """Bring all of *part*, asking again after cuts."""
        cuts, earlier = 0, part.held > 0
        while coming.arriving is None or part.held < coming.arriving.size:
            before = part.held
            try:
                self._pour(coming, part)
            except HashMismatch:
                # What an earlier run left may be all of it, or too much.
                part.forget()
                if not earlier or coming.arriving is not None:
                    raise
                earlier = False
            except (MissingFile, TryLater):
                raise
            except Unreachable:
                cuts += 1
                if cuts > CUTS or part.held <= before:
                    raise

    def _pour(self, coming: Coming, part: _Part) -> None:
        """One answer into *part*. Raises Unreachable when it ends early."""
        with self._line.ask() as source, source.pour(coming.path, part.held, MAX_FILE_SIZE) as (size, blocks):
            if coming.arriving is None:
                self._room.make_room(coming.path, size, part.held)
                coming.begin(Arriving(part.path, size, part.held))
            arriving = coming.arriving
            assert arriving is not None
            if arriving.size != size:
                raise HashMismatch(what=f"{coming.path} from {self._line.name}")
            for block in blocks:
                part.write(block)
                arriving.grew(part.held)
        if part.held < size:
            raise Unreachable(source=self._line.name, reason="the connection was cut")

    def _refuse(self, path: str, error: EduboxError, seconds: float) -> None:
        if len(self._refused) >= _NAMES:
            self._refused.clear()
        self._refused[path] = self._line.clock() + seconds, lambda: type(error)(**error.details)


class _Part:
    """The beginning of a file, and the hash of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._digest = hashlib.sha256()
        self.held = 0
        for block in self._blocks():
            self._digest.update(block)
            self.held += len(block)

    @property
    def sha256(self) -> str:
        """The hash of what is held."""
        return self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        """Append *block*."""
        view = memoryview(block)
        while view:
            view = view[os.pwrite(self._file, view, self.held + len(block) - len(view)) :]
        self._digest.update(block)
        self.held += len(block)

    def forget(self) -> None:
        """Throw away what is held: another file takes its place, so that who reads the old one reads no mixture."""
        self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._digest, self.held = hashlib.sha256(), 0

    def close(self) -> None:
        """Let go of the file; an empty one leaves."""
        os.close(self._file)
        if not self.held:
            self.path.unlink(missing_ok=True)

    def _blocks(self) -> Iterator[bytes]:
        while block := os.pread(self._file, _BLOCK, self.held):
            yield block
