"""TLS in the same loop, process and limits as everything else that is served: a channel of waitress over ``ssl``.

Waitress has no TLS of its own, but its channels only ask their socket to receive and to send without waiting, and an
``SSLSocket`` does. So nothing is relayed, no body is copied once more, and a slow reader or sender holds no thread here
either. What TLS adds is bounded:

- a connection that says nothing has no TLS state yet, and one that is not through its handshake after GREETING ends;
- there are at most CONNECTIONS; then the address that has the most of them loses the one that has waited longest, so that
  whoever opens hundreds takes them from themselves;
- the certificate is asked for with each connection, so that a new one holds at once; without one the port is closed.

A browser that was told ``http://`` with this port is sent to ``https://``: people type addresses from paper.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
import ssl
import time
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from waitress.channel import HTTPChannel

log = logging.getLogger(__name__)
#: Seconds in which a handshake must be done.
GREETING = 10
#: Connections at once; each that is through its handshake takes some 40 kB.
CONNECTIONS = 256
#: Bytes of a TLS record. Receiving so many leaves nothing behind in OpenSSL, where no poll would see it.
RECORD = 16 * 1024
#: Options of waitress for a server of such channels.
OPTIONS = {"url_scheme": "https", "recv_bytes": RECORD, "cleanup_interval": 2}
#: The first byte of a TLS connection: a handshake record.
_HANDSHAKE = b"\x16"
_TARGET = re.compile(rb"(?:GET|HEAD) (/[!-~]{0,500}) HTTP/1\.[01]\r\n")
_HOST = re.compile(
    rb"\r\nhost: *([a-z0-9._-]{1,253}(?::\d{1,5})?|\[[0-9a-f:.]{2,45}\](?::\d{1,5})?)\r\n", re.IGNORECASE
)


class Encrypted(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """A channel whose socket speaks TLS; its server has ``tls``, which gives the context or None.

    OpenSSL lets one thread at a time use a connection; the lock of the answers (``outbuf_lock``) sees to it.
    """

    socket: Any
    last_activity: float
    connected: bool

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002
        """See HTTPChannel."""
        super().__init__(server, sock, addr, adj, map=map)
        self._greeted = False
        # Waitress ends a connection whose last activity is ``channel_timeout`` ago.
        self.last_activity -= adj.channel_timeout - GREETING
        _make_room(server.active_channels.values(), self)

    def handle_read(self) -> None:
        """Go on with the handshake, then with requests."""
        if not self._greeted:
            self._greet()
            return
        with contextlib.suppress(_NotYet):
            super().handle_read()

    def recv(self, buffer_size: int) -> bytes:
        """See wasyncore.dispatcher. Raises _NotYet while a record is not whole."""
        with self.outbuf_lock:
            try:
                data: bytes = self.socket.recv(buffer_size)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise _NotYet from None
            except OSError:
                data = b""
        if not data:
            self.handle_close()
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: ARG002 - waitress's name
        """See wasyncore.dispatcher; one record at a time, which goes whole or is offered again."""
        with self.outbuf_lock:
            if not (data and self.connected and self._greeted):
                return 0
            try:
                sent: int = self.socket.send(data[:RECORD])
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return 0
            except OSError:
                self.will_close = True
                return 0
        return sent

    def handle_close(self) -> None:
        """Say goodbye, as far as that needs no waiting."""
        with self.outbuf_lock:
            if self._greeted and self.connected:
                with contextlib.suppress(OSError, ValueError):
                    self.socket.unwrap()
            self.connected = False
        super().handle_close()

    def _greet(self) -> None:
        try:
            if not isinstance(self.socket, ssl.SSLSocket):
                context = self.server.tls() if self._is_greeted_with_tls() else None
                if context is None:
                    self.handle_close()
                    return
                self.socket = context.wrap_socket(
                    self.socket, server_side=True, do_handshake_on_connect=False
                )
            self.socket.do_handshake()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return  # the rest is on its way, or time runs out
        except (OSError, ValueError):
            self.handle_close()
            return
        self._greeted, self.last_activity = True, time.time()

    def _is_greeted_with_tls(self) -> bool:
        """Whether the first byte is one of TLS; a plain request for a page is told where to go."""
        if self.socket.recv(1, socket.MSG_PEEK) == _HANDSHAKE:
            return True
        said = self.socket.recv(4096)
        target, host = _TARGET.match(said), _HOST.search(said)
        if target and host:
            place = b"https://" + host[1] + target[1]
            self.socket.send(
                b"HTTP/1.1 302 Found\r\nLocation: "
                + place
                + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        return False


class _NotYet(Exception):
    """Bytes have come, but not a whole record."""


def _make_room(channels: Collection[Any], newest: Encrypted) -> None:
    """Keep to CONNECTIONS *channels*."""
    if len(channels) <= CONNECTIONS:
        return
    [(address, _)] = Counter(channel.addr[0] for channel in channels).most_common(1)
    others = [one for one in channels if one.addr[0] == address and one is not newest and not one.requests]
    min(others, key=lambda channel: channel.last_activity, default=newest).handle_close()


class Certificate:
    """A certificate and its key, both PEM files, loaded again when they change: nobody restarts a server for a new one."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._state: tuple[tuple[int, int], ...] = ()
        self._context: ssl.SSLContext | None = None
        self._complaint = ""

    def context(self) -> ssl.SSLContext | None:
        """What a connection is wrapped with; the last one that was good, None if there was none yet."""
        try:
            found = [os.stat(path) for path in self._files]
            state = tuple((one.st_mtime_ns, one.st_ino) for one in found)
            if state != self._state:
                self._context, self._state = load(*self._files), state
                self._complaint = ""
        except (OSError, ValueError) as error:  # said once, not with each connection
            if self._files[0].exists() and (complaint := str(error)) != self._complaint:
                self._complaint = complaint
                log.error("the certificate cannot be used: %s", error)  # noqa: TRY400 - a file, not a mistake
        return self._context


def load(certificate: Path, key: Path) -> ssl.SSLContext:
    """A context that shows *certificate* with its *key*, both PEM. Raises OSError, ValueError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # phones of 2014 speak it
    # What a client may ask for again and again, to no end but ours.
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    # An encrypted key would ask a terminal that nobody sits at.
    context.load_cert_chain(certificate, key, password=lambda: "")
    return context
