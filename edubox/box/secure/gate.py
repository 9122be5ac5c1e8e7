"""Whether a password may come by the way that a request came, and what to tell those who came by another.

A password may come by TLS: by the box's own port, or by the web server in front, which says so on a socket of its own
(``proxy_socket``). And it may come from this computer, which no wire lies before: somebody who tries edubox out, or sits
at the box. A proxy that speaks to our TCP port also comes from this computer, with all its readers; so the name that
was asked for must be one of this computer's too. What a reader writes about himself in ``X-Forwarded-…`` is dropped
before any application sees it.

``door`` is asked by the guard of the desk before anything else, ``unwelcome`` by the server before a body is read.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from flask import Request, Response

from edubox.box.origins import host, origin
from edubox.box.secure.certificate import shown_fingerprint
from edubox.box.secure.known import GREETING
from edubox.box.site import Site
from edubox.hardware.hotspot import state
from edubox.pages import door as pages

#: Where the desk begins.
DESK = "/bureau"
_READING = {"GET", "HEAD", "OPTIONS"}
#: Names that no other computer has.
_ONLY_HERE = {"localhost", "127.0.0.1", "[::1]"}
#: Stylesheets, scripts and drawings of pages (``edubox.pages.assets``).
_ASSET = re.compile(r"/[a-z]+(?:-[0-9a-f]{12})?\.(?:css|js|svg)\Z")
_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def door(site: Site, request: Request) -> Response | None:
    """What to answer instead of a page of the desk; None when *request* may carry a password.

    Reading gets the page that explains, or the way to the TLS port when its certificate is one that browsers know; what
    would change something is refused.
    """
    if is_private(request.environ):
        return None
    where = host(request.environ)
    if where is None or request.method not in _READING:
        return Response("Not by this way.\n", 403, mimetype="text/plain")
    query = request.query_string.decode("ascii", "ignore")
    if (
        (name := site.settings["certificate_name"])
        and (network := state.read())
        and network.has(request.remote_addr or "")
    ):
        where = name  # which the box's own name server leads here, and browsers know the certificate for
    address = (
        origin("https", where, site.settings["desk_port"]) + quote(request.path) + f"?{query}" * bool(query)
    )
    if site.settings["certificate"]:
        answer = Response(status=302)
        answer.autocorrect_location_header = False
        answer.headers["Location"] = address
        return answer
    chosen = request.args.get("lang", "")
    language = chosen if chosen in site.languages else site.spoken()
    frame = site.frame(language, where, site.library.changes())
    return Response(
        pages.page(frame, address, shown_fingerprint(site.data, site.settings)), mimetype="text/html"
    )


def is_private(environ: dict[str, Any]) -> bool:
    """Whether the request of *environ* came by TLS or from this computer."""
    if environ["wsgi.url_scheme"] == "https":
        return True
    return host(environ) in _ONLY_HERE and _is_here(environ.get("REMOTE_ADDR", ""))


def unwelcome(method: str, path: str, peer: str) -> bool:
    """Whether to refuse a request to a plain port by its first lines: it would change the desk, and comes from elsewhere."""
    return is_desk_path(path) and method not in _READING and not _is_here(peer)


def only_desk(application: _Application, port: int, *, greets: bool = False) -> _Application:
    """*application* as the TLS port shows it: the desk, if it *greets* phones their greeting, and what these pages load.

    Whoever asks for a page of pupils is sent to the plain pages at TCP *port*.
    """

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        where = host(environ)
        if (
            is_desk_path(path)
            or _ASSET.match(path)
            or where is None
            or (greets and path.startswith(GREETING))
        ):
            return application(environ, start_response)
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        query = environ.get("QUERY_STRING", "")
        place = origin("http", where, port) + quote(path.encode("latin-1")) + f"?{query}" * bool(query)
        start_response(
            "302 Found", [("Location", place), ("Cache-Control", "no-store"), ("Content-Length", "0")]
        )
        return []

    return served


def is_desk_path(path: str) -> bool:
    """Whether *path* is the address of a page of the desk."""
    return path == DESK or path.startswith(f"{DESK}/")


def _is_here(peer: str) -> bool:
    """Whether the address *peer* is this computer's own; a dual-stack socket writes IPv4 within IPv6."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
