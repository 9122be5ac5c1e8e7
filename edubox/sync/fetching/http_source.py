"""A mirror over HTTP, on one connection, with single ranges: the answers are believed in nothing.

A stretch is asked for with ``Range`` and ``If-Range``. Our hub's entity tag of a hash-named file is that
hash; another server's is learnt from its first answer, which is then given up after the few bytes already
under way. A server that knows no ranges is read from the start once a file, what is already held being passed
over, and no second time. There are no redirects: signed names are found below one address. Time is bounded at
every step: connecting, each silence, the whole of an answer's head, and the speed of what follows; memory by
the length of a head. A body in chunks is refused, because a chunk's edges could drip for ever. A neighbour is
given less time than a hub: there are others.
"""

from __future__ import annotations

import http.client
import io
import logging
import math
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from edubox import __version__
from edubox.errors import (
    BadInput,
    EduboxError,
    HashMismatch,
    MissingFile,
    NotTrusted,
    TryLater,
    Unreachable,
)
from edubox.sync.fetching.sources import BLOCK, HUB, NEIGHBOUR


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to *connect*, for one *silence* within an answer, for the whole *head* of an answer.

    Each answer may take *each* seconds, and one for every *slowest* bytes; who loses *span* seconds more is
    too slow. So many *unanswered* questions in a row, and this run asks no more.
    """

    connect: float
    silence: float
    head: float
    each: float
    slowest: int
    span: float
    unanswered: int


#: For a hub, down to a bad GPRS line, each answer by itself; for a box in the same building, all answers together.
PATIENCE = {HUB: Patience(20, 30, 60, 60, 512, 60, 3), NEIGHBOUR: Patience(3, 10, 10, 0.25, 16 * 1024, 10, 1)}
#: Bytes of the longest head of an answer that is read.
_HEAD_BYTES = 32 * 1024
#: Longest time to come back in that is believed.
_DAY = 86_400
#: What servers say when they have no time.
NO_TIME = {429, 503}
#: Bytes of an error page that are read so that the connection can be used again.
_SMALL_TALK = 16 * 1024
#: What servers say for a file that is not there; object stores say 403 to those who may not list.
_ABSENT = {403, 404, 410}
# Of an odd header it would tell a person the whole traceback; what matters is said by our errors.
logging.getLogger("urllib3").setLevel(logging.ERROR)
_HEADERS = {"User-Agent": f"edubox/{__version__}", "Accept-Encoding": "identity"}


class HttpSource:
    """See ``sources.Source``; *base* is the mirror's address."""

    def __init__(
        self, base: str, kind: str = HUB, *, clock: Callable[[], float] = time.monotonic,
        receive_buffer: int = 0, patience: Patience | None = None,
    ) -> None:  # fmt: skip
        """Nothing is sent yet. Raises BadInput if *base* is not a plain address.

        *receive_buffer*: bytes that the kernel may take in ahead of us, 0 for its own choice. *patience* is
        that of the *kind* (HUB or NEIGHBOUR) if None.
        """
        self.kind = kind
        self._patience = patience or PATIENCE[kind]
        self._pool, self._folder = connection(base, self._patience, receive_buffer)
        self.name = base
        self.received = self.requests = 0
        self._clock = clock
        self._unanswered = 0
        #: Seconds of waiting that bytes do not account for.
        self._lost = 0.0
        self._read_whole: set[str] = set()

    def read(self, path: str, limit: int) -> bytes:
        """See ``trust.fetch.Fetch``."""
        try:
            return self._read(path, limit)
        except Unreachable as error:
            if not error.details.get("cut"):
                raise
        # Nothing of a small file is kept, and without it this run would be over: once more, on a new connection.
        return self._read(path, limit)

    def _read(self, path: str, limit: int) -> bytes:
        with self._answer(path, {}) as answer:
            if answer.status != 200:
                raise self._refused(path, answer)
            data = bytearray()
            if (answer.length_remaining or 0) <= limit:
                for block in self._body(answer, limit + 1):
                    data += block
                if len(data) <= limit:
                    return bytes(data)
        raise NotTrusted(reason=f"{path} is larger than {limit} bytes")

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:
        """See ``sources.Source``."""
        whole = (begin, end) == (0, size)
        tag = f'"{path.rpartition("/")[2]}"'
        for last in (False, True):
            asked = {} if whole else {"Range": f"bytes={begin}-{end - 1}", "If-Range": tag}
            with self._answer(path, asked) as answer:
                if answer.status == 206 and not whole:
                    if answer.headers.get("Content-Range", "") not in {
                        f"bytes {begin}-{end - 1}/{size}", f"bytes {begin}-{end - 1}/*",
                    }:  # fmt: skip
                        raise Unreachable(source=self.name, reason="it answers with another range")
                    skip = 0
                elif answer.status == 200:
                    if answer.length_remaining not in {None, size}:
                        raise HashMismatch(what=f"{path} from {self.name}")
                    theirs = answer.headers.get("ETag", "")
                    if not whole and not last and theirs.startswith('"') and theirs != tag:
                        tag = theirs
                        continue
                    skip = begin
                    self._pay_again(path, skip)
                elif answer.status == 416:
                    raise HashMismatch(what=f"{path} from {self.name}")
                else:
                    raise self._refused(path, answer)
                yield from self._stretch(answer, skip, end - begin)
                return

    def _stretch(self, answer: urllib3.BaseHTTPResponse, skip: int, wanted: int) -> Iterator[bytes]:
        for block in self._body(answer, skip + wanted):
            passed = min(skip, len(block))
            skip -= passed
            wanted -= len(block) - passed
            # Empty while bytes are passed over: whoever counts and paces must see those too.
            yield block[passed:]
        if wanted:
            raise Unreachable(source=self.name, reason="the connection was cut")

    def _pay_again(self, path: str, skip: int) -> None:
        """Allow one reading of *skip* bytes that are already held."""
        if skip and path in self._read_whole:
            raise Unreachable(source=self.name, reason="it cannot continue a file, and was cut again")
        if skip:
            self._read_whole.add(path)

    def _body(self, answer: urllib3.BaseHTTPResponse, most: int) -> Iterator[bytes]:
        """Blocks of the body as they arrive, *most* bytes at most; ends early when the body does."""
        while most > 0:
            asked = self._clock()
            with self._translated():
                block = answer.read1(min(BLOCK, most))
            if not block:
                return
            self._waited(self._clock() - asked, len(block))
            most -= len(block)
            self.received += len(block)
            yield block
            self._check_speed()

    def _waited(self, seconds: float, got: int) -> None:
        """Only waiting for the source counts: whoever takes the blocks may pace itself."""
        self._lost = max(self._lost + seconds - got / self._patience.slowest, 0.0)

    def _check_speed(self) -> None:
        if self._lost > self._patience.span:
            raise Unreachable(source=self.name, reason="it is too slow")

    @contextmanager
    def _answer(self, path: str, headers: dict[str, str]) -> Iterator[urllib3.BaseHTTPResponse]:
        """Ask for *path*; afterwards the connection is kept if the body was read to its end, else closed."""
        if self._unanswered >= self._patience.unanswered:
            raise Unreachable(source=self.name, reason="it did not answer before")
        self._unanswered += 1
        self._lost = max(self._lost - self._patience.each, 0.0)
        asked = self._clock()
        with self._translated():
            answer = self._ask(path, headers)
        self._unanswered = 0
        self._waited(self._clock() - asked, 0)
        try:
            self._check_speed()
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise Unreachable(source=self.name, reason="it compresses what must not be")
            if "Transfer-Encoding" in answer.headers:
                raise Unreachable(source=self.name, reason="it does not say how long its answers are")
            yield answer
        finally:
            answer.close()

    def _ask(self, path: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        for last in (False, True):
            self.requests += 1
            known = self._pool.num_connections
            try:
                return self._pool.urlopen(
                    "GET", self._folder + quote(path), headers=_HEADERS | headers, redirect=False, retries=False,
                    preload_content=False, decode_content=False,
                )  # fmt: skip
            except urllib3.exceptions.ProtocolError:
                # A kept connection may end just when it is used again; a new one that ends is a fault.
                if last or self._pool.num_connections > known:
                    raise
        raise AssertionError

    def _refused(self, path: str, answer: urllib3.BaseHTTPResponse) -> EduboxError:
        for _ in self._body(answer, _SMALL_TALK):
            pass
        if answer.status in _ABSENT:
            return MissingFile(source=self.name, path=path)
        if answer.status in NO_TIME and (seconds := retry_after(answer.headers)) is not None:
            return TryLater(source=self.name, seconds=seconds)
        reason = f"it answered {answer.status}"
        if 300 <= answer.status < 400:
            reason = f"it answered {answer.status}: give the address it moved to"
        return Unreachable(source=self.name, reason=reason)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(self.name):
            yield


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Every fault of the line or of the server called *name* as Unreachable."""
    outer = sys.exception()
    try:
        yield
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        cut = isinstance(error, urllib3.exceptions.ProtocolError)
        raise Unreachable(source=name, reason=_in_words(error, outer), cut=cut) from None


def connection(
    base: str, patience: Patience, receive_buffer: int = 0
) -> tuple[urllib3.HTTPConnectionPool, str]:
    """One connection to the address *base*, nothing being sent yet, and the path of that address with its last slash.

    *receive_buffer* as of ``HttpSource``. Raises BadInput.
    """
    try:
        parts = urlsplit(base)
        host, secure = parts.hostname or "", parts.scheme == "https"
        kind = urllib3.HTTPSConnectionPool if secure else urllib3.HTTPConnectionPool
        timeout = urllib3.Timeout(connect=patience.connect, read=patience.silence)
        pool = kind(
            host, parts.port, maxsize=1, timeout=timeout, retries=False, head=patience.head,
            socket_options=_socket_options(receive_buffer), **_secured(secure=secure),
        )  # fmt: skip
    except ValueError as error:
        raise BadInput(reason=f"{base!r} is not an address ({error})") from None
    if not host or parts.query or parts.fragment or parts.username is not None:
        raise BadInput(reason=f"{base!r} is not the address of a mirror, such as http://hub.example/")
    pool.ConnectionCls = _HttpsConnection if secure else _HttpConnection
    return pool, parts.path.rstrip("/") + "/"


def _secured(*, secure: bool) -> dict[str, Any]:
    """What a connection needs for HTTPS, which is imported only then."""
    if not secure:
        return {}
    from edubox.sync.fetching.tls import hub_context

    return {"ssl_context": hub_context()}


def _in_words(error: Exception, outer: BaseException | None) -> str:
    """What began the chain of errors; *outer*, which the caller was handling when it asked, is no part of it."""
    while isinstance(inner := error.__cause__ or error.__context__, Exception) and inner is not outer:
        error = inner
    if isinstance(error, TimeoutError):
        return "it is silent"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def retry_after(headers: Any) -> int | None:
    """Seconds to wait that a Retry-After header asks for, as a number or a date; None without one that can be read."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return min(int(told[:9]), _DAY)
    try:
        date = parsedate_to_datetime(told)
        begins = parsedate_to_datetime(headers.get("Date", "")) if headers.get("Date") else datetime.now(UTC)
        # The server's own two dates: this computer's clock may be years off.
        seconds = (date.astimezone(UTC) - begins.astimezone(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(math.ceil(seconds), 0), _DAY)


def _socket_options(receive_buffer: int) -> list[tuple[int, int, int]]:
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    if receive_buffer:
        options.append((socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer))
    return options


class _Reader(io.BufferedReader):
    """What a connection gives; of lines, which are the head, no more than _HEAD_BYTES."""

    _left = _HEAD_BYTES

    def readline(self, size: int | None = -1, /) -> bytes:
        """See io; ends the connection's use when the head is too long."""
        line = super().readline(min(size, self._left) if size is not None and size >= 0 else self._left)
        self._left -= len(line)
        if self._left <= 0:
            raise http.client.HTTPException("too long a head")
        return line


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp.close()
        self.fp = _Reader(sock.makefile("rb", buffering=0))


class _Punctual:
    """A connection on which an answer's head must be short, and complete within *head* seconds, however it drips."""

    sock: socket.socket | None
    response_class: type[Any] = _Response

    def __init__(self, *arguments: Any, head: float, **options: Any) -> None:
        self._head = head
        super().__init__(*arguments, **options)

    def getresponse(self) -> Any:
        """See http.client."""
        sock = self.sock
        assert sock is not None
        alarm = threading.Timer(self._head, _hang_up, (sock,))
        alarm.daemon = True
        alarm.start()
        try:
            return super().getresponse()  # type: ignore[misc]
        finally:
            alarm.cancel()


def _hang_up(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _HttpConnection(_Punctual, HTTPConnection):
    pass


class _HttpsConnection(_Punctual, HTTPSConnection):
    pass
