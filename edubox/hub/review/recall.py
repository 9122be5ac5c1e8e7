"""Recalling: a version of a lesson, or files of it, that must be nowhere any more, whoever publishes them.

``ask`` is the decision with its reason, which the audit and this list keep; the ministry's signed list, which every box reads,
has hashes only. Teachers whose lesson it is read the reason on the desk of their school's box. The ministry's key signs (``sign``), with its passphrase or from the stick it lies on (``edubox hub recall``);
until then the request waits and is shown as such. What the intake has of it is deleted at once, before any key is at hand.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, delete, func, insert, select, update

from edubox.errors import EduboxError
from edubox.hub import audit
from edubox.hub.errors import GoneLesson, NotPossible
from edubox.hub.hub import Hub
from edubox.hub.intake import shelf
from edubox.hub.review import arrivals, trees
from edubox.hub.tables import arrival_files, pieces, pushed_files
from edubox.hub.tables import arrivals as arrival_table
from edubox.hub.tables import recalls as table
from edubox.pack.erasure import Erasure
from edubox.pack.erasure import parse as parse_erasure
from edubox.pack.index import Index
from edubox.pack.index import parse as parse_index
from edubox.pack.names import check_publisher, check_slug, is_sha256
from edubox.publishing.deletion import current
from edubox.publishing.deletion import versions as published_versions
from edubox.publishing.erase import Erased
from edubox.publishing.erase import recall as sign_recall
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import current as current_target

WAITING, DONE = "waiting", "done"
_WORDS = 2000
#: Files of which one transaction speaks.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Recall:
    """One request; *objects* are files by their SHA-256, empty: the whole version *manifest*."""

    id: int
    at: int
    actor: str
    manifest: str
    objects: tuple[str, ...]
    lesson: str
    authority: str
    reason: str
    state: str


def ask(
    hub: Hub, actor: str, reason: str, manifest: str = "", objects: Collection[str] = (), lesson: str = "", authority: str = ""
) -> int:  # fmt: skip
    """Ask that the version *manifest* or the files *objects* be nowhere; *lesson* is how people call it, *authority* whose it is.

    Returns the request's id.

    Raises NotPossible (no reason, nothing named), DatabaseAway, StoreAway.
    """
    said = reason.strip()[:_WORDS]
    if not said:
        raise NotPossible(reason="say why: the list of recalls keeps it")
    if not (manifest or objects) or not all(
        is_sha256(one) for one in (*objects, *([manifest] if manifest else []))
    ):
        raise NotPossible(reason="name a version or files by their SHA-256, 64 small letters and digits")
    now = hub.now()

    def work(connection: Connection) -> int:
        made = connection.execute(insert(table).values(
            at=now, actor=actor, manifest=manifest, objects=json.dumps(sorted(objects)), lesson=lesson, authority=authority,
            reason=said, state=WAITING,
        ))  # fmt: skip
        number = int(made.inserted_primary_key[0])  # type: ignore[index]
        audit.write(connection, now, actor, "recall", lesson or manifest or ", ".join(sorted(objects)), said)
        for one in _touched(connection, manifest, objects):
            if one.state in arrivals.UNDER_WAY:
                connection.execute(
                    update(arrival_table)
                    .where(arrival_table.c.id == one.id)
                    .values(state=arrivals.REFUSED, changed=now)
                )
            arrivals.note(connection, one.id, actor, "recalled", said, now, told=True)
        return number

    number = hub.database.change(work)
    _delete(hub, manifest, objects)
    return number


def sign(hub: Hub, passphrase: str, now: datetime | None = None) -> Erased | None:
    """Enter every request that waits in the ministry's list; None if none does. Raises what ``publishing.erase.recall`` raises."""
    with hub.database.read() as connection:
        waiting = [one for one in listed(connection) if one.state == WAITING]
    if not waiting:
        return None
    manifests = {one.manifest for one in waiting if one.manifest and not one.objects}
    objects = {sha256 for one in waiting for sha256 in one.objects}
    done = sign_recall(hub.data, manifests, objects, passphrase, now or hub.clock())
    ids = [one.id for one in waiting]
    hub.database.change(
        lambda connection: connection.execute(update(table).where(table.c.id.in_(ids)).values(state=DONE))
    )
    return done


def listed(connection: Connection, limit: int = 500, authority: str = "", offset: int = 0) -> list[Recall]:
    """Every recall of *authority* (of all if empty), the newest first."""
    wanted = select(table).order_by(table.c.id.desc()).limit(limit).offset(offset)
    rows = connection.execute(wanted.where(table.c.authority == authority) if authority else wanted)
    return [
        Recall(
            row.id,
            row.at,
            row.actor,
            row.manifest,
            tuple(json.loads(row.objects)),
            row.lesson,
            row.authority,
            row.reason,
            row.state,
        )
        for row in rows
    ]


def count(connection: Connection, authority: str = "", state: str = "") -> int:
    """How many recalls there are of *authority* (empty: of all) in *state* (empty: in any)."""
    wanted = select(func.count()).select_from(table)
    if authority:
        wanted = wanted.where(table.c.authority == authority)
    return connection.scalar(wanted.where(table.c.state == state) if state else wanted) or 0


def published(hub: Hub, address: str) -> Index | None:
    """What is at *address* (``<authority>/<name>/<slug>``) in this mirror now; None if there is no lesson. Raises BadIdentifier."""
    publisher, _, slug = address.rpartition("/")
    check_publisher(publisher)
    check_slug(slug)
    try:
        data = current_target(FolderFetch(hub.mirror), publisher, f"{slug}.json")
        index = None if data is None else parse_index(data)
    except EduboxError:
        return None
    return index if index is not None and not index.withdrawn else None


def get(connection: Connection, number: int) -> Recall:
    """The recall *number*. Raises GoneLesson."""
    found = next((one for one in listed(connection) if one.id == number), None)
    if found is None:
        raise GoneLesson(what=f"The recall {number}")
    return found


def signed(hub: Hub) -> Erasure:
    """The ministry's list as every box reads it. Raises NotTrusted, MissingFile."""
    data = Directory(FolderFetch(hub.mirror)).recall_list()
    return parse_erasure(data) if data else Erasure()


def publishing(hub: Hub, manifest: str) -> list[str]:
    """The addresses in this mirror that show the version *manifest* now."""
    return showing(hub, [manifest])[manifest]


def showing(hub: Hub, manifests: Collection[str]) -> dict[str, list[str]]:
    """For each of *manifests* the addresses in this mirror that show it now; one look at the mirror for all."""
    found: dict[str, list[str]] = {one: [] for one in manifests}
    for one in current(list(published_versions(hub.mirror))) if found else ():
        if one.index.manifest in found:
            found[one.index.manifest].append(f"{one.publisher}/{one.slug}")
    return {one: sorted(addresses) for one, addresses in found.items()}


def _touched(connection: Connection, manifest: str, objects: Collection[str]) -> list[arrivals.Arrival]:
    """Arrivals that are of this version, or have one of these files."""
    holding = select(arrival_files.c.arrival).where(arrival_files.c.sha256.in_(list(objects)))
    which = arrival_table.c.id.in_(holding) if objects else arrival_table.c.manifest == manifest
    return [
        arrivals.get(connection, number)
        for number in connection.execute(select(arrival_table.c.id).where(which)).scalars()
    ]


def _delete(hub: Hub, manifest: str, objects: Collection[str]) -> None:
    """Take the bytes out of the intake: bundles that carry what is recalled, the files themselves, trees."""
    store = shelf.of(hub)
    with hub.database.read() as connection:
        touched = _touched(connection, manifest, objects)
        signed_ones = [
            connection.execute(
                select(arrival_table.c.signed).where(arrival_table.c.id == one.id)
            ).scalar_one()
            for one in touched
        ]
        kept = set(connection.execute(
            select(arrival_files.c.sha256).where(arrival_files.c.arrival.not_in([one.id for one in touched]))
        ).scalars()) if not objects else set()  # fmt: skip
        mine = set(connection.execute(
            select(arrival_files.c.sha256).where(arrival_files.c.arrival.in_([one.id for one in touched]))
        ).scalars()) if not objects else set(objects)  # fmt: skip
    bundles = {bundle.sha256 for text in signed_ones for bundle in parse_index(text.encode("utf-8")).bundles}
    gone = sorted(bundles | (mine - kept))
    for sha256 in gone:
        store.delete(sha256)
    for one in touched:
        trees.forget(hub, one.manifest)
    # Whoever needs one of them for something else is asked for it again.
    for at in range(0, len(gone), _AT_ONCE):
        some = gone[at : at + _AT_ONCE]
        hub.database.change(partial(_forget, names=some))


def _forget(connection: Connection, names: list[str]) -> None:
    for table_of in (pieces, pushed_files):
        connection.execute(delete(table_of).where(table_of.c.sha256.in_(names)))
