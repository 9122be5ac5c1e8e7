"""How a box gets an administrator: the one-time code of the school sheet, and the recovery code when all are lost.

The sheet shows the one-time code (``first``) also as a QR code of ``/bureau/premier/<code>/``: one form, and its owner is
in. ``/bureau/secours/`` takes the school's recovery code; a short-lived child looks at it, since the serving process knows no
keys. Wrong codes count with wrong passwords (``tries``).
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from edubox.box.accounts import first, guard, journal, passwords, people
from edubox.box.accounts.door import came_from, has_people
from edubox.box.accounts.guard import needs
from edubox.box.accounts.person import ANYBODY
from edubox.box.desk import see, surroundings
from edubox.box.own import recovery
from edubox.box.own.identity import now_on
from edubox.box.site import Site
from edubox.errors import BadCode, BadRecoveryCode, Busy, Crowded, NameTaken, NoRoom, TooMany, WeakPassword
from edubox.pages import entering as pages
from edubox.program import EDUBOX

_HERE = "door"
#: Characters of a field that are looked at, and seconds for the child that knows the keys.
_LONGEST, _PATIENCE = 800, 60
#: What keeps an account from being made, that the form says in words.
_SAID = (BadCode, NameTaken, TooMany, NoRoom, Busy)
_asking = threading.Lock()


def beginning_pages(desk: Blueprint, site: Site) -> None:
    """Add the pages to *desk*."""

    @desk.get("/premier/")
    @desk.get("/premier/<code>/")
    @needs(ANYBODY)
    def first_page(code: str = "") -> str | Response:
        if not first.read(site.data) and has_people(site):
            return see(surroundings(site, _HERE)[1].at("entrer/"))
        return pages.first(*surroundings(site, _HERE), code=code[:_LONGEST])

    @desk.post("/premier/")
    @needs(ANYBODY)
    def first_comes() -> Response:
        code = _field("code")

        def admit(name: str, secret: str) -> int:
            return first.use(site.data, site.school, code, name, secret, _now(site))

        return _admit(site, lambda: first.fits(site.data, code), admit, pages.first, "first-administrator")

    @desk.get("/secours/")
    @needs(ANYBODY)
    def recovery_page() -> str:
        return pages.recover(*surroundings(site, _HERE))

    @desk.post("/secours/")
    @needs(ANYBODY)
    def recover() -> Response:
        code = _field("code")

        def admit(name: str, secret: str) -> int:
            now = _now(site)
            return site.school.write(lambda db: people.admit_administrator(db, name, secret, now))

        return _admit(site, lambda: _is_recovery_code(site, code), admit, pages.recover, "recovered")


def _admit(
    site: Site,
    fits: Callable[[], bool],
    admit: Callable[[str, str], int],
    page: Callable[..., str],
    what: str,
) -> Response:
    """Make the administrator that a form with a code, a name and a password asks for, and let them in."""
    name, password, peer = people.tidy(_field("name")), _field("password"), came_from()

    def again(status: int, said: str, wait: int = 0, details: dict[str, Any] | None = None) -> Response:
        shown: dict[str, Any] = {
            "code": _field("code"),
            "name": name,
            "said": said,
            "seconds": wait,
            "details": details,
        }
        return Response(page(*surroundings(site, _HERE), **shown), status)

    if wait := site.tries.wait("", peer):
        return again(429, pages.WAIT, wait)
    try:
        if not fits():
            site.tries.wrong("", peer)
            raise BadCode
        if not name:
            return again(400, pages.NAMELESS)
        passwords.check(password, name, site.settings["name"])
        number = admit(name, passwords.hashed(password))
    except WeakPassword as error:
        return again(400, str(error))
    except Crowded:
        return again(503, pages.CROWDED)
    except _SAID as error:
        return again(409, pages.sentence(error), details=dict(error.details))
    site.tries.right("", peer)
    account = people.account(site.school, number)
    assert account is not None
    journal.note(site.school, account.person, what)
    return guard.let_in(site, see(surroundings(site, _HERE)[1].at()), account)


def _is_recovery_code(site: Site, typed: str) -> bool:
    """Whether *typed* is the school's recovery code. Raises Crowded."""
    try:
        code = recovery.parse(typed)
    except BadRecoveryCode:
        return False
    if not _asking.acquire(blocking=False):
        raise Crowded
    try:
        line = [*EDUBOX, "box", "is-recovery-code", "--data", str(site.data)]
        done = subprocess.run(
            line, input=code, text=True, capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise Crowded from None
    finally:
        _asking.release()
    return done.returncode == 0


def _now(site: Site) -> int:
    return int(now_on(site.data).timestamp())


def _field(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST]
