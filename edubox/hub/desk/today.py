"""Where the desk begins: one sentence that says whether anything waits for its reader, and then what."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response
from sqlalchemy import ColumnElement, Connection, Table, func, select

from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import ENROL, PUBLISH, REVIEW, Person
from edubox.hub.desk import guard
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME
from edubox.hub.hub import Hub
from edubox.hub.tables import arrivals, audit, boxes, recalls, republications, signing


def ngettext(one: str, many: str) -> tuple[str, str]:
    """Mark a message with a number for the catalogues; it is translated where it is used."""
    return one, many


class Waits(NamedTuple):
    """Something that waits: how many, what in words (singular, plural), where, and with which icon."""

    number: int
    one: str
    many: str
    address: str
    icon: str


_ASK = ngettext("%(num)d school asks to be enrolled", "%(num)d schools ask to be enrolled")
_SIGN = ngettext("%(num)d line waits for a signature", "%(num)d lines wait for a signature")
_KEYS = ngettext("%(num)d lesson waits for its key", "%(num)d lessons wait for their key")
_RECALL = ngettext(
    "%(num)d recall waits for the ministry’s key", "%(num)d recalls wait for the ministry’s key"
)
_LOOK = ngettext("%(num)d lesson waits for a review", "%(num)d lessons wait for a review")


def today_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the page to *desk*."""

    @desk.get("/")
    def today() -> Response:
        me = guard.me()
        with hub.database.read() as connection:
            waits = waiting(connection, me)
            schools = _count(connection, boxes, me.authority, boxes.c.state.in_(["accepted"]))
            asleep = _count(connection, boxes, me.authority, boxes.c.state == "suspended")
            lately = list(connection.execute(
                select(audit).where(audit.c.actor == me.login, ~audit.c.action.startswith("door.")).order_by(audit.c.number.desc()).limit(5)
            ))  # fmt: skip
        return show(
            hub, "today", "today.html", waits=waits, total=sum(one.number for one in waits), schools=schools, suspended=asleep,
            lately=lately, now=hub.now(), first=not schools and not waits,
        )  # fmt: skip


def waiting(connection: Connection, me: Person) -> list[Waits]:
    """What waits for *me*, most pressing first; what is not theirs to do is left out."""
    found = []
    if roles.somewhere(me, ENROL):
        found.append(
            Waits(
                _count(connection, boxes, me.authority, boxes.c.state == "asked"),
                *_ASK,
                f"{HOME}inscriptions/",
                "home",
            )
        )
        found.append(
            Waits(
                _count(connection, signing, me.authority, signing.c.state == "waiting"),
                *_SIGN,
                f"{HOME}signatures/",
                "exercise",
            )
        )
    if roles.somewhere(me, PUBLISH):
        waits = republications.c.state == "waiting"
        of = (
            republications.c.publisher.startswith(f"{me.authority}/", autoescape=True)
            if me.authority
            else waits
        )
        found.append(
            Waits(
                _count(connection, republications, "", waits & of), *_KEYS, f"{HOME}signatures/", "exercise"
            )
        )
    if roles.may(me, PUBLISH, ""):
        found.append(
            Waits(
                _count(connection, recalls, "", recalls.c.state == "waiting"),
                *_RECALL,
                f"{HOME}rappels/",
                "warning",
            )
        )
    if roles.somewhere(me, REVIEW):
        found.append(
            Waits(
                _count(connection, arrivals, me.authority, arrivals.c.state.in_(["received", "review"])),
                *_LOOK,
                f"{HOME}relecture/",
                "book",
            )
        )
    return [one for one in found if one.number]


def _count(connection: Connection, table: Table, authority: str, wanted: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(wanted)
    return connection.scalar(query.where(table.c.authority == authority) if authority else query) or 0
