"""``/bureau/invitation/``: whoever has a code comes in by it, from a QR code, a link or by typing.

A new teacher says a name and a password and is in; whoever lost theirs, only the password. A substitute needs neither.
Opening the page uses nothing up, so no preview of a link does: the button does.
"""

from __future__ import annotations

from flask import Blueprint, Response

from edubox.box.accounts import guard, invitations, journal, passwords, people
from edubox.box.accounts.desk_people import field, now_of
from edubox.box.accounts.guard import needs
from edubox.box.accounts.invitations import RESET, Invitation
from edubox.box.accounts.person import ANYBODY, SUBSTITUTE
from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.errors import BadCode, Busy, Crowded, DamagedSchool, NameTaken, NoRoom, TooMany, WeakPassword
from edubox.pages import entering
from edubox.pages import people as pages

_HERE = "door"
_LONGEST = 100


def invitation_pages(desk: Blueprint, site: Site) -> None:
    """Add the pages to *desk*."""

    @desk.get("/invitation/")
    @needs(ANYBODY)
    def ask_password() -> str:
        return pages.invitation(*surroundings(site, _HERE))

    @desk.post("/invitation/")
    @needs(ANYBODY)
    def invitation_typed() -> Response:
        code = "-".join(part for part in field("code")[:_LONGEST].upper().split("-") if part)
        found = _find(site, code)
        if found is None:
            return _unknown(site, code)
        plain = "".join(one for one in code if one.isascii() and one.isalnum())
        return see(surroundings(site, _HERE)[1].at(f"invitation/{plain}/"))

    @desk.get("/invitation/<code>/")
    @needs(ANYBODY)
    def invitation_page(code: str) -> str | Response:
        found = _find(site, code[:_LONGEST])
        return _form(site, code, found) if found else _unknown(site, code[:_LONGEST])

    @desk.post("/invitation/<code>/")
    @needs(ANYBODY)
    def invitation_used(code: str) -> Response:
        found = _find(site, code[:_LONGEST])
        if found is None:
            return _unknown(site, code[:_LONGEST])
        if found.kind == SUBSTITUTE:
            return _let_in(site, found.person, "substitute-came-in", "remplacement/")
        return _accept(site, code[:_LONGEST], found)


def _accept(site: Site, code: str, found: Invitation) -> Response:
    name, password, known = people.tidy(field("name")), field("password"), None
    if found.kind == RESET:
        known = people.account(site.school, found.person)
    try:
        if found.kind != RESET and not name:
            return Response(_form(site, code, found, said=entering.NAMELESS), 400)
        passwords.check(password, known.name if known else name, site.settings["name"])
        secret = passwords.hashed(password)
        number = invitations.use(site.school, code, now_of(site), name, secret)
    except WeakPassword as error:
        return Response(_form(site, code, found, name=name, said=str(error)), 400)
    except Crowded:
        return Response(_form(site, code, found, name=name, said=entering.CROWDED), 503)
    except BadCode:  # somebody else was quicker
        return _unknown(site, code)
    except (NameTaken, TooMany, NoRoom, Busy) as error:
        page = _form(site, code, found, name=name, said=entering.sentence(error), details=dict(error.details))
        return Response(page, 409)
    site.sessions.end_all(number)
    return _let_in(site, number, "reset-password" if found.kind == RESET else "came-by-invitation", "")


def _let_in(site: Site, number: int, what: str, rest: str) -> Response:
    account = people.account(site.school, number)
    if account is None or not account.is_open(now_of(site)):
        return _unknown(site, "")
    journal.note(site.school, account.person, what)
    return guard.let_in(site, see(surroundings(site, _HERE)[1].at(rest)), account)


def _find(site: Site, code: str) -> Invitation | None:
    try:
        return invitations.find(site.school, code, now_of(site))
    except DamagedSchool:
        return None


def _form(
    site: Site, code: str, found: Invitation, *, name: str = "", said: str = "", details: dict[str, object] | None = None
) -> str:  # fmt: skip
    known = people.account(site.school, found.person) if found.person else None
    return pages.invitation(
        *surroundings(site, _HERE), code=code, kind=found.kind, name=name or (known.name if known else found.name),
        until=found.until, said=said, details=details,
    )  # fmt: skip


def _unknown(site: Site, code: str) -> Response:
    return Response(pages.invitation(*surroundings(site, _HERE), code=code, said=pages.UNKNOWN_CODE), 404)
