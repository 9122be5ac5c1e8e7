"""The queue of schools that ask to be enrolled: look, accept many or refuse one, and then what is to be signed.

Accepting makes lines that wait for the academy's key, which never comes near a web page: the page shows the one command that
signs them all.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from sqlalchemy import select

from edubox.errors import AlreadyExists, BadInput, EduboxError, NotFound
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import ENROL
from edubox.hub.desk import guard
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.enrol import deciding, signing
from edubox.hub.fleet.overview import figures
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes

HERE = f"{HOME}inscriptions/"
#: Requests on a page, and how many may be accepted at once.
A_PAGE = 100


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


TAKEN = _(
    "Another school has this name in the directory: %(name)s. Look at both, then accept this one by itself under another name, or as a replacement of a lost box."
)
DECIDED = _("Somebody decided about one of these already. Look at the list again.")
NO_REASON = _("Say why, in a sentence that the school can read.")
NOBODY = _("Choose at least one school.")
ODD_NAME = _("A name in the directory has small letters, digits and hyphens, 63 at most.")
SAID = {
    "accepted": _("Accepted. What is left is the signature."),
    "refused": _("Refused. The school reads your sentence when its box asks again."),
}
#: What a line of the signing queue does, in words.
DOES = {
    "enter": _("takes in"), "replace": _("replaces a lost box of"), "new-key": _("goes on with a new key:"),
    "suspend": _("suspends"), "resume": _("takes up again"), "arrive": _("takes over"), "leave": _("lets go"),
}  # fmt: skip


def enrolment_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def listed(status: int = 200, said: str = "", wrong: str = "", **words: str) -> Response:
        me = guard.me()
        of = me.authority or None
        asked = deciding.waiting(hub, of, limit=1000)
        sought = guard.asked("q")
        found = [one for one in asked if _matches(one, sought)] if sought else asked
        lines = signing.waiting(hub, of)
        return show(
            hub, "enrolments", "enrolments.html", status, said=said, wrong=wrong, words=words, asked=found[:A_PAGE], total=len(found),
            all=len(asked), sought=sought, lines=lines[:20], more_lines=max(0, len(lines) - 20), does=DOES,
            authorities=sorted({line.authority for line in lines}), now=int(hub.clock().timestamp()), data=str(hub.data.absolute()),
            able=roles.somewhere(me, ENROL), may=lambda authority: roles.may(me, ENROL, authority),
        )  # fmt: skip

    @desk.get("/inscriptions/")
    def enrolments() -> Response:
        return listed(said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/inscriptions/accepter/")
    @needs(ENROL)
    def accept() -> Response:
        rows = [int(one) for one in request.form.getlist("row")[:A_PAGE] if one.isdecimal() and len(one) < 10]
        if not rows:
            return listed(400, wrong=NOBODY)
        for row in rows:
            guard.check(ENROL, _request(hub, row).authority)
        name, replaces = field("name", 63).strip(), field("replace", 3) == "yes"
        names = {rows[0]: name} if name and len(rows) == 1 else {}
        try:
            deciding.accept(hub, rows, guard.me().login, names, replace=replaces and len(rows) == 1)
        except AlreadyExists as error:
            return listed(409, wrong=TAKEN, name=str(error.details["path"]))
        except (BadInput, NotFound) as error:
            return listed(409, wrong=ODD_NAME if error.code == "bad-identifier" else DECIDED)
        return see(f"{HERE}?said=accepted#a-signer")

    @desk.get("/inscriptions/<int:row>/")
    def enrolment(row: int) -> Response:
        return one(_readable(hub, row))

    @desk.post("/inscriptions/<int:row>/refuser/")
    @needs(ENROL)
    def refuse(row: int) -> Response:
        asked = _readable(hub, row)
        guard.check(ENROL, asked.authority)
        try:
            deciding.refuse(hub, row, field("reason", deciding.MAX_REASON), guard.me().login)
        except BadInput:
            return one(asked, 400, NO_REASON if not field("reason").strip() else DECIDED)
        return see(f"{HERE}?said=refused")

    def one(asked: deciding.Request, status: int = 200, wrong: str = "") -> Response:
        with hub.database.read() as connection:
            taken = connection.execute(
                select(boxes).where(
                    boxes.c.publisher == f"{asked.authority}/{asked.wanted}", boxes.c.id != asked.row
                )
            ).first()
            seen = figures(connection, [taken.local]).get(taken.local) if taken is not None else None
        return show(
            hub, "enrolments", "enrolment.html", status, one=asked, wrong=wrong, taken=taken, seen=seen, now=int(hub.clock().timestamp()),
            able=roles.may(guard.me(), ENROL, asked.authority) and asked.state == deciding.ASKED,
        )  # fmt: skip


def _request(hub: Hub, row: int) -> deciding.Request:
    try:
        return deciding.one(hub, row)
    except EduboxError as error:
        if error.code == "not-found":
            abort(404)
        raise


def _readable(hub: Hub, row: int) -> deciding.Request:
    asked = _request(hub, row)
    guard.check(roles.READ, asked.authority)
    return asked


def _matches(one: deciding.Request, sought: str) -> bool:
    words = sought.casefold().split()
    told = (one.label, one.school, one.wanted, one.authority, one.sheet, one.fingerprint)
    return all(any(word in text.casefold() for text in told) for word in words)
