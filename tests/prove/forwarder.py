"""A TCP forwarder that ends connections as a bad line does: by a reset, somewhere in an answer.

``python -m tests.prove.forwarder ADDRESS PORT TARGET SEED PERIOD`` forwards to the TARGET port of this computer until it is
terminated; it says a line when it listens, and at the end one of JSON about what happened. One connection in five is cut,
after a number of bytes between 1 kB and 1 MB whose logarithm is uniform: as many die young as old. With a PERIOD, in
seconds, nobody is cut by bytes, but all connections together each time it passes.
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import struct
import sys
import threading
from collections.abc import Iterator

SHARE = 0.2
#: Bytes taken from the sender at once, and what the kernel may hold of them: the rest is lost with a reset.
BLOCK, BUFFER = 4096, 8192


def lives(seed: int, share: float = SHARE, shortest: int = 1_000, longest: int = 1_000_000) -> Iterator[int]:
    """For each connection the bytes of answers after which it is cut; 0 for one that is not."""
    source = random.Random(seed)
    while True:
        drawn, stretch = source.random(), source.random()
        yield int(shortest * (longest / shortest) ** stretch) if drawn < share else 0


class Forwarder:
    """Use as a context manager: listens on *address*, forwards to *target*, cuts as *cuts* says or each *period*.

    ``passed`` counts the bytes of answers that went on, ``connections`` and ``cuts`` what became of them.
    """

    def __init__(
        self, target: tuple[str, int], cuts: Iterator[int], address: tuple[str, int] = ("127.0.0.1", 0), period: float = 0,
    ) -> None:  # fmt: skip
        self.passed = self.connections = self.cuts = 0
        self._target, self._lives, self._period = target, cuts, period
        self._lock = threading.Lock()
        self._open: dict[socket.socket, socket.socket] = {}
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()
        self._listener = socket.create_server(address)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self.address = self._listener.getsockname()

    def __enter__(self):
        self._start(self._accept)
        if self._period:
            self._start(self._drop)
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for client in list(self._open):
            self._reset(client)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _start(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self.connections += 1
            life = 0 if self._period else next(self._lives)
            self._open[client] = server
            self._start(self._pump, client, server)
            self._start(self._answer, client, server, life)

    def _drop(self):
        while not self._ended.wait(self._period):
            for client in list(self._open):
                self._cut(client)

    def _pump(self, client, server):
        """What the client says, to its end."""
        with contextlib.suppress(OSError):
            while block := client.recv(BLOCK):
                server.sendall(block)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, client, server, life):
        """What the server answers, until the connection's *life* is over."""
        told = 0
        with contextlib.suppress(OSError):
            while block := server.recv(min(BLOCK, life - told) if life else BLOCK):
                client.sendall(block)
                told += len(block)
                self.passed += len(block)
                if told == life:
                    self._cut(client)
                    return
            client.shutdown(socket.SHUT_WR)
        with self._lock:
            server = self._open.pop(client, None)
        if server is not None:
            client.close()
            server.close()

    def _cut(self, client):
        self.cuts += self._reset(client)

    def _reset(self, client) -> bool:
        """End both sides of a connection; whether it was still there."""
        with self._lock:
            server = self._open.pop(client, None)
        if server is None:
            return False
        # A reset is what a socket sends that is closed while it may not linger. Whoever waits in it must wake up first.
        for one in (server, client):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RD)
        client.close()
        server.close()
        return True


def main() -> None:
    address, port, target, seed, period = sys.argv[1:]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    with Forwarder(
        ("127.0.0.1", int(target)), lives(int(seed)), (address, int(port)), float(period)
    ) as forwarder:
        print("listening", flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    print(
        json.dumps({
            "connections": forwarder.connections, "cuts": forwarder.cuts, "passed": forwarder.passed,
        }), flush=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
