"""Who asks for a page of the desk, whether they may, and whether a form is ours.

Over TLS the cookie is ``__Host-edubox``: a browser takes that name from this host over TLS alone and for no other host. A
request with two of them is nobody's. Each page says with ``needs`` what its reader must be allowed to do somewhere; what it
then shows and changes is asked of ``roles.may`` for each academy. Whoever comes where they may not gets a page that says so.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, request
from sqlalchemy import Connection

from edubox.hub.accounts import people, roles, sessions
from edubox.hub.accounts.roles import READ, Person
from edubox.hub.desk.gate import came_from, is_private
from edubox.hub.desk.pages import BASE
from edubox.hub.hub import Hub

COOKIE, PLAIN_COOKIE = "__Host-edubox", "edubox-hub"
READING = {"GET", "HEAD", "OPTIONS"}
#: What a page can need besides an action: nobody at all, or a session in a stage before it is whole.
ANYBODY, HALF, SETUP = "anybody", "half", "setup"
HOME, DOOR, SECOND, SET_UP = f"{BASE}/", f"{BASE}/entrer/", f"{BASE}/entrer/code/", f"{BASE}/entrer/premier/"
_INSIDE = re.compile(rf"{HOME}[\w./~%-]*(?:\?[\w./~%=&+-]*)?", re.ASCII)
View = TypeVar("View", bound=Callable[..., Any])


class Entered(NamedTuple):
    """Who asks, and how far they are in. *mark* is the session's hash, *csrf* what its forms carry."""

    person: Person
    stage: str
    mark: str
    csrf: str


def needs(what: str) -> Callable[[View], View]:
    """Let a page be for whoever may *what* somewhere; it stands below the decorator with the address."""

    def mark(view: View) -> View:
        view.needs = what  # type: ignore[attr-defined]
        return view

    return mark


def takes(size: int) -> Callable[[View], View]:
    """Let a page take forms of *size* bytes: one with a table in it."""

    def mark(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined]
        return view

    return mark


def taken() -> int:
    """Bytes of the largest form that the page under way takes; 0 if it does not say."""
    return int(getattr(current_app.view_functions.get(request.endpoint or ""), "takes", 0))


def needed() -> str:
    """What the page under way needs; READ if it does not say."""
    return str(getattr(current_app.view_functions.get(request.endpoint or ""), "needs", READ))


def watch(hub: Hub) -> Response | None:
    """Look at the request before its page does: an answer instead of the page, or None when it may go on."""
    if not is_private(request.environ):
        if request.method not in READING:
            return Response("Not by this way.\n", 403, mimetype="text/plain")
        g.entered = None
        return Response(current_app.insecure(), 403)  # type: ignore[attr-defined]
    now = int(hub.clock().timestamp())
    g.entered = found = who(hub, now)
    if request.method not in READING:
        if not comes_from_here():
            abort(403)
        if found is not None and not has_token(found):
            abort(403)
    what = needed()
    if what == ANYBODY or request.endpoint is None:
        return None
    if found is None:
        return to_door()
    if found.stage != sessions.WHOLE:
        place = SECOND if found.stage == sessions.HALF else SET_UP
        return None if what == found.stage else _see(place)
    if what in {HALF, SETUP}:
        return _see(HOME)
    if not roles.somewhere(found.person, what):
        abort(403)
    return None


def who(hub: Hub, now: int) -> Entered | None:
    """Whom the cookie lets in, and how far. Raises DatabaseAway."""
    token = cookie()
    if not token:
        return None
    with hub.database.read() as connection:
        session = sessions.find(connection, token, now)
        account = None if session is None else people.numbered(connection, session.person)
    if session is None or account is None:
        return None
    if now - session.seen >= sessions.NOTED:
        hub.database.change(lambda connection: sessions.seen(connection, session.hash, now))
    return Entered(people.person(account), session.stage, session.hash, sessions.csrf_of(token))


def me() -> Person:
    """Who asks; the guard has let them in."""
    return entered().person


def entered() -> Entered:
    """Who asks, and how far they are in."""
    found: Entered = g.entered
    return found


def check(action: str, authority: str) -> None:
    """End the request with 403 unless who asks may do *action* for *authority*."""
    if not roles.may(me(), action, authority):
        abort(403)


def let_in(answer: Response, token: str) -> Response:
    """Give the browser *token*: it never keeps one that it had before."""
    secure = request.is_secure
    answer.set_cookie(
        COOKIE if secure else PLAIN_COOKIE, token, max_age=sessions.LONGEST if token else 0, secure=secure, httponly=True,
        samesite="Lax", path="/" if secure else HOME,
    )  # fmt: skip
    return answer


def forget_earlier(connection: Connection) -> None:
    """End the session that this browser had, before it gets another."""
    if token := cookie():
        sessions.end(connection, sessions.key(token))


def comes_from_here() -> bool:
    """Whether a page of ours sent this, as far as the browser says."""
    return request.headers.get("Origin") == origin()


def origin() -> str:
    """Scheme, host and port of this page."""
    return request.host_url.rstrip("/")


def has_token(found: Entered) -> bool:
    """Whether what changes something carries the token of its session."""
    given = request.form.get("csrf", "")
    return hmac.compare_digest(given.encode("utf-8", "replace"), found.csrf.encode())


def cookie() -> str:
    """The token of the one cookie of ours; empty if there is none, or more than one."""
    values = request.cookies.getlist(COOKIE if request.is_secure else PLAIN_COOKIE)
    return values[0][:100] if len(values) == 1 else ""


def inside(address: str) -> str:
    """*address* if it is one of the desk's pages, to go on to after coming in; else where the desk begins."""
    return address if _INSIDE.fullmatch(address) and ".." not in address else HOME


def to_door() -> Response:
    """The way to the door, and from there back to the page that was asked for."""
    if request.method not in READING or request.path == HOME:
        return _see(DOOR)
    parts = urlsplit(request.full_path.rstrip("?"))
    after = inside(parts.path + (f"?{parts.query}" if parts.query else ""))
    return _see(f"{DOOR}?next={after.replace('?', '%3F').replace('&', '%26').replace('+', '%2B')}")


def address() -> str:
    """Where the request came from, as guesses count it."""
    return came_from(request.environ)


def agent() -> str:
    """What browser asks, in two words, for the list of sessions."""
    said = request.headers.get("User-Agent", "")[:400]
    program = next((name for name in ("Firefox", "Edg", "OPR", "Chrome", "Safari") if name in said), "?")
    system = next(
        (name for name in ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux") if name in said), "?"
    )
    return f"{ {'Edg': 'Edge', 'OPR': 'Opera'}.get(program, program) }, {system}".replace("?, ?", "?")


def field(name: str, longest: int = 200) -> str:
    """A field of the form, without more than *longest* characters, and without NUL, which no database takes."""
    return request.form.get(name, "")[:longest].replace("\0", "")


def asked(name: str, longest: int = 100) -> str:
    """What the address asks for by *name*, cleaned in the same way."""
    return request.args.get(name, "")[:longest].replace("\0", "").strip()


def page_asked() -> int:
    """The number of the page of a list that the address asks for."""
    given = asked("page", 10)
    return max(1, int(given)) if given.isascii() and given.isdecimal() and len(given) < 6 else 1


def _see(place: str) -> Response:
    answer = redirect(place, 303)
    return Response(answer.get_data(), answer.status_code, headers=list(answer.headers))
