"""Whose request this is: a box that was accepted, known by the key that signed, and never twice by the same counter.

A suspended box is refused from the moment in which an officer says so, before any signature. A request that comes again byte
for byte has the same signature; a handler that may run twice for it asks for that with *idempotent*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from securesystemslib.signer import Key
from sqlalchemy import Connection, select, update

from edubox.errors import NotTrusted
from edubox.hub.errors import NotEnrolled, Replayed, Unauthorised
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes
from edubox.trust import requests
from edubox.trust.chain import public_key

ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Box:
    """Who asks. *row* is its number in ``boxes``, *id* its name in the directory, *local* its repository's own name."""

    row: int
    id: str
    local: str
    label: str
    authority: str
    epoch: int
    keyid: str
    #: The same request came before.
    repeated: bool = False


def signed_box(
    hub: Hub, request: Any, *, idempotent: bool = False, work: Callable[[Connection, Box], None] = lambda *_: None
) -> Box:  # fmt: skip
    """The box that sent Flask's *request*, whose counter is used up by this; *work* is done in the same transaction.

    Raises Unauthorised (no good signature, an unknown key), NotEnrolled, Replayed, DatabaseAway.
    """
    query = request.query_string.decode("ascii", "replace")
    path = request.path
    with hub.database.read() as connection:
        found: dict[str, Any] = {}

        def key_of(keyid: str) -> Key | None:
            row = connection.execute(select(boxes).where(boxes.c.keyid == keyid)).first()
            found["row"] = row
            return None if row is None else public_key(row.key)

        try:
            signed = requests.verify(
                request.method, path, query, list(request.headers.items()), request.get_data(), key_of
            )
        except NotTrusted as error:
            raise Unauthorised(reason=error.details["reason"]) from None
    row = found["row"]
    if row.state != ACCEPTED:
        raise NotEnrolled(state=row.state)

    def use(connection: Connection) -> Box:
        repeated = _use(connection, row.id, signed, idempotent=idempotent)
        name = row.school or row.label
        box = Box(row.id, row.publisher, row.local, name, row.authority, row.epoch, row.keyid, repeated)
        work(connection, box)
        return box

    return hub.database.change(use)


def of_publisher(hub: Hub, publisher: str) -> Any | None:
    """The row of the box that the directory knows as *publisher*, None if there is none. Raises DatabaseAway."""
    with hub.database.read() as connection:
        return connection.execute(select(boxes).where(boxes.c.publisher == publisher)).first()


def _use(connection: Connection, row: int, signed: requests.Signed, *, idempotent: bool) -> bool:
    """Use the counter up; whether this very request used it before."""
    here = connection.execute(
        select(boxes.c.counter, boxes.c.signature, boxes.c.keyid).where(boxes.c.id == row)
    ).one()
    if here.keyid != signed.keyid:
        raise Unauthorised(reason="the school goes on with another key")
    if signed.counter <= here.counter:
        if idempotent and signed.counter == here.counter and signed.signature.hex() == here.signature:
            return True
        raise Replayed(counter=here.counter)
    values = {"counter": signed.counter, "signature": signed.signature.hex()}
    connection.execute(update(boxes).where(boxes.c.id == row).values(**values))
    return False
