"""The desk: pages under ``/bureau/`` for everybody with an account on this box.

One blueprint holds every page of the desk; each room adds its own (``sheet_pages(desk, site)``). Its guard asks, in this
order: does the request come by a way that may carry a password (``secure.gate``), whose is it, may they (``needs``, teachers
unless a page says otherwise), and, for what changes something, did a page of ours send it (``Origin`` and the session's
token). A page added to it is guarded without a word of its own. Who has not come in is led to the door and comes back.

``/bureau/arriving/`` shows the lessons on their way, what the box does by itself and what keeps it from it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, jsonify, request

from edubox.box.accounts import guard
from edubox.box.accounts.guard import READING
from edubox.box.accounts.person import ADMIN, ANYBODY, may, me
from edubox.box.keeper import Keeper
from edubox.box.news import news
from edubox.box.origins import host
from edubox.box.secure.gate import DESK
from edubox.box.site import Site
from edubox.pages import desk as pages
from edubox.pages.desk import Desk
from edubox.pages.model import Frame
from edubox.pages.news import News
from edubox.sync.curtain import open_now, read_curtains
from edubox.sync.urgent import ask

#: Where nobody has to have come in already; below the desk's address.
_DOOR = f"{DESK}/entrer/"
_AGAIN = (
    '<!doctype html><title>…</title><link rel="icon" href="data:,"><meta http-equiv="refresh" content="0">\n'
)
#: The hour at which a pause until the morning ends: before the first teacher comes.
_MORNING = 6
_LONGEST_ADDRESS = 200


def desk_pages(site: Site, keeper: Keeper | None) -> Blueprint:
    """Every page of the desk of *site*; without a *keeper* there is nothing to pause or to begin."""
    desk = Blueprint("desk", __name__, url_prefix=DESK)

    @desk.before_request
    def guarded() -> Response | None:
        return _guard(site)

    def now(frame: Frame) -> News:
        return news(site, None if keeper is None else keeper.state(), frame.stale_days)

    @desk.get("/arriving/")
    def lessons() -> str:
        frame, here = surroundings(site, "arriving")
        return pages.lessons(frame, here, now(frame))

    @desk.get("/arriving/state.json")
    def state() -> Response:
        frame, _ = surroundings(site, "arriving")
        return jsonify(pages.moving(frame, now(frame)))

    @desk.post("/arriving/")
    def act() -> Response:
        wanted = request.form.get("action", "")
        action = _for_everybody(site.data, keeper).get(wanted)
        if action is None and me().role == ADMIN:
            action = _for_administrators(keeper).get(wanted)
        if action is None:
            abort(400)
        action()
        return see(surroundings(site, "arriving")[1].at("arriving/"))

    return desk


def _guard(site: Site) -> Response | None:
    """Let the request in (None), or say why not. The application has asked ``secure.gate`` before."""
    if host(request.environ) is None:
        abort(404)
    g.entered = found = guard.who(site)
    if request.method not in READING and not guard.comes_from_here():
        abort(403)
    needed = guard.needed()
    if found is not None:
        g.person = found.account.person
    if needed != ANYBODY:
        if found is None:
            return _to_the_door()
        if not may(found.account.role, needed):
            abort(403)
        if request.method not in READING and not guard.has_token(found.session):
            abort(403)
    rule = request.url_rule.rule if request.url_rule else ""
    if rule.endswith("/") and not request.path.endswith("/"):
        return see(f"{request.path}/")
    return None


def _to_the_door() -> Response:
    """Who has not come in is asked to; a script, or a form whose session is over, is told."""
    if request.method not in {"GET", "HEAD"} or request.path.endswith(".json"):
        return Response("Log in first.\n", 401, mimetype="text/plain")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # From a page of pupils, over plain HTTP, the browser kept the cookie back (SameSite=Strict). Asked again by a
        # page of ours it sends it, if there is one.
        return Response(_AGAIN, mimetype="text/html")
    query = request.query_string.decode("ascii", "ignore")
    back = guard.inside(request.path + f"?{query}" * bool(query))
    return see(_DOOR if back == guard.HOME else f"{_DOOR}?{urlencode({'next': back})}")


def _for_everybody(data: Path, keeper: Keeper | None) -> dict[str, Callable[[], Any]]:
    """What the page's buttons do, by their names: which lesson comes first, which one is shown before its day."""
    lesson = request.form.get("lesson", "")[:_LONGEST_ADDRESS]
    return {
        "urgent": lambda: ask(data, lesson),
        "not-urgent": lambda: ask(data, lesson, wanted=False),
        "open": lambda: _open(data, keeper, lesson),
    }


def _open(data: Path, keeper: Keeper | None, lesson: str) -> None:
    """Show the *lesson* that waits for its day to pupils now."""
    for one in read_curtains(data):
        if one.address == lesson:
            open_now(data, lesson, one.version)
            if keeper is not None:
                keeper.run(["sync", "--here", "--data", str(data), "--json"])


def _for_administrators(keeper: Keeper | None) -> dict[str, Callable[[], Any]]:
    """What only an administrator's buttons do: when the box fetches."""
    if keeper is None:
        return {}
    morning = (datetime.now().astimezone() + timedelta(days=1)).replace(hour=_MORNING, minute=0, second=0)
    return {
        "now": keeper.now,
        "pause": keeper.pause,
        "pause-morning": lambda: keeper.pause(morning.timestamp()),
        "resume": keeper.resume,
    }


def surroundings(site: Site, here: str) -> tuple[Frame, Desk]:
    """The frame of a page of the desk, and the desk as its links need it; *here* as in ``Desk``."""
    chosen = request.args.get("lang", "")
    language = chosen if chosen in site.languages else site.spoken()
    frame = site.frame(language, host(request.environ) or "", site.library.changes())
    query = f"?lang={language}" if language == chosen else ""
    found = guard.entered()
    if found is None:
        return frame, Desk(DESK, here, query)
    account, session = found
    return frame, Desk(DESK, here, query, account.name, account.role, session.csrf)


def see(address: str) -> Response:
    """After a change: look at *address*, so that loading the page again does not change anything again."""
    answer = Response(status=303)
    answer.autocorrect_location_header = False
    answer.headers["Location"] = address
    return answer
