"""The desk: pages for the person in charge under ``/b/<code>/``, where whoever knows the code may read and change.

The code is a capability (26 random base32 characters, 130 bits) in ``keys/desk``: nobody guesses it, so wrong
ones need not be counted or slowed down. It is read for each request, so that a new one holds at once; without
the file there is no desk. A wrong code gets the page that every wrong address gets. It stands in no log, and
never leaves in a ``Referer``.

One blueprint holds every page of the desk; ``courier``, ``sheet`` and ``school.desk`` add theirs. Its guard lets in the
right code and, for what changes something, only our own pages (``Origin``): a page added to it is guarded without a
word of its own.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request

from edubox.box.accounts.person import ADMIN, Person
from edubox.box.checkup import checkup
from edubox.box.keeper import Keeper
from edubox.box.news import news
from edubox.box.origins import host
from edubox.box.own.identity import desk_code
from edubox.box.site import Site
from edubox.pages import desk as pages
from edubox.pages.desk import Desk
from edubox.pages.model import Frame
from edubox.pages.news import News
from edubox.sync.urgent import ask

#: What changes nothing.
_READING = {"GET", "HEAD", "OPTIONS"}
#: The hour at which a pause until the morning ends: before the first teacher comes.
_MORNING = 6
_LONGEST_ADDRESS = 200


def desk_pages(site: Site, keeper: Keeper | None) -> Blueprint:
    """Every page of the desk of *site*; without a *keeper* there is nothing to pause or to begin."""
    desk = Blueprint("desk", __name__, url_prefix="/b/<code>")

    @desk.url_value_preprocessor
    def take_code(_endpoint: str | None, values: dict[str, str] | None) -> None:
        g.code = values.pop("code") if values else ""

    @desk.before_request
    def guard() -> Response | None:
        if host(request.environ) is None or not opens(site.data, g.code):
            abort(404)
        g.desk = True
        g.person = Person(0, "", ADMIN)
        if request.method not in _READING and request.headers.get("Origin") != request.host_url.rstrip("/"):
            abort(403)
        rule = request.url_rule.rule if request.url_rule else ""
        if rule.endswith("/") and not request.path.endswith("/"):
            return see(f"{request.path}/")
        return None

    def now(frame: Frame) -> News:
        return news(site, None if keeper is None else keeper.state(), frame.stale_days)

    @desk.get("/")
    def lessons() -> str:
        frame, here = surroundings(site, "lessons")
        return pages.lessons(frame, here, now(frame))

    @desk.get("/state.json")
    def state() -> Response:
        frame, _ = surroundings(site, "lessons")
        return jsonify(pages.moving(frame, now(frame)))

    @desk.post("/")
    def act() -> Response:
        action = _actions(site.data, keeper).get(request.form.get("action", ""))
        if action is None:
            abort(400)
        action()
        return see(surroundings(site, "lessons")[1].at())

    @desk.get("/closer/")
    def closer() -> str:
        return pages.closer(*surroundings(site, "lessons"), checkup(site.data))

    return desk


def _actions(data: Path, keeper: Keeper | None) -> dict[str, Callable[[], Any]]:
    """What the page's buttons do, by their names."""
    lesson = request.form.get("lesson", "")[:_LONGEST_ADDRESS]
    actions: dict[str, Callable[[], Any]] = {
        "urgent": lambda: ask(data, lesson),
        "not-urgent": lambda: ask(data, lesson, wanted=False),
    }
    if keeper is not None:
        morning = (datetime.now().astimezone() + timedelta(days=1)).replace(hour=_MORNING, minute=0, second=0)
        actions |= {
            "now": keeper.now,
            "pause": keeper.pause,
            "pause-morning": lambda: keeper.pause(morning.timestamp()),
            "resume": keeper.resume,
        }
    return actions


def opens(data: Path, code: str) -> bool:
    """Whether *code* opens the desk of the box in *data*."""
    wanted = desk_code(data)
    return bool(wanted) and hmac.compare_digest(str(wanted).lower().encode(), code.lower().encode())


def is_desk() -> bool:
    """Whether the request under way was let in to the desk."""
    return bool(g.get("desk"))


def surroundings(site: Site, here: str) -> tuple[Frame, Desk]:
    """The frame of a page of the desk, and the desk as its links need it; *here* as in ``Desk``."""
    chosen = request.args.get("lang", "")
    language = chosen if chosen in site.languages else site.spoken()
    frame = site.frame(language, host(request.environ) or "", site.library.changes())
    return frame, Desk(f"/b/{g.code}", here, f"?lang={language}" if language == chosen else "")


def see(address: str) -> Response:
    """After a change: look at *address*, so that loading the page again does not change anything again."""
    answer = Response(status=303)
    answer.autocorrect_location_header = False
    answer.headers["Location"] = address
    return answer
