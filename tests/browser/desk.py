"""The desk in a browser: coming in to it, and its page of lessons on their way in every state, where nothing moves."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlencode

from edubox.pages import desk
from edubox.pages.assets import asset
from edubox.pages.country import Country
from edubox.pages.stylesheet import stylesheet
from tests.box.desk_client import PASSWORD
from tests.pages.desk_states import DESK, FRAME, STATES


def come_in(tab, pages, after="/bureau/", name="Ada"):
    """Log *tab* in to the desk of *pages*, on this computer, as *name* with the password of ``tests.box.desk_client``; then *after*."""
    tab.open(f"{pages}/bureau/entrer/?{urlencode({'next': after})}")
    for field, value in (("name", name), ("password", PASSWORD)):
        tab.js(f"document.querySelector('[name={field}]').value = {json.dumps(value)}")
    tab.tap("#enter")


@contextlib.contextmanager
def showing():
    """The base address of a server whose paths are the names of STATES."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Shown) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Shown(BaseHTTPRequestHandler):
    def do_GET(self):
        name = unquote(self.path.strip("/"))
        if name.endswith(".css"):
            kind, said = (
                "text/css",
                asset("desk.css").text if name.startswith("desk-") else stylesheet(Country()),
            )
        elif name.endswith(".js"):
            kind, said = "text/javascript", ""
        else:
            kind, said = "text/html", desk.lessons(FRAME, DESK, STATES[name])
        body = said.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
