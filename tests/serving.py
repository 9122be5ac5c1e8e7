"""An application served in this process, by the server that boxes and hubs run, until a test is done with it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from waitress import create_server

from edubox.store.server import listen


@contextlib.contextmanager
def serving(application, sock: socket.socket | None = None, threads: int = 2) -> Iterator[str]:
    """The base address of *application*, on the socket *sock* or on a free port of loopback."""
    sock = sock or listen("127.0.0.1", 0, "--port")
    server = create_server(application, sockets=[sock], threads=threads, asyncore_use_poll=True)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/"
    finally:
        # Closed by its own thread: whoever closes what another thread is polling makes that one fail. The server may
        # obey, and close what it is woken by, before it is woken.
        with contextlib.suppress(OSError):
            server.trigger.pull_trigger(lambda: [one.close() for one in list(server._map.values())])
        thread.join(10)
        assert not thread.is_alive()
        server.task_dispatcher.shutdown()
