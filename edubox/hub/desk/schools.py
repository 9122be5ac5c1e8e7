"""The schools of the country in a table that works with 60,000 rows, and one school's own page.

The rows are those of the enrolment (``boxes``): an index and a limit answer each page, whatever the country's size. What the
boxes told of themselves comes from the fleet, one look for the rows of a page.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row, Select, func, or_, select

from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import ENROL, FLEET, READ
from edubox.hub.desk import guard
from edubox.hub.desk.codes import academies
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.enrol import codes, signing, status
from edubox.hub.enrol.codes import Given
from edubox.hub.fleet.overview import by_academy, figures
from edubox.hub.fleet.overview import history as told_on
from edubox.hub.hub import Hub
from edubox.hub.tables import audit, boxes

HERE = f"{HOME}ecoles/"
A_PAGE = 50
#: Row[Any]s that are counted at most: nobody turns to page 5,000.
COUNTED = 100_000
STATES = ("accepted", "suspended", "refused", "replaced", "asked")


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


STATE_WORDS = {
    "accepted": _("enrolled"), "suspended": _("suspended"), "refused": _("refused"), "replaced": _("replaced"), "asked": _("asks"),
}  # fmt: skip
#: The list to which codes for new cards belong (in every language: it is a name), days for which one is good.
REPLACED, CARD = "Cartes remplacées", 30
#: Lines of the journal that say what was done about a theft.
DONE = {
    "enrol.suspend",
    "enrol.resume",
    "sign.suspend",
    "sign.resume",
    "enrol.new-key",
    "sign.new-key",
    "sign.replace",
}
SAID = {
    "suspended": _(
        "Suspended. This hub takes nothing more from its box; the directory says it to everybody once the academy has signed."
    ),
    "resumed": _("Taken up again, once the academy has signed."),
}


#: How a box is, in words, by the level of its gravest check.
LEVEL_WORDS = {"good": _("well"), "note": _("well"), "warning": _("to do"), "broken": _("broken")}


def school_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    @desk.get("/ecoles/")
    def schools() -> Response:
        me = guard.me()
        sought, state = guard.asked("q"), guard.asked("etat")
        number = guard.page_asked()
        authority = me.authority or guard.asked("academie", 63)
        with hub.database.read() as connection:
            total, rows = page_of(connection, authority, sought, state, number)
            told = figures(connection, [row.local for row in rows])
            academies = (
                by_academy(connection, hub.now(), me.authority)
                if number == 1 and not (sought or state)
                else []
            )
        shown = {"q": sought, "etat": state, "academie": "" if me.authority else authority}

        def at(page: int) -> str:
            return f"{HERE}?{urlencode({name: value for name, value in shown.items() if value} | {'page': page})}"

        return show(
            hub, "schools", "schools.html", rows=rows, told=told, total=total, number=number, pages=-(-total // A_PAGE), at=at,
            sought=sought, state=state, authority=authority, academies=academies, states=STATES, state_words=STATE_WORDS, level_words=LEVEL_WORDS,
            now=int(hub.clock().timestamp()),
        )  # fmt: skip

    @desk.get("/ecoles/<authority>/<name>/")
    def school(authority: str, name: str) -> Response:
        return one(_row(hub, f"{authority}/{name}"), said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/ecoles/<authority>/<name>/suspendre/")
    @needs(FLEET)
    def suspend(authority: str, name: str) -> Response:
        row = _row(hub, f"{authority}/{name}")
        guard.check(FLEET, authority)
        if not field("reason").strip():
            return one(row, 400, wrong=_("Say why: it stands in the journal."))
        status.suspend(hub, row.publisher, guard.me().login, field("reason", 500).strip())
        return see(f"{HERE}{row.publisher}/?said=suspended")

    @desk.post("/ecoles/<authority>/<name>/reprendre/")
    @needs(FLEET)
    def resume(authority: str, name: str) -> Response:
        row = _row(hub, f"{authority}/{name}")
        guard.check(FLEET, authority)
        status.resume(hub, row.publisher, guard.me().login)
        return see(f"{HERE}{row.publisher}/?said=resumed")

    @desk.post("/ecoles/<authority>/<name>/carte/")
    @needs(ENROL)
    def replacement_code(authority: str, name: str) -> Response:
        """A code for the new card of a school whose old one is dead, and whose sheet is lost with it."""
        row = _row(hub, f"{authority}/{name}")
        guard.check(ENROL, authority)
        school = row.school or row.label
        made = codes.another(hub, authority, REPLACED, school, name, guard.me().login, CARD)
        return show(
            hub, "schools", "codes_sheet.html", rows=[Given(0, school, name, made, made=True)], name=REPLACED, authority=authority, days=CARD,
            number=0, known=0, until=hub.now() + CARD * 86_400, table="", back=f"{HERE}{row.publisher}/",
        )  # fmt: skip

    @desk.get("/ecoles/<authority>/<name>/vol/")
    def stolen(authority: str, name: str) -> Response:
        """What a thief of its box holds, and what was done."""
        row = _row(hub, f"{authority}/{name}")
        with hub.database.read() as connection:
            done = [line for line in history(connection, row.publisher) if line.action in DONE]
        waits = any(line.record.id == row.publisher for line in signing.waiting(hub, authority))
        return show(
            hub, "schools", "stolen.html", one=row, done=done, waits=waits, able=roles.may(guard.me(), FLEET, authority),
            suspended=row.state == "suspended",
        )  # fmt: skip

    def one(row: Row[Any], code: int = 200, said: str = "", wrong: str = "") -> Response:
        with hub.database.read() as connection:
            told = figures(connection, [row.local]).get(row.local)
            lines = history(connection, row.publisher)
            days = told_on(connection, row.id, 14)
        return show(
            hub, "schools", "school.html", code, one=row, told=told, lines=lines, said=said, wrong=wrong, state_words=STATE_WORDS, level_words=LEVEL_WORDS,
            able=roles.may(guard.me(), FLEET, row.authority), may_enrol=roles.may(guard.me(), ENROL, row.authority), academies=academies(hub),
            days=days, now=int(hub.clock().timestamp()),
        )  # fmt: skip


def page_of(
    connection: Connection, authority: str, sought: str, state: str, number: int
) -> tuple[int, list[Row[Any]]]:
    """How many schools there are of *authority* (empty: all), called like *sought*, in *state* (empty: any), and page *number*."""
    wanted = _wanted(select(boxes), authority, sought, state)
    limited = _wanted(select(boxes.c.id), authority, sought, state).limit(COUNTED).subquery()
    total = connection.scalar(select(func.count()).select_from(limited)) or 0
    ordered = (
        wanted.order_by(boxes.c.authority, boxes.c.publisher, boxes.c.id)
        .limit(A_PAGE)
        .offset((number - 1) * A_PAGE)
    )
    return total, list(connection.execute(ordered))


def history(connection: Connection, publisher: str, limit: int = 20) -> list[Any]:
    """What was done about *publisher*, newest first."""
    wanted = select(audit).where(audit.c.subject == publisher).order_by(audit.c.number.desc()).limit(limit)
    return list(connection.execute(wanted))


def _wanted(query: Select[Any], authority: str, sought: str, state: str) -> Select[Any]:
    query = query.where(boxes.c.state == state) if state in STATES else query.where(boxes.c.publisher != "")
    if authority:
        query = query.where(boxes.c.authority == authority)
    for word in sought.lower().split()[:5]:
        told = (boxes.c.label, boxes.c.school, boxes.c.publisher, boxes.c.local)
        query = query.where(or_(*(func.lower(one).contains(word, autoescape=True) for one in told)))
    return query


def _row(hub: Hub, publisher: str) -> Row[Any]:
    """The school *publisher*, if who asks may read of it; else the request ends."""
    guard.check(READ, publisher.partition("/")[0])
    with hub.database.read() as connection:
        row = connection.execute(select(boxes).where(boxes.c.publisher == publisher)).first()
    return row if row is not None else abort(404)
