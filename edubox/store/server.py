"""One process that serves: waitress, with the sockets and limits that keep a full class from stopping it.

Several applications (pages and lessons of a box) share one loop and one pool of threads. Files leave through
``wsgi.file_wrapper`` from the loop itself, so slow phones hold no thread; the small send buffer keeps the
kernel from reading 286 MB of a film ahead for them (measured, field notes §2). Answers take no turns: letting pictures
wait for texts changed nothing for 35 phones on one hotspot, whose bytes queue in the air, behind the sockets. Requests
are small here: a larger body is refused before it reaches a temporary file, but for what ``Large`` allows: such a body
goes to the disk as it comes, holds no memory and no thread, and has an end in time. What ``Served`` calls unwelcome is
refused by its first lines, before its body has come. SIGTERM and SIGINT end the process with code 0.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import logging
import resource
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher, WSGITask

from edubox.errors import BadInput, PortTaken
from edubox.store import tls
from edubox.store.incoming import LARGE_ONES, MAX_BODY, SMALL, SPOOLED, SPOOLED_FOR, Large, Request

SEND_BUFFER = 64 * 1024
THREADS = 8
CONNECTIONS = 1500
BACKLOG = 1024
#: Seconds between two turns of the loop when nothing happens, and at least between two *ticks*.
TURN = 1
#: Options of glibc's ``mallopt(3)``, and bytes from which a block has pages of its own.
_M_ARENA_MAX, _M_MMAP_THRESHOLD, _LARGE_BLOCK = -8, -3, 1024 * 1024
_OPTIONS = {
    "threads": THREADS, "connection_limit": CONNECTIONS, "backlog": BACKLOG, "asyncore_use_poll": True,
    "max_request_body_size": MAX_BODY, "max_request_header_size": 64 * 1024, "ident": "edubox",
    "log_socket_errors": False,
}  # fmt: skip
#: The line of WSGI's environment with the seconds that a request waited for a thread.
WAITED = "edubox.waited"
#: And the one with what wakes the loop, for a file that is sent while it comes (``store.arriving``).
WAKE = "edubox.wake"
_UNIX = getattr(socket, "AF_UNIX", None)
#: Waitress calls whoever comes by a Unix socket "localhost"; elsewhere it drops such headers.
_PROXIED = {
    "trusted_proxy": "localhost", "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
}  # fmt: skip

log = logging.getLogger(__name__)
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Served(NamedTuple):
    """An application and the socket that it is served on; the rest is for few of them."""

    socket: socket.socket
    application: Application
    #: Gives the certificate of a socket that speaks TLS, None while there is none (see ``store.tls``).
    tls: Callable[[], ssl.SSLContext | None] | None = None
    #: Whether to refuse a request for its method, its path and the address that it comes from.
    unwelcome: Callable[[str, str, str], bool] | None = None


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


def listen_in(path: Path) -> socket.socket:
    """A socket at *path* of this computer's files, for the web server in front. Raises BadInput.

    Who may connect is what the folder allows. On it, and on nothing else, the headers that tell of the real reader
    (``X-Forwarded-For``, ``X-Forwarded-Proto``) are believed.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            path.unlink()  # of a process that was cut
        sock.bind(str(path))
        path.chmod(0o660)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise BadInput(reason=f"this computer cannot listen at {path} ({error.strerror or error})") from None
    return sock


def url(address: str, port: int) -> str:
    """What to type on this computer to reach a server that listens on *address* and TCP *port*."""
    shown = "localhost" if address in {"0.0.0.0", "::"} else f"[{address}]" if ":" in address else address  # noqa: S104
    return f"http://{shown}:{port}/"


def _share_one_heap() -> None:
    """Let all threads allocate from one heap, before there are any.

    glibc gives each a heap of its own so that none waits for another; the interpreter's lock lets one run at a time anyway,
    and eight heaps that are each a little filled cost 8 MiB after a walk through all pages. Large blocks are given back when
    they are freed: glibc stops doing so after the first ones, and kept 20 MiB for the next password. Elsewhere there are no
    such options.
    """
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def run(
    served: Sequence[Served | tuple[socket.socket, Application]],
    ready: Callable[[], None],
    tick: Callable[[], None] | None = None,
    large: Large | None = None,
    threads: int = THREADS,
) -> None:
    """Serve each application on its socket until SIGTERM or SIGINT; call from the main thread.

    *ready* is called once, when requests are answered; *tick* about every second, between two requests, so it
    must be quick. *large*: what may come with a large body. *threads*: how many requests are thought about at once.
    """
    _share_one_heap()
    # Each connection may hold a socket and a file.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * CONNECTIONS + 512), hard))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a busy class is no news
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(threads)
    connections: dict[int, Any] = {}
    for one in (Served(*given) for given in served):
        options = (
            _OPTIONS | (tls.OPTIONS if one.tls else {}) | (_PROXIED if one.socket.family == _UNIX else {})
        )
        if one.tls:
            # Pupils who fill the other ports must not lock their teachers out.
            options["connection_limit"] = CONNECTIONS + tls.CONNECTIONS
        server = create_server(
            one.application, map=connections, _dispatcher=dispatcher, sockets=[one.socket], **options
        )
        server.channel_class = _TlsChannel if one.tls else _Channel
        server.tls = one.tls
        server.adj.large = large
        server.adj.unwelcome = one.unwelcome
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

    def get_environment(self) -> dict[str, Any]:
        """With how long the request waited for a thread: who answers may say that there is no time (``WAITED``)."""
        environ: dict[str, Any] = super().get_environment()
        environ.setdefault(WAITED, time.monotonic() - (self.request.arrived or time.monotonic()))
        environ.setdefault(WAKE, self.channel.server.pull_trigger)
        return environ

    def set_close_on_finish(self) -> None:
        """Promise to close, unless only the missing length of a 304 asks for it."""
        kept = self.version == "1.1" and self.request.headers.get("CONNECTION", "").lower() != "close"
        if not (kept and self.status.startswith("304")):
            super().set_close_on_finish()


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task
    last_activity: float

    def parser_class(self, adj: Any) -> Request:
        """What waitress calls for each request."""
        return Request(adj, self.addr[0])

    def handle_read(self) -> None:
        """Count the time limit of a connection from the beginning of its request, and keep few large requests.

        Waitress counts it from the last byte, so that a byte a minute would hold a connection for ever.
        """
        arriving, begun, before = self.request, self.last_activity, _held(self.request)
        super().handle_read()
        spooled = 0.0 if self.request is None else self.request.spooled
        if arriving is not None and self.request is arriving and not spooled:
            self.last_activity = begun
        late = time.monotonic() - spooled > SPOOLED_FOR
        if spooled and (late or self._spooled_ones() > SPOOLED or self.request.crowds_the_disk()):
            self.handle_close()
        if before <= SMALL < _held(self.request) and self._is_one_too_many():
            self.handle_close()

    def _is_one_too_many(self) -> bool:
        """Whether too many large requests are arriving: this one begins again later, the memory is for pupils."""
        others = self.server.active_channels.values()
        return sum(_held(channel.request) > SMALL for channel in others) > LARGE_ONES

    def _spooled_ones(self) -> int:
        others = self.server.active_channels.values()
        return sum(channel.request is not None and channel.request.spooled > 0 for channel in others)

    def writable(self) -> bool:
        """Not while all that is left to send is still on its way here (``store.arriving``): it would be asked at every turn."""
        waits = self.total_outbufs_len and not self.will_close and self._next_is_on_its_way()
        return not waits and bool(super().writable())

    def send(self, data: bytes, do_close: bool = True) -> int:
        """See waitress; nothing is sent as nothing, whatever the socket makes of it."""
        return int(super().send(data, do_close)) if data else 0

    def _next_is_on_its_way(self) -> bool:
        # Not len(): what is more than 2 GiB long has none on a 32-bit computer.
        following = next((one for one in list(self.outbufs) if one.__len__()), None)
        ready = getattr(getattr(following, "file", None), "ready", None)
        return ready is not None and not ready()

    def handle_close(self) -> None:
        """Let go at once of the body that was on its way."""
        if self.request is not None:
            self.request.close()
        super().handle_close()

    def handle_error(self) -> None:
        """End a connection that broke; waitress would write the reader's address into the log."""
        log.error("a connection was ended by a mistake", exc_info=sys.exc_info())
        self.handle_close()


class _TlsChannel(tls.Encrypted, _Channel):
    """A channel over TLS, with the same limits."""


def _held(request: Any) -> int:
    """Bytes of memory that hold a *request* on its way, None if there is none."""
    return (
        0
        if request is None or request.spooled
        else int(request.header_bytes_received + request.body_bytes_received)
    )


def _end(*_: object) -> NoReturn:
    raise SystemExit  # the one exception that waitress lets pass everywhere
