"""The officer's part: who asked, yes or no. A yes puts a line into the signing queue; nothing is public before that is signed.

Whoever calls has made sure that this person decides for the authority. A name in the directory is given once: a school that lost
its card and its sheet comes with another repository, and takes its old name over only when a person says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from edubox.errors import AlreadyExists, BadInput, NotFound
from edubox.hub import audit
from edubox.hub.enrol import signing
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes
from edubox.pack import canonical
from edubox.pack.names import check_publisher, printable
from edubox.publishing import country_file
from edubox.trust import directory
from edubox.trust.chain import fingerprint
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import Record

ASKED, ACCEPTED, REFUSED, REPLACED = "asked", "accepted", "refused", "replaced"
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Request:
    """What an officer sees. *label* is what the school calls itself, *school* what the list says of its code."""

    row: int
    state: str
    authority: str
    wanted: str
    label: str
    school: str
    #: The repository's own name, as the school sheet prints it; and the beginning of the key's id.
    sheet: str
    fingerprint: str
    #: Seconds since 1970 (UTC).
    asked: int
    address_class: str
    reason: str

    @property
    def differs(self) -> bool:
        """Whether the school calls itself otherwise than the list does: look twice."""
        return self.label.casefold() != self.school.casefold()


def waiting(hub: Hub, authority: str | None = None, state: str = ASKED, limit: int = 1000) -> list[Request]:
    """Who waits for an answer of *authority* (None: of anybody), oldest first. Raises DatabaseAway."""
    wanted = select(boxes).where(boxes.c.state == state).order_by(boxes.c.asked, boxes.c.id).limit(limit)
    if authority is not None:
        wanted = wanted.where(boxes.c.authority == authority)
    with hub.database.read() as connection:
        return [_request(row) for row in connection.execute(wanted)]


def one(hub: Hub, row: int) -> Request:
    """The request *row*. Raises NotFound, DatabaseAway."""
    with hub.database.read() as connection:
        found = connection.execute(select(boxes).where(boxes.c.id == row)).first()
    if found is None:
        raise NotFound(what=f"The request {row}")
    return _request(found)


def accept(
    hub: Hub, rows: Sequence[int], actor: str, names: Mapping[int, str] = {}, *, replace: bool = False
) -> list[str]:
    """Accept the requests *rows*, under *names* (row → second part of the id) where they are to be called otherwise.

    *replace*: a school takes over the name of another repository, which was lost; its epoch goes up. All or nothing. Returns the
    ids. Raises NotFound, BadInput (one was decided already), BadIdentifier, AlreadyExists (the name is given), NotTrusted,
    DatabaseAway.
    """
    listed = directory.Directory(FolderFetch(hub.workplace.mirror))
    tiers = country_file.tiers(canonical.read(listed.country_file(), what="the country file"))
    authorities = set(listed.authorities())
    known: dict[str, Record | None] = {}

    def work(connection: Connection) -> list[str]:
        now = int(hub.clock().timestamp())
        ids = []
        for row in rows:
            box = connection.execute(select(boxes).where(boxes.c.id == row)).first()
            if box is None:
                raise NotFound(what=f"The request {row}")
            if box.state != ASKED:
                raise BadInput(reason=f"{box.school or box.label} was {box.state} already")
            publisher = f"{box.authority}/{names.get(row) or box.wanted}"
            check_publisher(publisher)
            if box.authority not in authorities:
                raise NotFound(what=f"The authority {box.authority}, in the country's directory,")
            if box.kind not in tiers:
                raise BadInput(reason=f"{box.kind!r} is no tier of this country; it has {', '.join(tiers)}")
            if publisher not in known:
                known[publisher] = listed.record(publisher)
            epoch = _take_name(connection, publisher, known[publisher], replace=replace)
            values = {
                "state": ACCEPTED, "publisher": publisher, "reason": "", "decided": now, "decided_by": actor, "epoch": epoch,
            }  # fmt: skip
            connection.execute(update(boxes).where(boxes.c.id == row).values(**values))
            fresh = connection.execute(select(boxes).where(boxes.c.id == row)).one()
            signing.put(connection, signing.record_of(fresh), "replace" if epoch > 1 else "enter", now, actor)
            audit.write(connection, now, actor, "enrol.accept", publisher, box.local)
            ids.append(publisher)
        return ids

    return hub.database.change(work)


def refuse(hub: Hub, row: int, reason: str, actor: str) -> None:
    """Refuse the request *row*; the school reads *reason*. Raises NotFound, BadInput (no reason, decided already), DatabaseAway."""
    said = printable(reason).strip()[:MAX_REASON]
    if not said:
        raise BadInput(reason="say why, in a sentence that the school can read")

    def work(connection: Connection) -> None:
        box = connection.execute(select(boxes).where(boxes.c.id == row)).first()
        if box is None:
            raise NotFound(what=f"The request {row}")
        if box.state != ASKED:
            raise BadInput(reason=f"{box.school or box.label} was {box.state} already")
        now = int(hub.clock().timestamp())
        values = {"state": REFUSED, "reason": said, "decided": now, "decided_by": actor}
        connection.execute(update(boxes).where(boxes.c.id == row).values(**values))
        audit.write(connection, now, actor, "enrol.refuse", f"{box.authority}/{box.wanted}", said)

    hub.database.change(work)


def _take_name(connection: Connection, publisher: str, record: Record | None, *, replace: bool) -> int:
    """The epoch under which a new box is called *publisher*. Raises AlreadyExists."""
    before = connection.execute(select(boxes).where(boxes.c.publisher == publisher)).first()
    taken = [one for one in (before, record) if one is not None]
    if not taken:
        return 1
    if not replace or (record is not None and record.status == "moved"):
        raise AlreadyExists(path=publisher)
    if before is not None:
        gone = {"state": REPLACED, "publisher": "", "reason": "replaced"}
        connection.execute(update(boxes).where(boxes.c.id == before.id).values(**gone))
    return max(one.epoch for one in taken) + 1


def _request(row: Any) -> Request:
    return Request(
        row.id, row.state, row.authority, row.wanted, row.label, row.school, row.local, fingerprint(row.keyid), row.asked,
        row.address_class, row.reason,
    )  # fmt: skip
