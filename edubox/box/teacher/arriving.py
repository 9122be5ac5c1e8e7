"""The body of a request that adds to a file, poured to the disk while it comes (``store.incoming.Poured``)."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from edubox.errors import NoRoom

#: Seconds between two looks whether it may go on.
_OFTEN = 30


class Arriving(io.RawIOBase):
    """The body of one request, which is added to an upload as it comes. To whoever reads it, it is empty."""

    def __init__(self, turn: AbstractContextManager[Any], handle: int, most: int) -> None:
        """Add at most *most* bytes to the open file *handle*; -1: to none."""
        super().__init__()
        self._turn, self._handle, self._left = turn, handle, most
        self.taken = 0
        #: Asked now and then whether more may come: a long upload keeps its owner's session, and ends with it.
        self.allowed: Callable[[], bool] = lambda: True
        self._asked = time.monotonic()
        #: It takes no more, though more may come: somebody else writes, or the disk is full.
        self.refused = handle < 0
        #: Whether it ever took anything.
        self.began = handle >= 0
        self.full = False

    def append(self, data: bytes) -> None:
        """Add *data*; what no disk can hold, or comes after somebody else began to write, is left out."""
        with self._turn:
            rest = memoryview(data)[: self._left]
            self.refused = self.refused or self._handle < 0 or not self._may_go_on()
            try:
                while rest and not self.refused:
                    written = os.write(self._handle, rest)
                    rest = rest[written:]
                    self.taken, self._left = self.taken + written, self._left - written
            except OSError as error:
                self.refused, self.full = True, NoRoom.describes(error)

    def _may_go_on(self) -> bool:
        now = time.monotonic()
        if now - self._asked < _OFTEN:
            return True
        self._asked = now
        return self.allowed()

    def settle(self) -> None:
        """Let what came outlast a power cut. Slow: not for the loop that serves everybody."""
        with self._turn:
            handle = os.dup(self._handle) if self._handle >= 0 else -1
        if handle >= 0:
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def close(self) -> None:
        """Take no more."""
        with self._turn:
            handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)
        super().close()

    def readable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def readinto(self, _buffer: Any, /) -> int:
        """See io.RawIOBase."""
        return 0

    def getfile(self) -> Arriving:
        """What the application gets as ``wsgi.input``."""
        return self

    def __len__(self) -> int:
        return self.taken
