"""What an academy proposes to its schools: published as every change of the directory, and written down in the audit.

And what somebody needs to know who puts that together: the collections there are, how many boxes it is for, and how much that is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from securesystemslib.signer import Signer
from sqlalchemy import Connection, func, select

from edubox.errors import EduboxError
from edubox.hub import audit, queue
from edubox.hub.enrol.asking import KIND
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes
from edubox.pack.index import Index
from edubox.pack.names import check_publisher
from edubox.publishing import authority as authorities
from edubox.store.layout import PUBLISHERS, publisher_prefix
from edubox.sync.carried.carry import lessons_in
from edubox.trust.directory import Directory
from edubox.trust.follow_lists import FollowList
from edubox.trust.named import read_named
from edubox.trust.publisher import LOCAL
from edubox.trust.record import Record


def propose(
    hub: Hub, authority: str, described: Mapping[str, Any], signer_of: Callable[[], Signer], actor: str, instead_of: str = ""
) -> bool:  # fmt: skip
    """Publish the lists *described* as what *authority* proposes; whether that changed anything.

    Boxes hear of it with their next synchronisation. Raises what ``publishing.authority.propose`` raises, DatabaseAway.
    """
    changed = authorities.propose(hub.data, authority, described, signer_of, hub.clock(), instead_of)
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


def new_to_boxes(one: FollowList, before: Iterable[FollowList]) -> list[str]:
    """The publishers of the list *one* that *before* does not propose to all of the boxes which *one* is for."""
    wide = [each for each in before if _covers(each.kinds, one.kinds) and _covers(each.levels, one.levels)]
    known = {publisher for each in wide for publisher in each.publishers}
    return [publisher for publisher in one.publishers if publisher not in known]


def weight(mirror: Path, publishers: Iterable[str]) -> tuple[int, int]:
    """How many lessons *publishers* have in *mirror*, and the bytes that a box without any of them fetches; who cannot be read has none."""
    repositories = []
    for publisher in publishers:
        with contextlib.suppress(EduboxError):
            repositories.append(read_named(mirror, publisher_prefix(*check_publisher(publisher))))
    sizes = [_travels(one.index) for one in lessons_in(mirror, repositories) if one.index.system is None]
    return len(sizes), sum(sizes)


def _travels(index: Index) -> int:
    """Bytes of a lesson on its way: its bundle, and the films, sounds and pictures that no bundle holds."""
    return index.size if index.full is None else index.full.size + max(index.size - index.full.unpacked, 0)


def _covers(wide: Collection[str], narrow: Collection[str]) -> bool:
    """Whether who is of *narrow* is of *wide* too; neither names anything where it means all."""
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def reached(one: FollowList, by_kind: Mapping[str, int]) -> int:
    """For how many boxes at most the list *one* is: which levels a school teaches, its box knows and the hub does not."""
    return sum(count for kind, count in by_kind.items() if not one.kinds or kind in one.kinds)
