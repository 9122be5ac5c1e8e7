"""The mirror over HTTP, at a hub and at a box: which paths are public, and how long an answer may be kept.

Only the four public folders of a mirror are served; ``staff/`` and anything that is not spelled like a name
of ours does not exist here. Names that carry a hash or a version never change and are kept for a year;
``timestamp.json`` and the answer that something does not exist yet for a minute (DESIGN, The mirror folder).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from edubox.store.file_response import respond

#: Seconds that a shared cache may keep what can change.
MINUTE = 60
_PART = r"[a-z0-9][a-z0-9-]{0,62}"
_REPOSITORY = rf"(?:directory|publishers/{_PART}/{_PART})"
_HASH = r"[0-9a-f]{64}"
_PUBLIC = re.compile(
    rf"{_REPOSITORY}/metadata/(?P<changing>timestamp\.json)\Z"
    rf"|{_REPOSITORY}/metadata/\d{{1,10}}\.[a-z0-9-]{{1,80}}\.json\Z"
    rf"|{_REPOSITORY}/targets/(?:{_PART}/){{0,4}}{_HASH}\.{_PART}\.json\Z"
    rf"|(?:bundles|objects)/[0-9a-f]{{2}}/{_HASH}\Z"
)
_IMMUTABLE = "public, max-age=31536000, immutable"
_WELCOME = b"""edubox

This is where the boxes of schools fetch their signed lessons. There is nothing to read here:
lessons are read in school, from the box.
"""


def mirror_app(mirror: Path) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """A WSGI application that serves the folder *mirror* at ``/``."""
    root = mirror.resolve()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _plain(
                start_response, "405 Method Not Allowed", b"Only GET and HEAD.\n", ("Allow", "GET, HEAD")
            )
        name = environ.get("PATH_INFO", "").removeprefix("/")
        if not name:
            return _plain(start_response, "200 OK", _WELCOME)
        allowed = _PUBLIC.match(name)
        path = root / name if allowed else None
        # The pattern leaves no way out of the folder by name; a link inside it is refused here.
        if allowed is None or path is None or not path.is_file() or path.resolve() != path:
            # No words: every box asks for the next root every night, and pays for them.
            return _plain(start_response, "404 Not Found", b"", ("Cache-Control", f"max-age={MINUTE}"))
        changing = allowed["changing"] is not None
        return respond(
            environ, start_response, path,
            etag=None if changing else path.name,
            media_type="application/json" if name.endswith(".json") else "application/octet-stream",
            headers=[
                ("Cache-Control", f"max-age={MINUTE}" if changing else _IMMUTABLE),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )  # fmt: skip

    return app


def is_public(path: str) -> bool:
    """Whether a mirror has a file of this name for everybody."""
    return _PUBLIC.match(path) is not None


def kept_for(path: str) -> str:
    """The Cache-Control of a file of a mirror, for who serves it in our place."""
    return f"max-age={MINUTE}" if path.endswith("/timestamp.json") else _IMMUTABLE


def _plain(
    start_response: Callable[..., Any], status: str, body: bytes, *headers: tuple[str, str]
) -> Iterable[bytes]:
    start_response(
        status,
        [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), *headers],
    )
    return [body]
