"""The audit as a page: who did what, for whom and when, whether the chain holds, and all of it as a file.

An officer reads what concerns their academy: its schools, its lessons, its people's own doings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, stream_with_context
from sqlalchemy import Connection, Select, or_, select

from edubox.hub import audit as chain
from edubox.hub.accounts.roles import AUDIT, Person
from edubox.hub.desk import guard
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, needs
from edubox.hub.errors import BrokenAudit
from edubox.hub.hub import Hub
from edubox.hub.tables import audit, people

HERE = f"{HOME}journal/"
A_PAGE = 100


def journal_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    @desk.get("/journal/")
    @needs(AUDIT)
    def journal() -> Response:
        me, sought = (
            guard.me(),
            {name: guard.asked(name, 200) for name in ("qui", "quoi", "avant")},
        )
        before = int(sought["avant"]) if sought["avant"].isdecimal() and len(sought["avant"]) < 12 else 0
        with hub.database.read() as connection:
            rows = list(connection.execute(_wanted(connection, me, sought, before).limit(A_PAGE + 1)))
        more = (
            {name: value for name, value in sought.items() if value} | {"avant": rows[A_PAGE - 1].number}
            if len(rows) > A_PAGE
            else {}
        )
        return show(
            hub, "audit", "journal.html", rows=rows[:A_PAGE], sought=sought, older=f"{HERE}?{urlencode(more)}" if more else "",
            whole=not me.authority, verified=_state(hub) if "verifier" in request.args and not me.authority else None,
        )  # fmt: skip

    @desk.get("/journal.csv")
    @needs(AUDIT)
    def exported() -> Response:
        me = guard.me()

        def lines() -> Iterator[str]:
            yield _line(["number", "at", "actor", "action", "subject", "detail", "previous", "hash"])
            last = 0
            while True:
                with hub.database.read() as connection:
                    wanted = (
                        _of(connection, me, select(audit))
                        .where(audit.c.number > last)
                        .order_by(audit.c.number)
                    )
                    rows = list(connection.execute(wanted.limit(1000)))
                for row in rows:
                    when = datetime.fromtimestamp(row.at, UTC).isoformat()
                    yield _line(
                        [
                            row.number,
                            when,
                            row.actor,
                            row.action,
                            row.subject,
                            row.detail,
                            row.previous,
                            row.hash,
                        ]
                    )
                if not rows:
                    return
                last = rows[-1].number

        answer = Response(stream_with_context(lines()), mimetype="text/csv")
        answer.headers["Content-Disposition"] = 'attachment; filename="journal.csv"'
        return answer


def _wanted(connection: Connection, me: Person, sought: dict[str, str], before: int) -> Select[Any]:
    wanted = _of(connection, me, select(audit)).order_by(audit.c.number.desc())
    if before:
        wanted = wanted.where(audit.c.number < before)
    if sought["qui"]:
        wanted = wanted.where(audit.c.actor.contains(sought["qui"], autoescape=True))
    if sought["quoi"]:
        told = (audit.c.action, audit.c.subject, audit.c.detail)
        wanted = wanted.where(or_(*(one.contains(sought["quoi"], autoescape=True) for one in told)))
    return wanted


def _of(connection: Connection, me: Person, wanted: Select[Any]) -> Select[Any]:
    """*wanted*, as far as *me* may read it."""
    if not me.authority:
        return wanted
    own = [
        row.login
        for row in connection.execute(select(people.c.login).where(people.c.authority == me.authority))
    ]
    return wanted.where(
        or_(
            audit.c.subject == me.authority,
            audit.c.subject.startswith(f"{me.authority}/", autoescape=True),
            audit.c.actor.in_(own),
        )
    )


def _state(hub: Hub) -> tuple[str, str]:
    """The head of the chain if every line is sealed by the one before, else empty; and what is wrong, in English."""
    try:
        return chain.verify(hub.database), ""
    except BrokenAudit as error:
        return "", str(error)


def _line(values: list[Any]) -> str:
    out = io.StringIO()
    # A spreadsheet must not take what a school wrote for a formula.
    csv.writer(out).writerow(
        [f"'{one}" if isinstance(one, str) and one[:1] in "=+-@\t\r" else one for one in values]
    )
    return out.getvalue()
