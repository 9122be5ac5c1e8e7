"""One process that serves: waitress, with the sockets and limits that keep a full class from stopping it.

Several applications (pages and lessons of a box) share one loop and one pool of threads. Files leave through
``wsgi.file_wrapper`` from the loop itself, so slow phones hold no thread; the small send buffer keeps the
kernel from reading 286 MB of a film ahead for them (measured, field notes §2). Answers take no turns: letting pictures
wait for texts changed nothing for 35 phones on one hotspot, whose bytes queue in the air, behind the sockets. Requests
are small here: a larger body is refused before it reaches a temporary file. SIGTERM and SIGINT end the process with
code 0.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import logging
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ThreadedTaskDispatcher, WSGITask

from edubox.errors import BadInput, PortTaken

SEND_BUFFER = 64 * 1024
THREADS = 8
CONNECTIONS = 1500
BACKLOG = 1024
#: Bytes of the largest request: below what waitress would write to a temporary file.
MAX_BODY = 256 * 1024
#: So many bytes of a request may be here before it is large, and so many large ones at once. Whole bodies of everybody
#: who may connect took 330 MiB.
SMALL, LARGE_ONES = 16 * 1024, 32
#: Seconds between two turns of the loop when nothing happens, and at least between two *ticks*.
TURN = 1
#: An option of glibc's ``mallopt(3)``.
_M_ARENA_MAX = -8
_OPTIONS = {
    "threads": THREADS, "connection_limit": CONNECTIONS, "backlog": BACKLOG, "asyncore_use_poll": True,
    "max_request_body_size": MAX_BODY, "max_request_header_size": 64 * 1024, "ident": "edubox",
    "log_socket_errors": False,
}  # fmt: skip

log = logging.getLogger(__name__)
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


def listen(address: str, port: int, option: str) -> socket.socket:
    """A socket that listens on *address* and TCP *port* (0: a free one), for ``run``.

    *option* is what a person would write to choose another port. Raises PortTaken, BadInput.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it; set later it would come too late for the first bytes.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        sock.bind((address, port))
        sock.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        sock.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise PortTaken(port=port, option=option) from None
        raise BadInput(reason=f"this computer cannot listen on {address} port {port} ({error})") from None
    return sock


def url(address: str, port: int) -> str:
    """What to type on this computer to reach a server that listens on *address* and TCP *port*."""
    shown = "localhost" if address in {"0.0.0.0", "::"} else f"[{address}]" if ":" in address else address  # noqa: S104
    return f"http://{shown}:{port}/"


def _share_one_heap() -> None:
    """Let all threads allocate from one heap, before there are any.

    glibc gives each a heap of its own so that none waits for another; the interpreter's lock lets one run at a time anyway,
    and eight heaps that are each a little filled cost 8 MiB after a walk through all pages. Elsewhere there is no such option.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def run(
    served: Sequence[tuple[socket.socket, Application]],
    ready: Callable[[], None],
    tick: Callable[[], None] | None = None,
) -> None:
    """Serve each application on its socket until SIGTERM or SIGINT; call from the main thread.

    *ready* is called once, when requests are answered; *tick* about every second, between two requests, so it
    must be quick.
    """
    _share_one_heap()
    # Each connection may hold a socket and a file.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * CONNECTIONS + 256), hard))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a busy class is no news
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(THREADS)
    connections: dict[int, Any] = {}
    for sock, application in served:
        server = create_server(
            application, map=connections, _dispatcher=dispatcher, sockets=[sock], **_OPTIONS
        )
        server.channel_class = _Channel
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    ticked = float("-inf")
    try:
        ready()
        while True:
            wasyncore.loop(timeout=TURN, use_poll=True, map=connections, count=1)
            # A turn ends with each request of a busy class.
            if tick is not None and time.monotonic() - ticked >= TURN:
                ticked = time.monotonic()
                tick()
    except SystemExit:
        return
    finally:
        # A second signal must not interrupt the end.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        dispatcher.shutdown()
        wasyncore.close_all(connections)


class _Task(WSGITask):  # type: ignore[misc] # waitress has no types
    """A request whose connection outlives an answer that has no body.

    Waitress ends the connection when an answer has no Content-Length; a 304 cannot have one and needs none
    (RFC 9112 §6.3). Without this every page that a browser asks about again costs a new connection over the
    radio.
    """

    def set_close_on_finish(self) -> None:
        """Promise to close, unless only the missing length of a 304 asks for it."""
        kept = self.version == "1.1" and self.request.headers.get("CONNECTION", "").lower() != "close"
        if not (kept and self.status.startswith("304")):
            super().set_close_on_finish()


class _Request(HTTPRequestParser):  # type: ignore[misc]
    """A request whose target is nonsense to urllib is answered with 400 like other nonsense."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("Bad URI") from None


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task
    parser_class = _Request
    last_activity: float

    def handle_read(self) -> None:
        """Count the time limit of a connection from the beginning of its request, and keep few large requests.

        Waitress counts it from the last byte, so that a byte a minute would hold a connection for ever.
        """
        arriving, begun, before = self.request, self.last_activity, _held(self.request)
        super().handle_read()
        if arriving is not None and self.request is arriving:
            self.last_activity = begun
        if before <= SMALL < _held(self.request) and self._is_one_too_many():
            self.handle_close()

    def _is_one_too_many(self) -> bool:
        """Whether too many large requests are arriving: this one begins again later, the memory is for pupils."""
        others = self.server.active_channels.values()
        return sum(_held(channel.request) > SMALL for channel in others) > LARGE_ONES

    def handle_error(self) -> None:
        """End a connection that broke; waitress would write the reader's address into the log."""
        log.error("a connection was ended by a mistake", exc_info=sys.exc_info())
        self.handle_close()


def _held(request: Any) -> int:
    """Bytes that are here of a *request* on its way, None if there is none."""
    return 0 if request is None else int(request.header_bytes_received + request.body_bytes_received)


def _end(*_: object) -> NoReturn:
    raise SystemExit  # the one exception that waitress lets pass everywhere
