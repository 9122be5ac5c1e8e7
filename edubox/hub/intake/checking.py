"""The look at an offer that is whole, as a job of the queue: nobody sees a lesson before this has said yes.

Files that came in pieces are put together and hashed on the way; the letter is verified again, against what the directory says
now; the bundle is unpacked into a folder that goes away, within the limits that the signed index sets and our own; films are
compared with the manifest, piece by piece. Then the lists of what was erased and recalled. What fails by its content is refused
with its sentence, and its bytes leave with the next collection; what fails because a disk or a database is away is raised, and the
queue tries again. A job that runs twice, or dies in the middle, makes one arrival.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select, update

from edubox.errors import BadInput, EduboxError, NoRoom, NotTrusted, Unreachable
from edubox.hub import audit
from edubox.hub.errors import DatabaseAway, NotEnrolled, NotProven, Refused, WrongHash
from edubox.hub.hub import Hub
from edubox.hub.intake import pushes, shelf
from edubox.hub.review import arrivals, findings
from edubox.hub.tables import boxes, pieces, push_needs, pushed_files, recalls
from edubox.hub.tables import pushes as push_table
from edubox.pack.bundle import unpack_bundle
from edubox.pack.erasure import Erasure
from edubox.pack.erasure import parse as parse_erasure
from edubox.pack.pieces import PieceHasher
from edubox.store.platform import ensure_room
from edubox.sync.letter import Letter
from edubox.sync.local import media_of
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch

#: The state of a box that may offer (``enrol.boxes``).
ACCEPTED = "accepted"
#: Blocks of a file that is copied, in bytes.
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Box:
    """The box that sent an offer, as the database knows it now; see ``pushes.Sender``."""

    local: str
    id: str
    keyid: str
    label: str
    authority: str
    state: str


def check(hub: Hub, push: str) -> str:
    """Look at the offer *push*; returns its state. Raises what is worth another try: DatabaseAway, Unreachable, NoRoom."""
    with hub.database.read() as connection:
        row = connection.execute(select(push_table).where(push_table.c.id == push)).first()
        if row is None or row.state != pushes.CHECKING:
            return "" if row is None else str(row.state)
        box = box_of(connection, row.box)
    if lost := _lost(hub, push, row.box):
        return hub.database.change(lambda connection: _begin_anew(connection, row, lost))
    try:
        if box is None or box.state != ACCEPTED:
            raise NotEnrolled(state="" if box is None else box.state)
        letter = pushes.read(box, shelf.of(hub).read(row.letter))
        for sha256, size in _unfinished(hub, push, box.local):
            _put_together(hub, box.local, sha256, size)
        proven = pushes.prove(hub, box, letter)
        _refuse_erased(letter, proven.erased, "its school erased it")
        _refuse_erased(letter, recalled(hub), "it was recalled")
        ensure_room(
            hub.data, 3 * letter.index.size + letter.index.size // 2, len(letter.manifest.files) + 100
        )
        with shelf.work_folder(hub, "checking") as folder:
            said = _unpack(hub, letter, folder)
    except (DatabaseAway, Unreachable, NoRoom):
        raise
    except (Refused, BadInput, NotTrusted) as error:
        why = error
        return hub.database.change(lambda connection: _refuse(connection, row, why, hub))
    shelf.of(hub).put(letter.manifest.id, letter.manifest.to_bytes())

    def arrive(connection: Connection) -> str:
        now = hub.now()
        here = connection.execute(select(push_table.c.state).where(push_table.c.id == push)).scalar()
        if here != pushes.CHECKING:
            return str(here)
        connection.execute(
            update(push_table).where(push_table.c.id == push).values(state=pushes.DONE, changed=now)
        )
        pushes.remember(connection, box.local, proven, now)
        arrivals.arrive(connection, push, box, letter, said, now)
        audit.write(connection, now, f"box:{box.id or box.local}", "offer", f"{box.id or box.local}/{letter.slug}", f"version {letter.index.version}")  # fmt: skip
        return pushes.DONE

    return hub.database.change(arrive)


def recalled(hub: Hub) -> Erasure:
    """What must be nowhere: the ministry's list in the hub's own mirror, and what an officer asked for and no key signed yet."""
    signed = Directory(FolderFetch(hub.mirror)).recall_list()
    known = parse_erasure(signed) if signed else Erasure()
    with hub.database.read() as connection:
        for row in connection.execute(select(recalls.c.manifest, recalls.c.objects)):
            objects = frozenset(json.loads(row.objects))
            known |= Erasure(
                frozenset() if objects or not row.manifest else frozenset({row.manifest}), objects
            )
    return known


def box_of(connection: Connection, local: str) -> Box | None:
    """The box that writes the repository *local*, None if there is none."""
    row = connection.execute(select(boxes).where(boxes.c.local == local)).first()
    if row is None:
        return None
    return Box(row.local, row.publisher, row.keyid, row.school or row.label, row.authority, row.state)


def _unfinished(hub: Hub, push: str, box: str) -> list[tuple[str, int]]:
    """Files of the offer that came in pieces and are not one file yet."""
    with hub.database.read() as connection:
        rows = connection.execute(
            select(pushed_files.c.sha256, pushed_files.c.size)
            .join(push_needs, push_needs.c.sha256 == pushed_files.c.sha256)
            .where((push_needs.c.push == push) & (pushed_files.c.box == box) & (pushed_files.c.whole == 0))
        )
        return [(row.sha256, row.size) for row in rows]


def _lost(hub: Hub, push: str, box: str) -> list[str]:
    """Files of the offer that the database knows as whole, or in pieces, and the store has not: a disk was replaced."""
    store = shelf.of(hub)
    with hub.database.read() as connection:
        rows = connection.execute(
            select(pushed_files.c.sha256, pushed_files.c.size, pushed_files.c.whole)
            .join(push_needs, push_needs.c.sha256 == pushed_files.c.sha256)
            .where((push_needs.c.push == push) & (pushed_files.c.box == box))
        ).all()
        parts = connection.execute(
            select(pieces.c.sha256, pieces.c.hash, pieces.c.size)
            .join(push_needs, push_needs.c.sha256 == pieces.c.sha256)
            .where((push_needs.c.push == push) & (pieces.c.box == box))
        ).all()
    lost = {row.sha256 for row in rows if row.whole and not store.has(row.sha256, row.size)}
    return sorted(lost | {one.sha256 for one in parts if not store.has(one.hash, one.size)})


def _begin_anew(connection: Connection, row: Any, lost: list[str]) -> str:
    """The box is asked for what was lost."""
    for sha256 in lost:
        pushes.forget_file(connection, row.box, sha256)
    connection.execute(update(push_table).where(push_table.c.id == row.id).values(state=pushes.OPEN))
    return pushes.OPEN


def _put_together(hub: Hub, box: str, sha256: str, size: int) -> None:
    """Make one file of its pieces. Raises WrongHash, and then it begins anew; NoRoom, Unreachable, DatabaseAway."""
    store = shelf.of(hub)
    with hub.database.read() as connection:
        rows = connection.execute(
            select(pieces.c.begin, pieces.c.size, pieces.c.hash)
            .where((pieces.c.box == box) & (pieces.c.sha256 == sha256)).order_by(pieces.c.begin)
        ).all()  # fmt: skip

    def blocks() -> Iterator[bytes]:
        for row in rows:
            yield store.read(row.hash)

    in_order = all(row.begin == sum(one.size for one in rows[:number]) for number, row in enumerate(rows))
    try:
        store.put_all(sha256, blocks() if in_order else iter(()), size)
    except WrongHash:
        hub.database.change(lambda connection: pushes.forget_file(connection, box, sha256))
        raise

    def whole(connection: Connection) -> None:
        at = (pushed_files.c.box == box) & (pushed_files.c.sha256 == sha256)
        connection.execute(update(pushed_files).where(at).values(whole=1))
        connection.execute(delete(pieces).where((pieces.c.box == box) & (pieces.c.sha256 == sha256)))

    hub.database.change(whole)


def _unpack(hub: Hub, letter: Letter, folder: Path) -> str:
    """Unpack the lesson of *letter* into *folder*; what the checks say of it, as JSON. Raises BadInput and its kin."""
    objects = folder / "objects"
    objects.mkdir()
    full: Any = letter.index.full
    store = shelf.of(hub)
    with store.open(full.sha256) as stream:
        facts = PieceHasher()
        while block := stream.read(_BLOCK):
            facts.update(block)
    if (facts.sha256, facts.size, facts.pieces) != (full.sha256, full.size, full.pieces):
        raise BadInput(reason="its bundle is not the one that was signed")
    with store.open(full.sha256) as stream:
        unpack_bundle(
            stream, objects, manifest=letter.index.manifest, manifest_size=letter.index.manifest_size,
            unpacked=full.unpacked, files=full.files,
        )  # fmt: skip
    for file in media_of(letter.manifest):
        hasher = PieceHasher()
        if file.size:
            with store.open(file.sha256) as stream, (objects / file.sha256).open("wb") as out:
                while block := stream.read(_BLOCK):
                    hasher.update(block)
                    out.write(block)
        else:
            (objects / file.sha256).touch()
        if (hasher.sha256, hasher.size, hasher.pieces) != (file.sha256, file.size, file.pieces):
            raise BadInput(reason=f"its file {file.path!r} is not the one that was signed")
    return json.dumps(findings.of(letter.manifest, objects, folder / "tree"), ensure_ascii=False)


def _refuse_erased(letter: Letter, erased: Erasure, why: str) -> None:
    if erased.covers(letter.manifest.id, (file.sha256 for file in letter.manifest.files)):
        raise NotProven(reason=f"this lesson, or a file of it, must be nowhere any more: {why}")


def _refuse(connection: Connection, row: Any, error: EduboxError, hub: Hub) -> str:
    now = hub.now()
    values = {"state": pushes.REFUSED, "code": error.code, "reason": str(error), "changed": now}
    connection.execute(update(push_table).where(push_table.c.id == row.id).values(**values))
    audit.write(
        connection, now, f"box:{row.box}", "offer-refused", f"{row.box}/{row.slug}", f"{error.code}: {error}"
    )
    return pushes.REFUSED
