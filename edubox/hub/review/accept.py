"""Taking a lesson into a collection: an index there that names the very same manifest, and says whose lesson it is.

``accept`` is the decision: the arrival is accepted and a line waits for publication. If the collection's writer key lies
unwrapped in the country's ``keys``, a job of the queue publishes at once, by the one publish job; else the line waits until somebody
gives the passphrase (``in_a_child``) or runs ``edubox hub publish`` with it, or with the stick that has the keys. A passphrase is
never kept. Publishing twice changes nothing, so a cut is repeated.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from edubox.errors import BadIdentifier, BadInput, EduboxError, NotFound, NotTrusted, WrongPassphrase
from edubox.hub import child, queue
from edubox.hub.errors import GoneLesson, NotPossible
from edubox.hub.hub import Hub
from edubox.hub.intake import shelf
from edubox.hub.review import arrivals, trees
from edubox.hub.review.arrivals import Arrival
from edubox.hub.tables import republications as table
from edubox.pack.edpack import BUNDLE, MANIFEST, OBJECTS, media
from edubox.pack.index import ALL, Index, check_times
from edubox.pack.index import parse as parse_index
from edubox.pack.names import check_publisher, check_slug, is_staff
from edubox.publishing.job import Publication, publish
from edubox.publishing.workplace import Workplace
from edubox.store.layout import PUBLISHERS, publisher_prefix
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import LOCAL, current

WAITING, QUEUED, PUBLISHED, FAILED = "waiting", "queued", "published", "failed"
PUBLISH = "publish"
#: Where the key of a collection is: unwrapped here, wrapped here, or elsewhere.
AT_HAND, WRAPPED, ELSEWHERE = "at hand", "wrapped", "elsewhere"
#: How the reason of a line begins whose passphrase was wrong.
_WRONG = WrongPassphrase.message.partition("{")[0]
_BLOCK = 1024 * 1024
#: Characters of the credit.
_CREDIT = 500
#: The longest that a part of the boxes may be alone with a version, days.
MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """When a lesson reaches whom. *not_before*: when pupils see it (as in ``pack.index``, UTC), empty for at once.

    *first* boxes in a thousand may take it as soon as it is public, all others *days* later; 1000 and 0: all at once. Days count
    from the publication, which may wait for a key: a date would have passed by then, and nobody would be first.
    """

    not_before: str = ""
    first: int = ALL
    days: int = 0

    def check(self) -> None:
        """Raise BadManifest or NotPossible unless an index can say this."""
        check_times(self.not_before or None, ())
        if (
            not 1 <= self.first <= ALL
            or not 0 <= self.days <= MOST_DAYS
            or (self.first < ALL) != (self.days > 0)
        ):
            raise NotPossible(reason="some boxes first, and the others after 1 to 60 days; or all at once")

    def stages(self, now: datetime, current: Index | None, manifest: str) -> tuple[tuple[str, int], ...]:
        """The stages of a version that is published at *now*; those of *current* if that is this very version, on this plan, already."""
        if self.first == ALL:
            return ()
        shares = (self.first, ALL)
        if (
            current is not None
            and current.manifest == manifest
            and tuple(share for _, share in current.stages) == shares
        ):
            return current.stages
        return tuple(
            (f"{moment:%Y-%m-%dT%H:%MZ}", share)
            for moment, share in zip((now, now + timedelta(days=self.days)), shares, strict=True)
        )


AT_ONCE = Plan()


@dataclass(frozen=True, slots=True)
class Collection:
    """A publisher whose repository lies in the hub's mirror; *key* is AT_HAND, WRAPPED or ELSEWHERE."""

    id: str
    key: str

    @property
    def authority(self) -> str:
        """The ministry or the academy that it belongs to."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Republication:
    """An accepted lesson on its way into a collection, or there; see ``tables.republications``."""

    id: int
    arrival: int
    publisher: str
    slug: str
    author: str
    source: str
    not_before: str
    first: int
    days: int
    state: str
    reason: str
    version: int
    asked: int
    asked_by: str
    changed: int

    @property
    def plan(self) -> Plan:
        """When it reaches whom."""
        return Plan(self.not_before, self.first, self.days)

    @property
    def address(self) -> str:
        """Where it is to be found."""
        return f"{self.publisher}/{self.slug}"


def collections(hub: Hub, authority: str = "") -> list[Collection]:
    """The collections of *authority* (all if empty) into which a lesson can be taken, in the order of their ids."""
    found = []
    for path in sorted((hub.mirror / PUBLISHERS).glob("*/*")):
        if path.parent.name != LOCAL and authority in {"", path.parent.name} and (path / "metadata").is_dir():
            publisher = f"{path.parent.name}/{path.name}"
            found.append(Collection(publisher, _key(hub.workplace, publisher)))
    return found


def accept(
    hub: Hub, number: int, actor: str, publisher: str, slug: str = "", words: str = "", author: str = "", plan: Plan = AT_ONCE
) -> Republication:  # fmt: skip
    """Take the arrival *number* into the collection *publisher*, as *slug* (its own if empty), on this *plan*.

    *words* are for its teacher, *author* is the credit (the lesson's own author and the school if empty). Raises NotPossible,
    GoneLesson, BadIdentifier, BadManifest (the plan's moment), DatabaseAway.
    """
    plan.check()
    if publisher not in {one.id for one in collections(hub)}:
        raise NotPossible(reason=f"there is no collection {publisher} in this hub's mirror")
    with hub.database.read() as connection:
        one = arrivals.get(connection, number)
    named = check_slug(slug or one.slug)
    if is_staff(named):
        raise BadIdentifier(value=named, reason="choose a name that is not one for teachers only")
    credit = (author.strip() or credit_of(one))[:_CREDIT]
    held = _key(hub.workplace, publisher) == AT_HAND
    now = hub.now()

    def work(connection: Connection) -> int:
        _ensure_free(hub, connection, one, publisher, named)
        arrivals.accepted(connection, number, actor, words, now, f"{publisher}/{named}")
        made = connection.execute(insert(table).values(
            arrival=number, publisher=publisher, slug=named, author=credit, source=one.address,
            not_before=plan.not_before, first=plan.first, days=plan.days, state=QUEUED if held else WAITING, reason="", version=0, asked=now, asked_by=actor, changed=now,
        ))  # fmt: skip
        republication = int(made.inserted_primary_key[0])  # type: ignore[index]
        if held:
            queue.put(connection, PUBLISH, str(republication), {"republication": republication}, now)
        return republication

    made = hub.database.change(work)
    with hub.database.read() as connection:
        return get(connection, made)


def credit_of(one: Arrival) -> str:
    """Who made it: the name that its index says, and its school."""
    return f"{one.author}, {one.label}" if one.author else one.label


def listed(
    connection: Connection, authority: str = "", states: tuple[str, ...] = (WAITING, QUEUED, FAILED), limit: int = 200,
    offset: int = 0, *, newest: bool = False,
) -> list[Republication]:  # fmt: skip
    """What is on its way into the collections of *authority* (all if empty), the oldest first or the *newest*.

    All states if *states* is empty.
    """
    order = (table.c.asked.desc(), table.c.id.desc()) if newest else (table.c.asked, table.c.id)
    found = select(table).order_by(*order).limit(limit).offset(offset)
    if states:
        found = found.where(table.c.state.in_(states))
    if authority:
        found = found.where(table.c.publisher.startswith(f"{authority}/", autoescape=True))
    return [Republication(*row) for row in connection.execute(found)]


def count(connection: Connection, authority: str = "") -> int:
    """How many lessons were ever taken into collections of *authority* (all if empty)."""
    found = select(func.count()).select_from(table)
    if authority:
        found = found.where(table.c.publisher.startswith(f"{authority}/", autoescape=True))
    return connection.scalar(found) or 0


def of_arrival(connection: Connection, number: int) -> list[Republication]:
    """Where the arrival *number* went."""
    rows = connection.execute(select(table).where(table.c.arrival == number).order_by(table.c.id))
    return [Republication(*row) for row in rows]


def get(connection: Connection, number: int) -> Republication:
    """The line *number*. Raises GoneLesson."""
    row = connection.execute(select(table).where(table.c.id == number)).first()
    if row is None:
        raise GoneLesson(what=f"The publication {number}")
    return Republication(*row)


def publish_one(
    hub: Hub, number: int, passphrase: str = "", keys: Path | None = None, now: datetime | None = None
) -> Republication:  # fmt: skip
    """Publish the line *number* with the collection's key, below *keys* if it is not the country's own folder.

    What is wrong with the lesson or the key is written down, and the line is FAILED, or WAITING for its key; raises what is
    worth another try (NoRoom, Busy, StoreAway, DatabaseAway), and GoneLesson.
    """
    with hub.database.read() as connection:
        one = get(connection, number)
        arrival = arrivals.get(connection, one.arrival)
    if one.state == PUBLISHED:
        return one
    try:
        _refuse_recalled(hub, arrival)
        with shelf.work_folder(hub, "publish") as work:
            lesson = _edpack(hub, arrival, work / "lesson.edpack")
            workplace = hub.workplace if keys is None else Workplace.beside(hub.mirror, keys)
            when = now or hub.clock()
            stages = one.plan.stages(when, _current(hub, one), arrival.manifest)
            what = Publication(
                one.publisher, one.slug, lesson, one.author, not_before=one.not_before or None, stages=stages, source=one.source
            )  # fmt: skip
            done = publish(what, workplace, passphrase, when)
    except (WrongPassphrase, NotFound) as error:
        return _end(hub, one, WAITING, str(error))
    except (BadInput, NotTrusted, GoneLesson, NotPossible) as error:
        return _end(hub, one, FAILED, str(error))
    return _end(hub, one, PUBLISHED, "", done.index.version)


def in_a_child(hub: Hub, number: int, passphrase: str = "") -> Republication:
    """Publish the line *number* in a process of its own: what signing and compressing take is given back.

    Raises WrongPassphrase, NotPossible when the child could not do it now; GoneLesson, DatabaseAway.
    """
    child.run(hub, ("hub", "publish", "--only", str(number)), passphrase)
    with hub.database.read() as connection:
        one = get(connection, number)
    if one.state == WAITING and one.reason.startswith(_WRONG):
        raise WrongPassphrase(path="")
    return one


def under_way(connection: Connection, number: int, now: int) -> bool:
    """Say that somebody publishes the line *number*, which waited; False if it did not wait. Raises GoneLesson."""
    one = get(connection, number)
    stuck = one.state == QUEUED and one.changed <= now - child.LONGEST
    if one.state != WAITING and not stuck:
        return False
    connection.execute(update(table).where(table.c.id == number).values(state=QUEUED, reason="", changed=now))
    return True


def wait_again(connection: Connection, number: int, reason: str, now: int) -> None:
    """What ``under_way`` said has ended without a publication, for *reason*."""
    mine = (table.c.id == number) & table.c.state.in_([QUEUED, WAITING])
    connection.execute(update(table).where(mine).values(state=WAITING, reason=reason, changed=now))


def again(connection: Connection, number: int, now: int) -> None:
    """Try a failed line once more. Raises GoneLesson, NotPossible."""
    one = get(connection, number)
    if one.state != FAILED:
        raise NotPossible(reason=f"this publication is {one.state}")
    connection.execute(update(table).where(table.c.id == number).values(state=QUEUED, reason="", changed=now))
    queue.put(connection, PUBLISH, str(number), {"republication": number}, now)


def _end(hub: Hub, one: Republication, state: str, reason: str, version: int = 0) -> Republication:
    now = hub.now()

    def work(connection: Connection) -> None:
        values: dict[str, Any] = {"state": state, "reason": reason, "version": version, "changed": now}
        # Two may have been at it: what is public stays so, whatever the slower one says, and is told once.
        open_still = (table.c.id == one.id) & (table.c.state != PUBLISHED)
        if not connection.execute(update(table).where(open_still).values(**values)).rowcount:
            return
        if state == PUBLISHED:
            if hub.in_bucket:
                queue.put(connection, "release", "release", {}, now)
            if hub.settings["site"]:
                queue.put(connection, "reading-site", "reading-site", {}, now)
            arrivals.note(
                connection, one.arrival, "system", "published", f"{one.address}, version {version}", now
            )
        elif state == FAILED:
            arrivals.note(connection, one.arrival, "system", "failed", f"{one.address}: {reason}", now)

    hub.database.change(work)
    with hub.database.read() as connection:
        return get(connection, one.id)


def _ensure_free(hub: Hub, connection: Connection, one: Arrival, publisher: str, slug: str) -> None:
    """Raise NotPossible if another lesson has this name in the collection."""
    names = set(connection.execute(
        select(table.c.source).where((table.c.publisher == publisher) & (table.c.slug == slug))
    ).scalars())  # fmt: skip
    theirs = {other.address for other in arrivals.versions(connection, one)} | {one.address}
    published = current(FolderFetch(hub.mirror), publisher, f"{slug}.json")
    if names - theirs or (published is not None and not names):
        raise NotPossible(reason=f"{publisher} has another lesson called {slug}; choose another name")


def _refuse_recalled(hub: Hub, one: Arrival) -> None:
    """Raise NotPossible if an officer has asked that this version, or a file of it, be nowhere, and no key signed it yet."""
    from edubox.hub.intake.checking import recalled

    manifest = trees.manifest_of(hub, one)
    if recalled(hub).covers(manifest.id, (file.sha256 for file in manifest.files)):
        raise NotPossible(reason="this lesson, or a file of it, was recalled or erased")


def _key(workplace: Workplace, publisher: str) -> str:
    place = workplace.keys / publisher_prefix(*check_publisher(publisher)) / "writer"
    try:
        return WRAPPED if "kdf" in json.loads(place.read_bytes()) else AT_HAND
    except (OSError, ValueError, TypeError):
        return ELSEWHERE


def _edpack(hub: Hub, one: Arrival, target: Path) -> Path:
    """The lesson file of an arrival: its own bundle and media, so that the collection has the very same bytes."""
    manifest, index = trees.manifest_of(hub, one), trees.index_of(hub, one)
    full: Any = index.full
    store = shelf.of(hub)
    with zipfile.ZipFile(target, "x", zipfile.ZIP_STORED) as archive:
        archive.writestr(MANIFEST, manifest.to_bytes())
        members = [(BUNDLE, full.sha256, full.size)]
        members += [(OBJECTS + sha256, sha256, file.size) for sha256, file in sorted(media(manifest).items())]
        for name, sha256, size in members:
            with archive.open(name, "w", force_zip64=size > 1 << 30) as out:
                if size:
                    with store.open(sha256) as stream:
                        shutil.copyfileobj(stream, out, _BLOCK)
    return target


def _current(hub: Hub, one: Republication) -> Index | None:
    """What the collection has under this name now; None if nothing that can be read."""
    try:
        data = current(FolderFetch(hub.mirror), one.publisher, f"{one.slug}.json")
        return None if data is None else parse_index(data)
    except EduboxError:
        return None
