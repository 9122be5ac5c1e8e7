"""What becomes of a school later: suspended in one action, taken up again, or moved to another authority.

A suspended box is refused by this hub at once; the directory says it to everybody when the authority has signed. A move is two
lines of the signing queue, one for each authority; the one that takes the school over signs first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, update

from edubox.errors import AlreadyExists, BadInput, NotFound
from edubox.hub import audit
from edubox.hub.enrol import signing
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes
from edubox.hub.tables import signing as signing_table
from edubox.pack.names import check_publisher, printable
from edubox.trust import directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import Record

ACTIVE, SUSPENDED, MOVED = "active", "suspended", "moved"


def suspend(hub: Hub, publisher: str, actor: str, reason: str = "") -> bool:
    """Suspend the school *publisher*, whose box was stolen, say; whether it was not already.

    Raises NotFound, BadInput (it moved), BadIdentifier, DatabaseAway.
    """
    return _set(hub, publisher, SUSPENDED, "suspend", actor, printable(reason)[:500])


def resume(hub: Hub, publisher: str, actor: str) -> bool:
    """End the suspension of *publisher*; whether there was one. Raises as ``suspend``."""
    return _set(hub, publisher, ACTIVE, "resume", actor, "")


def move(hub: Hub, old: str, new: str, actor: str) -> None:
    """Let the school *old* go on as *new*, once both authorities have signed. Raises as ``suspend``, AlreadyExists."""
    check_publisher(new)
    if old == new:
        raise BadInput(reason="a school moves to another name than it has")
    listed = directory.Directory(FolderFetch(hub.workplace.mirror))
    record = _known(listed, old)
    if record.status != ACTIVE:
        raise BadInput(reason=f"{old} is {record.status} and cannot move")
    if listed.record(new) is not None:
        raise AlreadyExists(path=new)
    if new.partition("/")[0] not in listed.authorities():
        raise NotFound(what=f"The authority {new.partition('/')[0]}")

    def work(connection: Connection) -> None:
        now = int(hub.clock().timestamp())
        if connection.execute(select(boxes.c.id).where(boxes.c.publisher == new)).first() is not None:
            raise AlreadyExists(path=new)
        values: dict[str, Any] = {"publisher": new, "authority": new.partition("/")[0], "moved_from": old}
        connection.execute(update(boxes).where(boxes.c.publisher == old).values(**values))
        arrived = replace(record, id=new, moved_from=old)
        gone = replace(record, status=MOVED, moved_to=new)
        first = signing.put(connection, arrived, "arrive", now, actor)
        signing.put(connection, gone, "leave", now, actor, after=first)
        audit.write(connection, now, actor, "enrol.move", old, new)

    hub.database.change(work)


def call_off(hub: Hub, new: str, actor: str) -> None:
    """Let the school that was to go on as *new* stay what it was: as long as nobody has signed. Raises NotFound, BadInput, DatabaseAway."""

    def work(connection: Connection) -> None:
        box = connection.execute(select(boxes).where(boxes.c.publisher == new)).first()
        if box is None or not box.moved_from:
            raise NotFound(what=f"The move to {new}")
        waits = signing_table.c.state == signing.WAITING
        arrives = (signing_table.c.publisher == new) & (signing_table.c.what == "arrive") & waits
        first = connection.execute(select(signing_table.c.id).where(arrives)).scalar()
        if first is None:
            raise BadInput(reason=f"{new} was signed already; let it move back instead")
        both = (signing_table.c.id == first) | ((signing_table.c.after == first) & waits)
        connection.execute(update(signing_table).where(both).values(state=signing.DROPPED))
        old = box.moved_from
        values = {"publisher": old, "authority": old.partition("/")[0], "moved_from": ""}
        connection.execute(update(boxes).where(boxes.c.id == box.id).values(**values))
        audit.write(connection, hub.now(), actor, "enrol.stay", old, new)

    hub.database.change(work)


def _set(hub: Hub, publisher: str, status: str, what: str, actor: str, reason: str) -> bool:
    check_publisher(publisher)
    listed = directory.Directory(FolderFetch(hub.workplace.mirror))
    record = listed.record(publisher)

    def work(connection: Connection) -> bool:
        now = int(hub.clock().timestamp())
        box = connection.execute(select(boxes).where(boxes.c.publisher == publisher)).first()
        if box is None and record is None:
            raise NotFound(what=f"The publisher {publisher}")
        if record is not None and record.moved_to is not None:
            raise BadInput(reason=f"{publisher} moved and is called {record.moved_to} now")
        known = signing.record_of(box) if record is None else record
        if box is not None and known.root_version < box.root_version:
            known = replace(known, root_version=box.root_version, root_sha256=box.root_sha256)
        state = "accepted" if status == ACTIVE else SUSPENDED
        waits = (signing_table.c.publisher == publisher) & (signing_table.c.state == signing.WAITING)
        line = connection.execute(select(signing_table.c.what).where(waits)).scalar()
        said = line == what if line is not None else record is not None and record.status == status
        if said and (box is None or box.state == state):
            return False
        if box is not None:
            connection.execute(update(boxes).where(boxes.c.id == box.id).values(state=state, reason=reason))
        signing.put(connection, replace(known, status=status), what, now, actor)
        audit.write(connection, now, actor, f"enrol.{what}", publisher, reason)
        return True

    return hub.database.change(work)


def _known(listed: directory.Directory, publisher: str) -> Record:
    record = listed.record(publisher)
    if record is None:
        raise NotFound(what=f"The publisher {publisher}")
    return record
