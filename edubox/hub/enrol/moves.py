"""Schools on their way from one authority to another, for people to look at: who asked, who must sign, who has.

A move is two lines of the signing queue (``status.move``): the one that takes the school over, and one *after* it that lets go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from edubox.errors import NotTrusted
from edubox.hub.enrol.signing import DROPPED, SIGNED, WAITING
from edubox.hub.tables import signing
from edubox.trust.record import parse

#: What a move is at: nobody has signed, the one that takes over has, both have, or it was called off.
ASKED, TAKEN, DONE, OFF = "asked", "taken", "done", "off"


@dataclass(frozen=True, slots=True)
class Move:
    """The school *label* goes on as *new* instead of *old*. Times are seconds since 1970, 0 for what nobody signed yet."""

    label: str
    old: str
    new: str
    asked: int
    asked_by: str
    state: str
    taken: int = 0
    taken_by: str = ""
    left: int = 0
    left_by: str = ""


def listed(
    connection: Connection, authority: str = "", limit: int = 50, offset: int = 0
) -> tuple[int, list[Move]]:
    """How many moves there ever were to or from *authority* (empty: in the country), and some of them, the newest first."""
    arrive, leave = signing.alias(), signing.alias()
    both = arrive.outerjoin(leave, leave.c.after == arrive.c.id)
    wanted = [arrive.c.what == "arrive"]
    if authority:
        wanted.append(or_(arrive.c.authority == authority, leave.c.authority == authority))
    total = connection.scalar(select(func.count()).select_from(both).where(*wanted)) or 0
    found = connection.execute(
        select(
            arrive.c.record, arrive.c.publisher, arrive.c.asked, arrive.c.asked_by, arrive.c.state, arrive.c.signed, arrive.c.signed_by,
            leave.c.publisher, leave.c.state, leave.c.signed, leave.c.signed_by,
        )
        .select_from(both).where(*wanted).order_by(arrive.c.id.desc()).limit(limit).offset(offset)
    )  # fmt: skip
    moves = []
    for text, new, asked, by, state, taken, taken_by, old, left_state, left, left_by in found:
        try:
            record = parse(text.encode(), new)
        except NotTrusted:
            continue
        moves.append(
            Move(
                record.label, old or record.moved_from or "", new, asked, by, _state(state, left_state), taken or 0, taken_by or "",
                left or 0, left_by or "",
            )
        )  # fmt: skip
    return total, moves


def under_way(connection: Connection, authorities: Sequence[str]) -> int:
    """How many moves wait for the signature of one of *authorities* (empty: of any)."""
    wanted = (
        select(func.count())
        .select_from(signing)
        .where(signing.c.state == WAITING, signing.c.what.in_(["arrive", "leave"]))
    )
    return (
        connection.scalar(wanted.where(signing.c.authority.in_(list(authorities))) if authorities else wanted)
        or 0
    )


def _state(arrive: str, leave: str | None) -> str:
    if DROPPED in {arrive, leave}:
        return OFF
    if arrive == WAITING:
        return ASKED
    return DONE if leave in {SIGNED, None} else TAKEN
