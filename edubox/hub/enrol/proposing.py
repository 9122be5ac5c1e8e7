"""What an academy proposes to its schools: published as every change of the directory, and written down in the audit.

And what somebody needs to know who puts that together: the collections there are, and how many boxes it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from securesystemslib.signer import Signer
from sqlalchemy import Connection, func, select

from edubox.hub import audit, queue
from edubox.hub.enrol.asking import KIND
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes
from edubox.publishing import authority as authorities
from edubox.store.layout import PUBLISHERS
from edubox.trust.directory import Directory
from edubox.trust.follow_lists import FollowList
from edubox.trust.publisher import LOCAL
from edubox.trust.record import Record


def propose(
    hub: Hub, authority: str, described: Mapping[str, Any], signer_of: Callable[[], Signer], actor: str
) -> bool:
    """Publish the lists *described* as what *authority* proposes; whether that changed anything.

    Boxes hear of it with their next synchronisation. Raises what ``publishing.authority.propose`` raises, DatabaseAway.
    """
    changed = authorities.propose(hub.data, authority, described, signer_of, hub.clock())
    if changed:
        note(hub, authority, actor)
    return changed


def note(hub: Hub, authority: str, actor: str) -> None:
    """Note that what *authority* proposes is public. Raises DatabaseAway."""

    def work(connection: Connection) -> None:
        told = "; ".join(", ".join(one.publishers) for one in authorities.proposals(hub.data, authority))
        audit.write(connection, hub.now(), actor, "follow.set", authority, told)
        if hub.in_bucket:
            queue.put(connection, "release", "release", {}, hub.now())

    hub.database.change(work)


def collections(hub: Hub, listed: Directory) -> list[Record]:
    """The active collections of the ministry and of academies, as *listed*, the directory, calls them, by their ids. Raises DatabaseAway.

    Of 60,000 schools none: those are known by the hub's own table, and no record is read for them.
    """
    with hub.database.read() as connection:
        schools = set(connection.execute(select(boxes.c.publisher)).scalars())
    names = [
        f"{path.parent.name}/{path.name}"
        for path in (hub.mirror / PUBLISHERS).glob("*/*")
        if path.parent.name != LOCAL
    ]
    found = [listed.record(name) for name in sorted(names) if name not in schools]
    return [one for one in found if one is not None and one.status == "active" and one.kind != KIND]


def boxes_by_kind(connection: Connection, authority: str) -> dict[str, int]:
    """How many boxes *authority* took in, of each kind of school."""
    wanted = (
        select(boxes.c.kind, func.count())
        .where(boxes.c.authority == authority, boxes.c.state == "accepted")
        .group_by(boxes.c.kind)
    )
    return {kind: int(count) for kind, count in connection.execute(wanted)}


def reached(one: FollowList, by_kind: Mapping[str, int]) -> int:
    """For how many boxes at most the list *one* is: which levels a school teaches, its box knows and the hub does not."""
    return sum(count for kind, count in by_kind.items() if not one.kinds or kind in one.kinds)
