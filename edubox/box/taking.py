"""Lessons to take home, below ``/take/``; nothing is written for who asks.

What a pupil downloads is an assembly of the lesson's own files (``pages.takehome``): the loop that sends files sends it, so
thirty-five pupils who tap at once cost no thread, no room and hardly the processor. What has to be read beforehand was read
when the lesson arrived (``weighing``).

What they would cost is the air: thirty-five large downloads leave a reader one part of it in thirty-six. So only a few large
ones are under way at a time; who comes meanwhile gets a page that asks again by itself until it is their turn. What a class
takes along before its school closes (``school.week``) is such a download, too.
"""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Flask, Response, abort

from edubox.box.school import classes, week
from edubox.box.site import Site
from edubox.pages import render
from edubox.pages.addresses import Place
from edubox.pages.model import Lesson
from edubox.pages.takehome import archive, one_page
from edubox.pages.takehome.assembly import Assembly, Reader, Span
from edubox.pages.takehome.zip_page import zip_page
from edubox.store.file_response import respond_with

#: Kind → media type of what can be taken.
KINDS = {"html": "text/html; charset=utf-8", "zip": "application/zip"}
#: What is kept ready: what a class takes and some others, as long as their texts hold no more bytes of memory than this.
_READY, _HELD = 3, 12_000_000
#: Bytes from which a download waits its turn (a second of the whole air), and how many such are under way at a time.
LARGE, AT_A_TIME = 2_000_000, 3
#: Seconds that a turn lasts: three phones at the edge of the hotspot, or a stranger who reads a byte a minute, keep nobody out.
TURN = 300.0
#: Seconds after which whoever waits asks again, between these two, so that a class does not ask in step.
_AGAIN = (10, 30)
_YEAR = "public, max-age=31536000, immutable"


def take_pages(app: Flask, site: Site) -> None:
    """Add what can be taken home to *app*."""
    ready, turns = _Ready(site.data / "site"), Turns()

    @app.get("/take/<manifest>/lesson.<any(html, zip):kind>")
    def taken(manifest: str, kind: str) -> Response:
        found = site.library.to_take(manifest)
        if found is None:
            abort(404)
        lesson, sums = found
        # What was found too large when it was weighed would be put together in vain, again for each who asks.
        offered = lesson.take_page if kind == "html" else lesson.take_zip
        assembly = ready.get(lesson, sums, kind) if offered else None
        if assembly is None:
            abort(404)
        answer = given(assembly, KINDS[kind], f"{manifest[:32]}-{assembly.length}")
        if answer is None:
            return _wait(site, Place("lesson", address=lesson.card.address))
        name = lesson.card.address.rpartition("/")[2]
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
        answer.headers["Cache-Control"] = "no-cache" if lesson.card.incomplete else _YEAR
        return answer

    @app.get("/take/<code>/week.zip")
    def week_of_a_class(code: str) -> Response:
        made = week.ready(site.data, code) if classes.of_code(site.school, code) else None
        if made is None:
            abort(404)
        zipped = Assembly([Span(week.zip_of(site.data, code), 0, made.size)])
        answer = given(zipped, KINDS["zip"], f"{made.mark}-{made.at}")
        if answer is None:
            return _wait(site, Place("week", code=code))
        answer.headers["Content-Disposition"] = f'attachment; filename="{code}.zip"'
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    def given(assembly: Assembly, media_type: str, etag: str) -> _Assembled | None:
        """*assembly* as an answer; None while others take what is large."""
        large = assembly.length > LARGE
        turn = turns.begin() if large else None
        if large and turn is None:
            return None
        opened = assembly.open() if turn is None else _InTurn(assembly, partial(turns.end, turn))
        return _Assembled(opened, assembly.length, media_type, etag)


class Turns:
    """Who takes something large just now: at most ``AT_A_TIME``, each for ``TURN`` seconds of *clock* at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock, self._numbers = clock, Lock(), count()
        self._begun: dict[int, float] = {}

    def begin(self) -> int | None:
        """A turn, to be ended; None while all are taken."""
        now = self._clock()
        with self._lock:
            self._begun = {turn: since for turn, since in self._begun.items() if now - since < TURN}
            if len(self._begun) >= AT_A_TIME:
                return None
            turn = next(self._numbers)
            self._begun[turn] = now
            return turn

    def end(self, turn: int) -> None:
        """This turn is over, if time has not ended it already."""
        with self._lock:
            self._begun.pop(turn, None)


class _Ready:
    """The assemblies that were asked for last; one is made at a time."""

    def __init__(self, trees: Path) -> None:
        self._trees, self._lock = trees, Lock()
        self._kept: OrderedDict[tuple[str, str], Assembly] = OrderedDict()

    def get(self, lesson: Lesson, sums: dict[str, int], kind: str) -> Assembly | None:
        key, tree = (lesson.manifest, kind), self._trees / lesson.manifest
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                if kind == "html":
                    found = one_page.one_page(lesson, tree)
                else:
                    found = archive.archive(zip_page(lesson), tree, sums, lesson.original)
            if found is None or lesson.card.incomplete:
                return found  # its films arrive without a change of its name
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and (len(self._kept) > _READY or self._held() > _HELD):
                self._kept.popitem(last=False)
            return found

    def _held(self) -> int:
        return sum(assembly.held for assembly in self._kept.values())


class _InTurn(Reader):
    """A large assembly that is being sent: once it is closed, at its end or because its reader left, another may begin."""

    def __init__(self, assembly: Assembly, ended: Callable[[], None]) -> None:
        super().__init__(assembly)
        self._ended = ended

    def close(self) -> None:
        """See io."""
        if not self.closed:
            self._ended()
        super().close()


def _wait(site: Site, back: Place) -> Response:
    frame = site.bare_frame(site.spoken())
    seconds = random.randint(*_AGAIN)  # noqa: S311 - no secret
    text = render.fill(frame, "take_wait.html", back, back=back, seconds=seconds)
    answer = Response(text, 503, content_type="text/html; charset=utf-8")
    answer.headers["Retry-After"] = str(seconds)
    return answer


class _Assembled(Response):
    """An answer whose body the server reads by itself, out of *opened*, which has *length* bytes and is closed by it."""

    def __init__(self, opened: Reader, length: int, media_type: str, etag: str) -> None:
        super().__init__(content_type=media_type)
        self._opened, self._length, self._etag = opened, length, etag

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """See WSGI."""
        described = [one for one in self.headers if one[0].lower() not in {"content-type", "content-length"}]
        return respond_with(
            environ, start_response, self._opened, self._length, etag=self._etag,
            media_type=self.content_type or "", headers=described,
        )  # fmt: skip
