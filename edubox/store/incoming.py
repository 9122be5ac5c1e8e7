"""Requests on their way in: small ones in memory, large ones on the disk as they come, and some poured where they belong.

Waitress parses; this decides by a request's first lines whether it may come at all, how large it may be, and where its body goes.
``server`` counts those that are on their way and ends the ones that are too many, too slow, or would fill the disk.
"""

from __future__ import annotations

import copy
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from waitress.buffers import TempfileBasedBuffer
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import FixedStreamReceiver
from waitress.utilities import Error

#: Bytes of the largest request: below what waitress would write to a temporary file.
MAX_BODY = 256 * 1024
#: So many bytes of a request may be here before it is large, and so many large ones at once. Whole bodies of everybody
#: who may connect took 330 MiB.
SMALL, LARGE_ONES = 16 * 1024, 32
#: Bodies on their way to the disk at once, and seconds that one may take.
SPOOLED, SPOOLED_FOR = 48, 1800


@dataclass(frozen=True, slots=True)
class Large:
    """Which requests may have a large body: *most* gives the bytes of the largest for a method and a path, 0 for none.

    It lies in *folder* while it comes, without a name.
    """

    folder: Path
    most: Callable[[str, str], int]
    #: Where the body of a request goes as it comes instead, for a method, a path and headers (named as in WSGI).
    into: Callable[[str, str, Mapping[str, str]], Poured | None] = lambda *_: None
    #: Bytes of the disk that bodies in *folder* leave free: anybody may send some, and the box must go on writing.
    reserve: int = 0


class Poured(Protocol):
    """What takes a body as it comes, so that what came before a cut is not lost. It is asked in the loop: it must be quick."""

    #: It takes no more: the request is answered as it is, and its connection ends.
    refused: bool

    def append(self, data: bytes) -> None:
        """Take *data*."""

    def getfile(self) -> Any:
        """What the application gets as ``wsgi.input``."""

    def close(self) -> None:
        """The request was answered, or its connection was cut."""

    def __len__(self) -> int:
        """How many bytes it took."""


class Request(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """A request whose target is nonsense to urllib is answered with 400 like other nonsense; a large body may be allowed."""

    #: When a body began to go to the disk (seconds of ``time.monotonic``), 0 for one that does not.
    spooled = 0.0
    #: When all of it was here (seconds of ``time.monotonic``), 0 before.
    arrived = 0.0
    #: Waitress names it in the log, also when the request was not understood and its reader has gone.
    path = ""
    adj: Any

    def __init__(self, adj: Any, peer: str = "") -> None:
        """*peer* is the address that it comes from."""
        super().__init__(adj)
        self._peer = peer

    def received(self, data: bytes) -> int:
        """See waitress."""
        taken: int = super().received(data)
        if self.completed and not self.arrived:
            self.arrived = time.monotonic()
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """See waitress."""
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("Bad URI") from None
        unwelcome = getattr(self.adj, "unwelcome", None)
        if unwelcome is not None and unwelcome(self.command, self.path, self._peer):
            # Without a receiver it is complete, and its error is all that is answered.
            self.error, self.body_rcv, self.content_length = _Forbidden("Not by this way."), None, 0
            return
        large: Large | None = getattr(self.adj, "large", None)
        if large is None or self.chunked or not self.content_length:
            return
        into = large.into(self.command, self.path, self.headers)
        if into is not None:
            self._spool(self.content_length, _Pouring(self.content_length, into, self.headers))
            return
        if self.content_length < MAX_BODY:
            return
        most = large.most(self.command, self.path)
        if self.content_length > most:
            return
        self._spool(most, FixedStreamReceiver(self.content_length, _Spooled(large)))

    def crowds_the_disk(self) -> bool:
        """Whether its body leaves too little of the disk."""
        body = getattr(self.body_rcv, "buf", None)
        return isinstance(body, _Spooled) and body.crowds

    def _spool(self, most: int, receiver: FixedStreamReceiver) -> None:
        self.spooled = time.monotonic()
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = most + 1
        self.body_rcv = receiver


class _Pouring(FixedStreamReceiver):  # type: ignore[misc]
    """A body that something takes as it comes, as long as it does."""

    def __init__(self, length: int, into: Poured, headers: dict[str, str]) -> None:
        super().__init__(length, into)
        self._headers = headers

    def received(self, data: bytes) -> int:
        """See waitress."""
        taken: int = super().received(data)
        if self.buf.refused:
            # Whatever of the body still comes is no request.
            self._headers["CONNECTION"] = "close"
            self.completed = True
        return taken


class _Spooled(TempfileBasedBuffer):  # type: ignore[misc]
    """A body on the disk of *folder*: where temporary files lie otherwise is often memory."""

    def __init__(self, large: Large) -> None:
        self._large = large
        #: Whether less of the disk is free than *large* keeps.
        self.crowds = False
        super().__init__()

    def newfile(self) -> Any:
        """A file without a name, which is gone with the process."""
        return tempfile.TemporaryFile("w+b", dir=self._large.folder)

    def append(self, data: bytes) -> None:
        """See waitress."""
        super().append(data)
        disk = os.fstatvfs(self.file.fileno())
        self.crowds = disk.f_bavail * disk.f_frsize < self._large.reserve


class _Forbidden(Error):  # type: ignore[misc]
    code = 403
    reason = "Forbidden"
