"""The mirror over HTTP, fetched while it is asked for. By the rules of ``store.mirror_app``, which serves what is kept here.

What is passed on before it is proved is passed on as such: caches on the way may keep signatures for a minute and a lesson that
still comes not at all. A few requests wait for the mirror behind; more of them are told to come later, so that there is always
a thread for what is kept.
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from edubox.errors import EduboxError, MissingFile, NoRoom, TryLater, Unreachable
from edubox.store.file_response import respond_with
from edubox.store.layout import BUNDLES, OBJECTS
from edubox.store.mirror_app import MINUTE, is_public, mirror_app
from edubox.store.server import WAKE
from edubox.sync.relaying.large import Large
from edubox.sync.relaying.news import News
from edubox.sync.relaying.room import Room

#: Requests that are thought about at once, and of those the ones that may wait for the mirror behind: a town's boxes ask together.
THREADS, WAITING = 128, 112
#: Seconds that one waits.
PATIENCE = 12.0
#: Bytes up to which a file is waited for to its end: then it is proved, and caches may keep it.
WHOLE = 1024 * 1024
#: Seconds after which, at least and most, somebody who found no time comes back.
LATER = (10, 40)
#: Seconds in which the byte that a reader begins at must have come, or it comes back; it would think that nothing happens.
SOON = 10.0
#: Bytes ahead that are never worth a word.
_NEAR = 4 * 1024 * 1024
_TIMESTAMP = re.compile(r"(?P<prefix>.+)/metadata/timestamp\.json\Z")
_BEGIN = re.compile(r"bytes=(\d{1,19})-\d{0,19}\Z", re.IGNORECASE)
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def relay_app(mirror: Path, news: News, large: Large, room: Room) -> Application:
    """A WSGI application that serves what *mirror* holds, and fetches what it lacks."""
    kept = mirror_app(mirror)
    waiting = _Waiting()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").removeprefix("/")
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or not is_public(path):
            return kept(environ, start_response)
        stamp = _TIMESTAMP.match(path)
        if stamp is None and (mirror / path).is_file():
            room.touch(path)
            return kept(environ, start_response)
        try:
            with waiting.one():
                if stamp is not None:
                    return _plain(environ, start_response, news.timestamp(stamp["prefix"], PATIENCE))
                if path.startswith((f"{OBJECTS}/", f"{BUNDLES}/")):
                    return _lesson(environ, start_response, path)
                data = news.file(path)
                return (
                    kept(environ, start_response) if data is None else _plain(environ, start_response, data)
                )
        except MissingFile:
            return _answer(start_response, "404 Not Found", ("Cache-Control", f"max-age={MINUTE}"))
        except TryLater as error:
            return _later(start_response, int(str(error.details["seconds"])))
        except (Unreachable, NoRoom):
            return _later(start_response, 0)
        except EduboxError:
            return _answer(start_response, "502 Bad Gateway", ("Cache-Control", "no-store"))

    def _lesson(environ: dict[str, Any], start_response: Callable[..., Any], path: str) -> Iterable[bytes]:
        until = time.monotonic() + PATIENCE
        coming = large.fetch(path, PATIENCE)
        if coming is not None and coming.arriving is not None and coming.arriving.size <= WHOLE:
            large.wait(path, max(until - time.monotonic(), 0.1))
        if coming is None or coming.arriving is None or (mirror / path).is_file():
            return kept(environ, start_response)
        seconds = coming.seconds_to(_begin(environ))
        if seconds > SOON and _begin(environ) > coming.arriving.held + _NEAR:
            return _later(start_response, int(seconds))
        reader = coming.arriving.reader(environ.get(WAKE) if "wsgi.file_wrapper" in environ else None)
        return respond_with(
            environ, start_response, reader, coming.arriving.size, etag=path.rpartition("/")[2],
            media_type="application/octet-stream",
            headers=[("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")],
        )  # fmt: skip

    return app


class _Waiting:
    """How many requests wait."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(WAITING)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """A place to wait at. Raises TryLater when there is none."""
        if not self._places.acquire(blocking=False):
            raise TryLater(source="This mirror", seconds=0)
        try:
            yield
        finally:
            self._places.release()


def _begin(environ: dict[str, Any]) -> int:
    asked = _BEGIN.match(environ.get("HTTP_RANGE", "").strip())
    return int(asked[1]) if asked else 0


def _plain(environ: dict[str, Any], start_response: Callable[..., Any], data: bytes) -> Iterable[bytes]:
    start_response("200 OK", [
        ("Content-Type", "application/json"), ("Content-Length", str(len(data))),
        ("Cache-Control", f"max-age={MINUTE}"), ("X-Content-Type-Options", "nosniff"),
    ])  # fmt: skip
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [data]


def _later(start_response: Callable[..., Any], seconds: int) -> Iterable[bytes]:
    """Come back: boxes that were turned away together do not come back together."""
    wait = max(seconds, LATER[0]) + random.randint(0, LATER[1] - LATER[0])  # noqa: S311 - no secret
    return _answer(
        start_response, "503 Service Unavailable", ("Retry-After", str(wait)), ("Cache-Control", "no-store")
    )


def _answer(start_response: Callable[..., Any], status: str, *headers: tuple[str, str]) -> Iterable[bytes]:
    start_response(status, [("Content-Length", "0"), *headers])
    return []
