"""What programs ask with a token: who they are, the schools, the journal. Other rooms use ``needs_token`` for their own routes."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import select

from edubox.hub.accounts import guesses, tokens
from edubox.hub.accounts.roles import AUDIT, READ
from edubox.hub.accounts.tokens import Holder
from edubox.hub.desk import guard
from edubox.hub.desk.gate import came_from, is_private
from edubox.hub.desk.schools import page_of
from edubox.hub.errors import NotAllowed, NoToken, TooOften
from edubox.hub.hub import Hub
from edubox.hub.tables import audit

PATH = "/api/1"
#: Row[Any]s of an answer.
A_PAGE = 500


def needs_token(hub: Hub, action: str, authority: str | None = None) -> Holder:
    """Who asks with a token that is for *action*: for *authority*, or (None) wherever it may.

    Raises NoToken, NotAllowed, TooOften (many tokens that are none), DatabaseAway.
    """
    if not is_private(request.environ):
        raise NotAllowed(reason="a token goes over HTTPS alone; take it back, it may have been read")
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    address, now = came_from(request.environ), hub.now()
    with hub.database.read() as connection:
        left = guesses.wait(connection, "", address, now)
        found = tokens.holder(connection, token.strip(), now) if kind.lower() == "bearer" else None
    if found is None:
        if left > 0:
            raise TooOften(retry=left)
        if token:
            hub.database.change(lambda connection: guesses.wrong(connection, "", address, now))
        raise NoToken
    if not found.may(action, found.reach if authority is None else authority):
        raise NotAllowed(reason=f"this token is not for {action}{f' of {authority}' if authority else ''}")
    hub.database.change(lambda connection: tokens.note_use(connection, token.strip(), now))
    return found


def program_api(hub: Hub) -> Blueprint:
    """The routes."""
    made = Blueprint("program_api", __name__)

    @made.get(f"{PATH}/me")
    def me() -> Response:
        holder = needs_token(hub, READ)
        return jsonify({"actor": holder.actor, "scope": sorted(holder.scope), "authority": holder.reach})

    @made.get(f"{PATH}/schools")
    def schools() -> Response:
        holder = needs_token(hub, READ)
        number = guard.page_asked()
        with hub.database.read() as connection:
            total, rows = page_of(
                connection,
                holder.reach,
                guard.asked("q"),
                guard.asked("state"),
                number,
            )
        told = [
            {"id": row.publisher, "label": row.school or row.label, "authority": row.authority, "state": row.state} for row in rows
        ]  # fmt: skip
        return jsonify({"total": total, "page": number, "schools": told})

    @made.get(f"{PATH}/audit")
    def lines() -> Response:
        holder = needs_token(hub, AUDIT, "")
        asked = guard.asked("after", 20)
        after = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 12 else 0
        with hub.database.read() as connection:
            wanted = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(A_PAGE)
            told = [dict(row._mapping) for row in connection.execute(wanted)]  # noqa: SLF001 - SQLAlchemy's public way
        return jsonify({"reader": holder.actor, "lines": told})

    return made
