"""``/class/<code>/now.json``: what a class is shown now, asked by each of its phones every few seconds.

The busiest address of a box and the smallest: answered before Flask sees it, out of memory while neither ``school.db``
nor the lessons change, with an ETag, so that "nothing new" is some hundred bytes on the air. It also says when to ask
again. Phones that ask do not read: ``serve`` does not count them.

    {"next": 8, "show": 0}
    {"next": 8, "show": 1804289383, "at": {"fr": "/fr/lecon/…/2/", "en": "/en/lesson/…/2/"}}
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from edubox.box.library import Library
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.errors import EduboxError
from edubox.pages.addresses import path
from edubox.pages.classroom import Showing, place_of

#: Seconds between two questions of a phone, which spreads them by a quarter; seconds for which it believes an answer.
POLL, FRESH = 8, 3
_ADDRESS = re.compile(r"/class/([1-9]\d{5})/now\.json\Z")
_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    etag: str
    #: It changes by itself at this moment (seconds since 1970).
    until: float = float("inf")
    began: float = 0.0


def with_now(
    application: _Application, school: SchoolFile, library: Library, languages: tuple[str, ...]
) -> _Application:
    """*application*, and before it the answers to the phones of classes."""
    memory: list[tuple[Any, dict[str, _Answer]]] = [(None, {})]

    def answer_of(code: str) -> _Answer | None:
        now, versions = time.time(), (school.version(), library.changes())
        held = memory[0]
        if held[0] != versions:
            # A new one, not a cleared one: a thread that reads what was before must not write into what is now.
            held = memory[0] = (versions, {})
        known = held[1]
        kept = known.get(code)
        if kept is None or not kept.began <= now < kept.until:
            shown = classes.of_code(school, code)
            if shown is None:  # not remembered: a stranger could fill the memory with codes
                return None
            kept = known[code] = _answer(classes.current(shown, now), library, languages)
        return kept

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        match = _ADDRESS.match(environ.get("PATH_INFO", ""))
        if match is None or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return application(environ, start_response)
        try:
            found = answer_of(match[1])
        except EduboxError:  # the page of the class says more
            return _say(start_response, "503 Service Unavailable", b"{}")
        if found is None:
            return _say(start_response, "404 Not Found", b"{}")
        same = environ.get("HTTP_IF_NONE_MATCH", "") == found.etag
        return _say(
            start_response, "304 Not Modified" if same else "200 OK", b"" if same else found.body, found.etag
        )

    return app


def _answer(shown: Showing | None, library: Library, languages: tuple[str, ...]) -> _Answer:
    value: dict[str, Any] = {"next": POLL, "show": 0}
    lesson = None if shown is None else library.lesson(shown.lesson)
    if shown is not None and lesson is not None:
        place = place_of(lesson, shown.part)
        value |= {"show": shown.mark, "at": {language: path(place, language) for language in languages}}
    body = json.dumps(value, separators=(",", ":")).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return _Answer(body, etag) if shown is None else _Answer(body, etag, shown.until, shown.began)


def _say(start_response: Callable[..., Any], status: str, body: bytes, etag: str = "") -> Iterable[bytes]:
    headers = [
        ("Cache-Control", f"max-age={FRESH}" if etag else "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if etag:
        headers.append(("ETag", etag))
    if body:
        headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body] if body else []
