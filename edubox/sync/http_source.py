"""A mirror over HTTP, on one connection, with single ranges: the answers are believed in nothing.

A stretch is asked for with ``Range`` and ``If-Range``. Our hub's entity tag of a hash-named file is that hash; another
server's is learnt from its first answer, which is then given up after the few bytes already under way. A server that
knows no ranges is read from the start once a file, what is already held being passed over, and no second time. There are
no redirects: signed names are found below one address. Time is bounded at every step: connecting, each
silence, the whole of an answer's head, and the speed over a minute.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from edubox import __version__
from edubox.errors import BadInput, EduboxError, HashMismatch, MissingFile, NotTrusted, Unreachable
from edubox.sync.sources import BLOCK, HUB

#: Seconds: to connect, for one silence within an answer, for the whole head of an answer.
CONNECT, SILENCE, HEAD = 20.0, 30.0, 60.0
#: An answer slower than this over a minute is given up: 512 bytes a second, a bad GPRS line.
MINUTE, SLOWEST = 60.0, 512 * 60
#: Bytes of an error page that are read so that the connection can be used again.
_SMALL_TALK = 16 * 1024
#: What servers say for a file that is not there; object stores say 403 to those who may not list.
_ABSENT = {403, 404, 410}
#: Questions in a row without any answer, after which this run asks no more: each may take CONNECT seconds.
_PATIENCE = 3
# Of an odd header it would tell a person the whole traceback; what matters is said by our errors.
logging.getLogger("urllib3").setLevel(logging.ERROR)
_HEADERS = {"User-Agent": f"edubox/{__version__}", "Accept-Encoding": "identity"}


class HttpSource:
    """See ``sources.Source``; *base* is the mirror's address."""

    kind = HUB

    def __init__(self, base: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is sent yet. Raises BadInput if *base* is not a plain address."""
        try:
            parts = urlsplit(base)
            host, secure = parts.hostname or "", parts.scheme == "https"
            kind = urllib3.HTTPSConnectionPool if secure else urllib3.HTTPConnectionPool
            timeout = urllib3.Timeout(connect=CONNECT, read=SILENCE)
            self._pool = kind(host, parts.port, maxsize=1, timeout=timeout, retries=False)
        except ValueError as error:
            raise BadInput(reason=f"{base!r} is not an address ({error})") from None
        if not host or parts.query or parts.fragment or parts.username is not None:
            raise BadInput(reason=f"{base!r} is not the address of a mirror, such as http://hub.example/")
        self._pool.ConnectionCls = _HttpsConnection if secure else _HttpConnection
        self.name = base
        self.received = self.requests = 0
        self._clock = clock
        self._unanswered = 0
        self._folder = parts.path.rstrip("/") + "/"
        self._read_whole: set[str] = set()

    def read(self, path: str, limit: int) -> bytes:
        """See ``trust.fetch.Fetch``."""
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
            if len(block) > passed:
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
        counted, since = 0, self._clock()
        while most > 0:
            with self._translated():
                block = answer.read1(min(BLOCK, most))
            if not block:
                return
            most -= len(block)
            counted += len(block)
            self.received += len(block)
            yield block
            if self._clock() - since > MINUTE:
                if counted < SLOWEST:
                    raise Unreachable(source=self.name, reason="it is too slow")
                counted, since = 0, self._clock()

    @contextmanager
    def _answer(self, path: str, headers: dict[str, str]) -> Iterator[urllib3.BaseHTTPResponse]:
        """Ask for *path*; afterwards the connection is kept if the body was read to its end, else closed."""
        if self._unanswered >= _PATIENCE:
            raise Unreachable(source=self.name, reason="it did not answer before")
        self._unanswered += 1
        with self._translated():
            answer = self._ask(path, headers)
        self._unanswered = 0
        try:
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise Unreachable(source=self.name, reason="it compresses what must not be")
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
        reason = f"it answered {answer.status}"
        if 300 <= answer.status < 400:
            reason = f"it answered {answer.status}: give the address it moved to"
        return Unreachable(source=self.name, reason=reason)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Every fault of the line or the server as Unreachable."""
        try:
            yield
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Unreachable(source=self.name, reason=_in_words(error)) from None


def _in_words(error: Exception) -> str:
    while isinstance(error.__cause__ or error.__context__, Exception):
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    if isinstance(error, TimeoutError):
        return "it is silent"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


class _Punctual:
    """A connection on which an answer's head must be complete within HEAD seconds, however it drips."""

    sock: socket.socket | None

    def getresponse(self) -> Any:
        """See http.client."""
        sock = self.sock
        assert sock is not None
        alarm = threading.Timer(HEAD, _hang_up, (sock,))
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
