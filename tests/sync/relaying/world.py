"""A mirror of a mirror in this process, served by the channels that the program uses, and raw questions to it."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from waitress import create_server

from edubox.store.server import _Channel, listen
from edubox.sync.relaying.app import THREADS
from edubox.sync.relaying.serve import open_relay
from tests.sync.country import film

FILM = film(1, 3_000_000)


@contextlib.contextmanager
def relaying(of: str, folder: Path, **options):
    """The parts of a mirror of the one at *of*, with its ``url``, while the block runs."""
    relay = open_relay(of, folder, **options)
    relay.notary.start()
    sock = listen("127.0.0.1", 0, "--port")
    server = create_server(
        relay.app, sockets=[sock], threads=THREADS, asyncore_use_poll=True, connection_limit=1500
    )
    server.channel_class = _Channel
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Served(relay, f"http://127.0.0.1:{sock.getsockname()[1]}/")
    finally:
        with contextlib.suppress(OSError):
            server.trigger.pull_trigger(lambda: [one.close() for one in list(server._map.values())])
        thread.join(10)
        assert not thread.is_alive()
        server.task_dispatcher.shutdown()


class Served:
    def __init__(self, relay, url):
        self.relay, self.url = relay, url

    def settle(self):
        """Until everything that came was verified."""
        assert self.relay.notary.wait(30)

    def get(self, path: str, **headers):
        return get(self.url, path, **headers)


def get(url: str, path: str, **headers):
    """Status, headers and body of one answer; a body that is cut short is None."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        connection.request(
            "GET", "/" + path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        try:
            body = answer.read()
        except (http.client.IncompleteRead, ConnectionError):
            body = None
        return answer.status, answer.headers, body
    finally:
        connection.close()


@contextlib.contextmanager
def asking(url: str, path: str, **headers):
    """An answer whose body is read by the test."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        connection.request(
            "GET", "/" + path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        yield connection.getresponse()
    finally:
        connection.close()


def counting(application):
    """*application*, and the list of paths that it was asked for."""
    asked: list[str] = []

    def counted(environ, start_response):
        asked.append(environ["PATH_INFO"].lstrip("/"))
        return application(environ, start_response)

    return counted, asked


def serves(data: bytes, *, length: int | None = None, blocks=None, status: str = "200 OK", headers=()):
    """An application that answers with these bytes and says that they are so many; *blocks* yields them otherwise."""

    def application(_, start_response):
        start_response(status, [("Content-Length", str(len(data) if length is None else length)), *headers])
        return blocks() if blocks else [data]

    return application


def object_of(data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    return f"objects/{sha256[:2]}/{sha256}"


def kept_files(folder: Path) -> set[str]:
    """Every file of the mirror below *folder*, and what lies in its staging folder."""
    return {
        path.relative_to(folder).as_posix()
        for top in ("mirror", "staging")
        for path in (folder / top).rglob("*")
        if path.is_file()
    }


def until(done, seconds: float = 30) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
