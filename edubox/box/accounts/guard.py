"""Who may come to which page of the desk: the cookie of a session, the role that a page needs, and the forms' token.

Over TLS the cookie is ``__Host-edubox``: a browser takes that name from this host over TLS alone, for no other host and
without a domain, so no page of plain HTTP can plant one. On this computer's own loopback there is no TLS and the name is
another. A request with two of them is nobody's. Nothing in a session is bound to the device: addresses change on a school's
network, and what a browser says of itself is no secret.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import Response, current_app, g, request

from edubox.box.accounts import people
from edubox.box.accounts.people import Account
from edubox.box.accounts.person import TEACHER
from edubox.box.accounts.sessions import LONGEST, Session
from edubox.box.database import PATIENCE
from edubox.box.own.identity import now_on
from edubox.box.secure.gate import DESK
from edubox.box.site import Site
from edubox.errors import Busy, DamagedSchool, EduboxError

#: The name of the cookie over TLS, and on loopback without.
COOKIE, PLAIN_COOKIE = "__Host-edubox", "edubox"
HEADER = "X-Edubox-Csrf"
READING = {"GET", "HEAD", "OPTIONS"}
#: Where the desk begins.
HOME = f"{DESK}/"
_INSIDE = re.compile(rf"{HOME}[\w./~%-]*(?:\?[\w./~%=&+-]*)?", re.ASCII)
View = TypeVar("View", bound=Callable[..., Any])


class Entered(NamedTuple):
    """Who asks, and by which session."""

    account: Account
    session: Session


def needs(role: str) -> Callable[[View], View]:
    """Let a page of the desk be for *role* (as in ``person``) and whoever may more; without it, for teachers.

    It stands below the decorator with the address.
    """

    def mark(view: View) -> View:
        view.needs = role  # type: ignore[attr-defined]
        return view

    return mark


def needed() -> str:
    """The role that the page under way needs."""
    return str(getattr(current_app.view_functions.get(request.endpoint or ""), "needs", TEACHER))


def who(site: Site) -> Entered | None:
    """Who asks, if their session is open and so is their account.

    What a script asks for to look on (an address that ends in ``.json``) does not keep a session open.
    """
    token = _token()
    looking_on = request.method in READING and request.path.endswith(".json")
    return let_in_by(site, token, active=not looking_on) if token else None


def let_in_by(site: Site, token: str, *, active: bool, patience: float = PATIENCE) -> Entered | None:
    """Whom the cookie's *token* lets in, if their session is open and so is their account; *active* as in ``Sessions.find``.

    *patience* as in ``SchoolFile.read``. Raises Busy.
    """
    session = site.sessions.find(token, active=active)
    if session is None:
        return None
    try:
        account = people.account(site.school, session.person, patience=patience)
    except DamagedSchool:
        account = None
    now = int(now_on(site.data).timestamp())
    if account is None or not account.is_open(now) or account.secret != session.secret:
        site.sessions.end(token)
        return None
    return Entered(account, session)


def person_at_once(site: Site, token: str) -> int | None:
    """The id of the person whom *token* lets in, told without waiting: for the loop that serves everybody.

    While somebody writes the file of accounts the session alone says so; who relies on it asks again later.
    """
    try:
        found = let_in_by(site, token, active=True, patience=0)
    except Busy:
        session = site.sessions.find(token, active=True)
        return None if session is None else session.person
    except EduboxError:
        return None
    return None if found is None else found.account.id


def comes_from_here() -> bool:
    """Whether a page of ours sent this, as far as the browser says."""
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def has_token(session: Session) -> bool:
    """Whether what changes something carries the token of *session*, in its header or its form."""
    given = request.headers.get(HEADER)
    if given is None:
        given = request.form.get("csrf", "")
    return hmac.compare_digest(given.encode("utf-8", "replace"), session.csrf.encode())


def let_in(site: Site, answer: Response, account: Account) -> Response:
    """Begin a session of *account*, with a token that nobody had before, and end the one that the browser had."""
    if old := _token():
        site.sessions.end(old)
    token, _ = site.sessions.begin(account.id, account.secret)
    _set_cookie(answer, token, int(LONGEST))
    return answer


def let_out(site: Site, answer: Response) -> Response:
    """End the session of this browser."""
    if token := _token():
        site.sessions.end(token)
    _set_cookie(answer, "", 0)
    return answer


def inside(address: str) -> str:
    """*address* if it is one of the desk's pages, to go on to after coming in; else where the desk begins."""
    return address if _INSIDE.fullmatch(address) and ".." not in address else HOME


def entered() -> Entered | None:
    """Whom the guard found, on pages that need nobody."""
    found: Entered | None = g.get("entered")
    return found


def _token() -> str:
    values = request.cookies.getlist(COOKIE if request.is_secure else PLAIN_COOKIE)
    return values[0] if len(values) == 1 else ""


def _set_cookie(answer: Response, token: str, age: int) -> None:
    secure = request.is_secure
    answer.set_cookie(
        COOKIE if secure else PLAIN_COOKIE, token, max_age=age, secure=secure, httponly=True, samesite="Strict",
        path="/" if secure else HOME,
    )  # fmt: skip
