"""The lessons' origin: files of installed lessons, served as what they are, to be trusted by nobody.

A lesson is somebody else's program. Here it may run, keep its state and load its own files, and nothing else:
every answer forbids requests to other hosts, forms that leave, frames around it other than ours, and a
service worker, which would outlive the lesson. Everything but a PDF is sandboxed even when it is opened by
itself. No cookie is read or set. At a name of its own a version is found and no other, so that no lesson runs where another
one kept something. An address names a version by its manifest's hash, so that what it answers
never changes and is kept for a year. Only a draft's files, under ``/apercu/<token>/``, are kept by nobody.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from edubox.box import players_route
from edubox.box.library import Library
from edubox.box.origins import LESSON_HEADERS, below, host, is_of, origin
from edubox.box.teacher import preview
from edubox.box.teacher.preview import Previews
from edubox.errors import EduboxError
from edubox.pack.canonical import nfc
from edubox.pack.media_types import media_type
from edubox.pack.names import check_path
from edubox.pages.addresses import own_name
from edubox.pages.assets import asset
from edubox.pages.kinds import FRAME_RIGHTS
from edubox.pages.player import Players
from edubox.pages.words import preferred, translations
from edubox.store.file_response import respond

_ADDRESS = re.compile(r"/c/([0-9a-f]{64})/(.*)\Z", re.DOTALL)
_INDEX = "index.html"
FORGET = "/forget.html"
_PDF = "application/pdf"
#: Where a lesson may take things from: this origin, and what it makes itself.
_OWN = "'self' 'unsafe-inline' 'unsafe-eval' data: blob: mediastream:"

StartResponse = Callable[..., Any]


def lesson_app(
    data: Path,
    page_port: int,
    languages: tuple[str, ...] = ("en",),
    players: Players = Players(),  # noqa: B008 - frozen
    school_domain: str = "",
) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """The WSGI application that serves ``site/`` of the data folder *data*, and the *players* that show it.

    Pages are on *page_port*, in *languages*. Each version is also found at a name of its own below *school_domain*.
    """
    site, library = (data / "site").resolve(), Library(data)
    previews = Previews(data)

    # It remembers answers and no errors: a list that is damaged or not written yet must not be believed for ever.
    listed_types = lru_cache(maxsize=64)(library.types)

    def odd_types(manifest: str) -> dict[str, str]:
        try:
            return listed_types(manifest)
        except EduboxError:
            return {}

    def missing(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # A link that leads nowhere inside a lesson: a pupil reads this in the lesson's frame.
        words = translations(preferred(environ.get("HTTP_ACCEPT_LANGUAGE", ""), languages))
        return _refuse(start_response, "404 Not Found", text=words.gettext("This page is not here"))

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        where = host(environ)
        if where is None:
            return _refuse(start_response, "400 Bad Request")
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _refuse(start_response, "405 Method Not Allowed", ("Allow", "GET, HEAD"))
        if "HTTP_SERVICE_WORKER" in environ:
            return _refuse(start_response, "403 Forbidden")
        scheme = environ["wsgi.url_scheme"]
        if name_of := below(where, school_domain):
            where = school_domain
        box = f"{scheme}://{where}:*"
        begin, trees = "", site
        odd: Callable[[str], dict[str, str]] = odd_types
        if environ.get("PATH_INFO", "").startswith(preview.PREFIX):
            found = previews.files(environ["PATH_INFO"])
            if found is None:
                return missing(environ, start_response)
            begin, rest, draft = found
            trees, odd = preview.site(data, draft), partial(preview.types, data, draft)
            environ, start_response = environ | {"PATH_INFO": rest}, _unkept(start_response)
        if environ.get("PATH_INFO", "").startswith(players_route.PREFIX):
            played = players_route.answer(players, environ, start_response, box)
            return played if played is not None else missing(environ, start_response)
        if environ.get("PATH_INFO") == FORGET:
            return _forget(start_response, box)
        address = _address(environ.get("PATH_INFO", ""))
        if address is None:
            return missing(environ, start_response)
        manifest, name = address
        if name_of and name_of != own_name(manifest):
            return missing(environ, start_response)
        tree = trees / manifest
        path = tree / name
        if _is_folder(path):
            if name and not name.endswith("/"):
                there = f"{begin}/c/{manifest}/{quote(name)}/"
                return _refuse(start_response, "301 Moved Permanently", ("Location", there))
            name = f"{name}{_INDEX}"
            path = tree / name
        # The checked name leaves no way out of the tree; a link inside it is refused here.
        if name.endswith("/") or not path.is_file() or path.resolve() != path:
            return missing(environ, start_response)
        kind = odd(manifest).get(name) or media_type(name)
        asking = environ.get("HTTP_ORIGIN", "")
        pages = asking if is_of(asking, scheme, where) else origin(scheme, where, page_port)
        headers = _policy(box, pages, kind)
        if environ.get("QUERY_STRING") == "download":
            last = quote(name.rpartition("/")[2], safe="")
            headers.append(("Content-Disposition", f"attachment; filename*=UTF-8''{last}"))
        twin = Path(f"{path}.gz")
        return respond(
            environ, start_response, path, etag=manifest, media_type=kind, headers=headers,
            twin=twin if twin.is_file() else None,
        )  # fmt: skip

    return app


def _address(path_info: str) -> tuple[str, str] | None:
    """The version and the checked path inside it that a request names; the path is empty or ends with / for a folder."""
    try:
        match = _ADDRESS.match(path_info.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        return None
    if match is None:
        return None
    name = nfc(match[2])
    try:
        if name:
            check_path(name.removesuffix("/"))
    except EduboxError:
        return None
    return match[1], name


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _policy(box: str, pages: str, kind: str) -> list[tuple[str, str]]:
    """Headers of every file. *box* are this host's origins, whose frames may show it, *pages* the one that reads it.

    Browsers keep these headers for a year, and the port of the pages may change in that time: they name none.
    """
    rules = [
        f"default-src {_OWN}",
        "form-action 'none'",
        "base-uri 'self'",
        f"frame-ancestors 'self' {box}",
    ]
    if kind != _PDF:
        # Browsers show no PDF in a sandbox; nosniff keeps it a PDF.
        rules.append(f"sandbox {FRAME_RIGHTS}")
    return [
        ("Content-Security-Policy", "; ".join(rules)),
        *LESSON_HEADERS,
        # For subtitles, which browsers ask for as the page's origin.
        ("Access-Control-Allow-Origin", pages),
        ("Vary", "Origin"),
    ]


def _unkept(start_response: StartResponse) -> StartResponse:
    """*start_response* for what a browser must not keep: the next build of a draft, or its end, may change it."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        kept = [(name, value) for name, value in headers if name != "Cache-Control"]
        return start_response(status, [*kept, ("Cache-Control", "no-store")], *more)

    return start


def _forget(start_response: StartResponse, box: str) -> Iterable[bytes]:
    """The page that erases what exercises have kept in this origin on the reader's device."""
    body = asset("forget.html").text.encode()
    start_response("200 OK", [
        ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body))), ("Cache-Control", "no-cache"),
        ("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "same-site"),
        ("Content-Security-Policy", f"default-src 'none'; script-src 'unsafe-inline'; frame-ancestors {box}; sandbox {FRAME_RIGHTS}"),
    ])  # fmt: skip
    return [body]


def _refuse(
    start_response: StartResponse, status: str, *headers: tuple[str, str], text: str = ""
) -> Iterable[bytes]:
    body = f"{text or status}\n".encode()
    start_response(status, [
        ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; sandbox"), *headers,
    ])  # fmt: skip
    return [body]
