"""HTTP servers for tests: the hub's own application in this process, and servers that misbehave on purpose."""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from edubox.store.mirror_app import mirror_app
from tests.serving import serving


def hub(country):
    """The address of a hub for *country*."""
    return serving(mirror_app(country.mirror))


class Wire:
    """A raw HTTP server: each answer comes from *application*, what happens on the wire from *send*.

    ``sent`` counts the bytes that were given to the kernel, ``connections`` and ``requests`` what came in.
    """

    def __init__(
        self, application: Callable, send: Callable | None = None, address: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.application, self.send = application, send or (lambda connection, data: connection.sendall(data))
        self.sent = self.connections = self.requests = self.cuts = 0
        self.heads = 0
        self._socket = socket.create_server((address, port))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        self._thread = threading.Thread(target=self._serve)
        self._open: list[socket.socket] = []
        self.url = f"http://{address}:{self._socket.getsockname()[1]}/"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            with contextlib.suppress(OSError, Cut):
                self._converse(connection)
            connection.close()

    def _converse(self, connection):
        incoming = connection.makefile("rb")
        while line := incoming.readline():
            method, path, _ = line.decode().split()
            environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
            while (header := incoming.readline().strip()) != b"":
                name, _, value = header.decode().partition(": ")
                environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
            self.requests += 1
            head: list[str] = []

            def start(status, headers, head=head):
                head += [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]

            body = iter(self.application(environ, start))
            begin = next(body, b"")
            first = "\r\n".join(head).encode()
            self.heads += len(first)
            self.send(connection, first)
            for block in itertools.chain([begin], body):
                self.send(connection, block)


class Cut(Exception):
    """The server ends this connection."""


class Cutting:
    """A *send* for Wire that cuts the connection each time so many bytes of bodies have passed, hard or politely."""

    def __init__(self, wire: Wire, offsets: list[int]) -> None:
        self.wire, self.offsets = wire, offsets
        self.passed = 0

    def __call__(self, connection: socket.socket, data: bytes) -> None:
        for start in range(0, len(data), 16384):
            block = data[start : start + 16384]
            if self.offsets and self.passed + len(block) > self.offsets[0]:
                keep = block[: max(self.offsets.pop(0) - self.passed, 0)]
                connection.sendall(keep)
                self.passed += len(keep)
                self.wire.sent += len(keep)
                self.wire.cuts += 1
                if self.wire.cuts % 2:  # a reset instead of an orderly end
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise Cut
            connection.sendall(block)
            self.passed += len(block)
            self.wire.sent += len(block)


def files(mirror: Path, **changed: Callable) -> Callable:
    """The hub's application, but paths beginning with a keyword (``bundles=…``) are answered by its value."""
    usual = mirror_app(mirror)

    def application(environ, start_response):
        first = environ["PATH_INFO"].strip("/").split("/")[0]
        return changed.get(first, usual)(environ, start_response)

    return application
