"""``/p/<build>/…`` on the lessons' origin: the players that show exercises, books and activities, for a year.

They live where lessons live, because a player runs a lesson's program and must be trusted no more than it is. Books and
documents bring no program that anybody wants: in their players only our own scripts run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from edubox.box.origins import LESSON_HEADERS
from edubox.pack.media_types import media_type
from edubox.pages.kinds import FRAME_RIGHTS
from edubox.pages.player import Players
from edubox.store.file_response import respond

PREFIX = "/p/"
_TWIN = ".gz"
_OURS_ALONE = frozenset({"epub.html", "pdf.html"})


def answer(
    players: Players, environ: dict[str, Any], start_response: Callable[..., Any], box: str
) -> Iterable[bytes] | None:
    """The answer to a request below PREFIX, None if there is no such file; *box* are the origins that may frame it."""
    build, _, name = environ.get("PATH_INFO", "").removeprefix(PREFIX).partition("/")
    path = players.files.get(name)
    if build != players.build or path is None or name.endswith(_TWIN):
        return None
    twin = players.files.get(f"{name}{_TWIN}")
    return respond(
        environ, start_response, path, etag=build, media_type=media_type(name), headers=_headers(name, box), twin=twin
    )  # fmt: skip


def _headers(name: str, box: str) -> list[tuple[str, str]]:
    scripts = "'self'" if name in _OURS_ALONE else "'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
    rules = (
        "default-src 'self' 'unsafe-inline' data: blob: mediastream:", f"script-src {scripts}", "form-action 'none'",
        "base-uri 'self'", "object-src 'none'", f"frame-ancestors 'self' {box}", f"sandbox {FRAME_RIGHTS}",
    )  # fmt: skip
    return [("Content-Security-Policy", "; ".join(rules)), *LESSON_HEADERS]
