"""A proxy between a browser and everything: it passes requests to the box's two ports, and writes down all others."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import ClassVar
from urllib.parse import urlsplit

#: Chromium's own errands (its updates, the time, words for forms): no page asks for them, and they are not passed either.
_ERRANDS = {
    "update.googleapis.com", "accounts.google.com", "clients2.google.com", "content-autofill.googleapis.com",
    "optimizationguide-pa.googleapis.com",
}  # fmt: skip
_HOP = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "upgrade"}


@contextlib.contextmanager
def proxy(*allowed: str) -> Iterator[SimpleNamespace]:
    """A running proxy that passes only to the origins *allowed*: its ``flags`` for Chromium, ``passed`` and ``refused``."""
    hosts = {urlsplit(one).netloc for one in allowed}

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        passed: ClassVar[list[str]] = []
        refused: ClassVar[list[str]] = []

        def do_GET(self):
            wanted = urlsplit(self.path)
            if wanted.netloc not in hosts:
                self._refuse()
                return
            self.passed.append(self.path)
            line = http.client.HTTPConnection(wanted.netloc, timeout=60)
            given = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                line.request(
                    self.command, wanted.path + (f"?{wanted.query}" if wanted.query else ""), body, given
                )
                answer = line.getresponse()
                content = answer.read()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _HOP | {"content-length"}:
                        self.send_header(name, value)
                length = answer.headers["Content-Length"] if self.command == "HEAD" else len(content)
                self.send_header("Content-Length", str(length or 0))
                self.end_headers()
                self.wfile.write(content)
            except (OSError, http.client.HTTPException):
                self.close_connection = True  # the browser gave up, or the box ended
            finally:
                line.close()

        def do_HEAD(self):
            self.do_GET()

        def do_POST(self):
            self.do_GET()

        def do_CONNECT(self):
            self._refuse()

        def _refuse(self):
            host = urlsplit(self.path if "//" in self.path else f"//{self.path}").hostname
            if host not in _ERRANDS:
                self.refused.append(f"{self.command} {self.path}")
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """A browser that closes a tab hangs up in the middle of an answer."""

    with Server(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # Chromium goes past a proxy to loopback addresses unless it is told not to.
        flags = (f"--proxy-server=http://127.0.0.1:{server.server_port}", "--proxy-bypass-list=<-loopback>")
        yield SimpleNamespace(flags=flags, passed=Door.passed, refused=Door.refused)
        server.shutdown()
