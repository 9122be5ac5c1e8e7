"""The signing queue: records of schools that wait for their authority's key, and the one publication that many become.

A line is a record as it will be signed. Whoever signs sees the list first (``transcript``). ``sign`` works where the key is at
hand, ``offline`` where it is not; both end in ``release``: the chains of roots that the records pin, the records, the
authority's roles, snapshot and timestamp, all or nothing. Cut before the lines are noted as signed, the next run finds the
records in the directory and only notes it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from securesystemslib.signer import Signer
from sqlalchemy import Connection, insert, select, update

from edubox.errors import BadInput, NotFound, NotTrusted
from edubox.hub import audit, queue
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes, signing
from edubox.publishing.country import release_directory
from edubox.store.layout import metadata_path
from edubox.store.platform import write_atomic
from edubox.trust import directory, publisher
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import Record, parse, record_name

WAITING, SIGNED, DROPPED = "waiting", "signed", "dropped"
#: Lines that are signed at once: a publication is tried by two clients before it is one.
MOST = 5_000
#: Lines of which one statement speaks.
_AT_ONCE = 500
#: What a line does, in the words of the list that a person reads before signing.
WORDS = {
    "enter": "takes in", "replace": "gives to another box, the old one being lost", "new-key": "begins at a new key",
    "suspend": "suspends", "resume": "takes up again", "arrive": "takes over", "leave": "lets go",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One record that waits. *blocked*: another authority signs first."""

    id: int
    authority: str
    what: str
    record: Record
    #: Seconds since 1970 (UTC).
    asked: int
    asked_by: str
    blocked: bool = False


def record_of(box: Any) -> Record:
    """What the directory will say of the accepted *box*, a row of ``boxes``: the name is the one of the authority's list."""
    return Record(
        box.publisher, box.school or box.label, box.kind, box.root_version, box.root_sha256, epoch=box.epoch,
        moved_from=box.moved_from or None,
    )  # fmt: skip


def put(
    connection: Connection, record: Record, what: str, now: int, actor: str, after: int | None = None
) -> int:
    """Let *record* wait for the key of its authority, in place of an older line about it; returns the line's number."""
    old = (signing.c.publisher == record.id) & (signing.c.state == WAITING)
    dropped = list(connection.execute(select(signing.c.id).where(old)).scalars())
    connection.execute(update(signing).where(old).values(state=DROPPED))
    values = {
        "authority": record.id.partition("/")[0], "publisher": record.id, "what": what, "record": record.to_bytes().decode(),
        "state": WAITING, "asked": now, "asked_by": actor, "signed": None, "signed_by": "", "after": after,
    }  # fmt: skip
    added = connection.execute(insert(signing).values(**values))
    made = int(added.inserted_primary_key[0])  # type: ignore[index]
    # What waited for the older line waits for this one.
    connection.execute(update(signing).where(signing.c.after.in_(dropped)).values(after=made))
    return made


def waiting(hub: Hub, authority: str | None = None, limit: int = MOST) -> list[Line]:
    """What waits for the key of *authority* (None: of any), oldest first. Raises DatabaseAway."""
    wanted = select(signing).where(signing.c.state == WAITING).order_by(signing.c.id).limit(limit)
    if authority is not None:
        wanted = wanted.where(signing.c.authority == authority)
    with hub.database.read() as connection:
        rows = list(connection.execute(wanted))
        first = {row.after for row in rows if row.after is not None}
        ahead = select(signing.c.id).where(signing.c.id.in_(first), signing.c.state == WAITING)
        open_ones = set(connection.execute(ahead).scalars()) if first else set()
    return [_line(row, blocked=row.after in open_ones) for row in rows]


def of_ids(hub: Hub, ids: Sequence[int]) -> list[Line]:
    """The lines *ids*, which must all wait. Raises BadInput, DatabaseAway."""
    with hub.database.read() as connection:
        rows = [
            row
            for begin in range(0, len(ids), _AT_ONCE)
            for row in connection.execute(
                select(signing).where(signing.c.id.in_(ids[begin : begin + _AT_ONCE]))
            )
        ]
    if {row.id for row in rows} != set(ids) or any(row.state != WAITING for row in rows):
        raise BadInput(
            reason="some of these lines do not wait for a signature any more; export the list again"
        )
    return [_line(row) for row in sorted(rows, key=lambda row: row.id)]


def _waiting(hub: Hub, ids: Sequence[int]) -> set[int]:
    """Which of the lines *ids* wait. Raises DatabaseAway."""
    with hub.database.read() as connection:
        return {
            one
            for begin in range(0, len(ids), _AT_ONCE)
            for one in connection.execute(
                select(signing.c.id).where(
                    signing.c.id.in_(ids[begin : begin + _AT_ONCE]), signing.c.state == WAITING
                )
            ).scalars()
        }


def transcript(lines: Sequence[Line], now: datetime) -> str:
    """What a person reads before signing, and keeps: every line with its school, its repository's root and who asked."""
    told = [
        f"Signing list of {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {len(lines)} {'line' if len(lines) == 1 else 'lines'}"
    ]
    for line in lines:
        record = line.record
        told.append(
            f"  {line.id:>6}  {WORDS.get(line.what, line.what)}  {record.id}  “{record.label}”\n"
            f"          root {record.root_version}, {record.root_sha256[:16]}…, epoch {record.epoch}, {record.status}"
            f"{f' to {record.moved_to}' if record.moved_to else ''}{f' from {record.moved_from}' if record.moved_from else ''}"
            f"; asked by {line.asked_by} on {datetime.fromtimestamp(line.asked, UTC):%Y-%m-%d}"
            f"{'; WAITS for another authority' if line.blocked else ''}"
        )
    return "\n".join(told)


def sign(hub: Hub, signers: Mapping[str, Signer], lines: Sequence[Line], actor: str) -> list[str]:
    """Sign *lines* with *signers* (authority → its key) and publish them at once; returns the ids of the schools.

    Lines that do not wait any more are left out.

    Raises NotFound (no such authority, or no online keys), NotTrusted (another key than the authority's, or a box would refuse the
    directory), BadInput, Busy, NoRoom, DatabaseAway; then nothing is public.
    """
    now = hub.clock()
    workplace = hub.workplace
    with workplace.repository(directory.PREFIX):
        # Between the list and the passphrase others may have signed, or suspended a school whose older line is still on the list.
        still = _waiting(hub, [line.id for line in lines])
        ready = [line for line in lines if line.id in still and not line.blocked]
        listed = directory.Directory(FolderFetch(workplace.mirror))
        new = [line for line in ready if listed.record(line.record.id) != line.record]
        for authority in dict.fromkeys(line.authority for line in new):
            signer = signers.get(authority)
            if signer is None:
                raise NotFound(what=f"The key of the authority {authority}")
            ensure_key(listed, authority, signer)
            listed.enter_all([line.record for line in new if line.authority == authority], signer, now)
        release(hub, listed, new, now)
        note(hub, ready, actor)
    return [line.record.id for line in ready]


def ensure_key(listed: directory.Directory, authority: str, signer: Signer) -> None:
    """Raise NotTrusted unless *signer* is the key of *authority*, NotFound if the directory does not know it."""
    if signer.public_key.keyid not in listed.key_ids(authority):
        raise NotTrusted(
            reason=f"this key does not sign for {authority}: the ministry gave that to another one"
        )


def release(hub: Hub, listed: directory.Directory, lines: Sequence[Line], now: datetime) -> None:
    """Publish the changes of *listed*, which enter *lines*; the lock of the directory is held. Raises NotTrusted, NotFound, NoRoom."""
    if not lines:
        return
    for line in lines:
        _show_roots(hub, line.record)
    changed = {record_name(line.record.id): line.record.to_bytes() for line in lines}
    release_directory(hub.workplace, listed, changed, now)


def note(hub: Hub, lines: Sequence[Line], actor: str) -> None:
    """Note that *lines* are public. Raises DatabaseAway."""
    now = int(hub.clock().timestamp())

    def work(connection: Connection) -> None:
        for line in lines:
            mine = (signing.c.id == line.id) & (signing.c.state == WAITING)
            values = {"state": SIGNED, "signed": now, "signed_by": actor}
            if connection.execute(update(signing).where(mine).values(**values)).rowcount:
                said = line.record.root_sha256
                audit.write(connection, now, actor, f"sign.{line.what}", line.record.id, said)
        if hub.in_bucket and lines:
            queue.put(connection, "release", "release", {}, now)

    hub.database.change(work)


def _show_roots(hub: Hub, record: Record) -> None:
    """Put the roots of the school into the mirror: a client begins at the pinned one and goes on from there."""
    with hub.database.read() as connection:
        box = connection.execute(select(boxes.c.roots).where(boxes.c.publisher == record.id)).scalar()
    where = publisher.prefix(record.id)
    for version, root in enumerate(json.loads(box or "[]"), start=1):
        data = base64.b64decode(root)
        path = hub.workplace.mirror / metadata_path(where, "root", version)
        if not path.exists() or path.read_bytes() != data:
            write_atomic(path, data)


def _line(row: Any, *, blocked: bool = False) -> Line:
    record = parse(row.record.encode(), row.publisher)
    return Line(row.id, row.authority, row.what, record, row.asked, row.asked_by, blocked)
