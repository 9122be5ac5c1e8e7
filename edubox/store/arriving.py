"""A file that is served while it still comes: whoever asks for it gets what is there, and the rest when that is there.

One thread writes the file and says how far it is; any number of readers follow, each at its own place, and none of them holds
a thread: ``store.server`` sends from its loop what a reader has, and leaves a connection alone whose reader has nothing yet
(``ready``). The last byte is kept back until the file is known to be right: of a file that turns out wrong nobody ever got all,
so a cache on the way throws away what it has.
"""

from __future__ import annotations

import io
import os
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

#: Seconds between two times that readers are woken by what arrives.
_EVERY = 0.05
#: Seconds that a reader that may wait does so for the next byte.
_PATIENCE = 120.0


class Arriving:
    """The file at *path*, which exists and will have *size* bytes; *held* are there."""

    def __init__(self, path: Path, size: int, held: int) -> None:
        self.size, self.held = size, held
        self.whole = self.failed = False
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        # Readers begin as long as somebody has this, whatever has become of the path.
        weakref.finalize(self, os.close, self._file)
        self._moved = threading.Condition()
        self._wakes: set[Callable[[], None]] = set()
        self._woke = 0.0

    @property
    def shown(self) -> int:
        """How many bytes readers may have."""
        return self.size if self.whole else min(self.held, self.size - 1)

    def grew(self, held: int) -> None:
        """So many bytes are *held* now."""
        self.held = held
        now = time.monotonic()
        if now - self._woke >= _EVERY:
            self._woke = now
            self._wake()

    def end(self, *, whole: bool) -> None:
        """All is there and right (*whole*), or the rest never comes."""
        self.whole, self.failed = whole, not whole
        self._wake()

    def reader(self, wake: Callable[[], None] | None) -> Reader:
        """A reader at the beginning of the file. *wake* is called when there is something new to read; without one the reader
        waits for it.
        """
        if wake is not None:
            with self._moved:
                self._wakes.add(wake)
        return Reader(self, os.dup(self._file), patient=wake is None)

    def wait(self, place: int) -> None:
        """Wait until there is something behind *place*, or never will be. Raises TimeoutError."""
        with self._moved:
            if not self._moved.wait_for(lambda: self.shown > place or self.whole or self.failed, _PATIENCE):
                raise TimeoutError

    def _wake(self) -> None:
        with self._moved:
            self._moved.notify_all()
            wakes = list(self._wakes)
        for wake in wakes:
            wake()


class Reader(io.RawIOBase):
    """What one reader sees of a file that comes: as long as it will be, empty where nothing is yet, and an OSError if it failed."""

    def __init__(self, arriving: Arriving, handle: int, *, patient: bool) -> None:
        self._arriving, self._handle, self._patient = arriving, handle, patient
        self._place = 0

    def ready(self) -> bool:
        """Whether reading now gives bytes, or says that there will be none."""
        return self._arriving.shown > self._place or self._arriving.whole or self._arriving.failed

    def readable(self) -> bool:
        """See io."""
        return True

    def seekable(self) -> bool:
        """See io."""
        return True

    def tell(self) -> int:
        """See io."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """See io; the end is where it will be."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._arriving.size}[whence]
        self._place = max(begin + offset, 0)
        return self._place

    def read(self, size: int | None = -1, /) -> bytes:
        """See io. Raises OSError when the rest never comes."""
        if self._patient:
            self._arriving.wait(self._place)
        if self._arriving.failed:
            raise OSError("the file that was being sent did not arrive")
        left = self._arriving.shown - self._place
        if left <= 0:
            return b""
        data = os.pread(self._handle, left if size is None or size < 0 else min(size, left), self._place)
        self._place += len(data)
        return data

    def close(self) -> None:
        """See io."""
        if not self.closed:
            os.close(self._handle)
        super().close()
