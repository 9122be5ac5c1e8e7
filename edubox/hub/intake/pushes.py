"""How far each offer is: begun with a letter, filled with pieces, ended by the box, looked at by a job.

Every step may come twice, late or cut: what is asked again gets the same answer, a piece that is here is not stored again, one
that does not fit is told where the file ends. The database says what is here; a piece's bytes are in the store before that.
What a box sends counts for this box alone: nobody learns whether another school has sent the same film.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, delete, func, insert, select, update

from edubox.errors import EduboxError
from edubox.hub import queue
from edubox.hub.errors import BadOffer, Elsewhere, GoneLesson, NotWhole, OtherSchool, TooMuch, WrongHash
from edubox.hub.hub import Hub
from edubox.hub.intake import limits, proof, shelf
from edubox.hub.intake.proof import Proven
from edubox.hub.tables import pieces, push_needs, pushed_bytes, pushed_files, pushes, repositories
from edubox.sync import letter as letters
from edubox.sync.letter import Letter
from edubox.sync.local import media_of
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import Record

OPEN, CHECKING, DONE, REFUSED = "open", "checking", "done", "refused"
#: The kind of the job that looks at an offer; its key is the offer's id.
CHECK = "intake-check"
BUNDLE, OBJECT = "bundle", "object"
_DAY = 86_400


class Sender(Protocol):
    """The box that sends, as ``enrol.boxes.Box``: *local* is its repository's name, *id* the directory's or empty."""

    @property
    def local(self) -> str: ...  # noqa: D102
    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def keyid(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Begun:
    """An offer and what is missing of it, by SHA-256; *state* as of ``pushes``, *reason* why it was refused."""

    id: str
    state: str
    bundles: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """The answer that a box gets."""
        return {
            "push": self.id, "state": self.state, "reason": self.reason,
            "missing": {"bundles": self.bundles, "objects": self.objects},
        }  # fmt: skip


def begin(hub: Hub, box: Sender, body: bytes) -> Begun:
    """Hear the letter *body* of *box*. Raises BadOffer, OtherSchool, NotProven, TooMuch, DatabaseAway, NoRoom.

    The same offer gets the same id whenever it comes, and says what is still missing.
    """
    letter = read(box, body)
    proven = prove(hub, box, letter)
    now = hub.now()
    needs = _needs(letter)
    kept = hashlib.sha256(body).hexdigest()
    shelf.of(hub).put(kept, body)

    def work(connection: Connection) -> Begun:
        known = connection.execute(select(pushes.c.state).where(pushes.c.id == letter.id)).scalar()
        if known in {CHECKING, DONE}:
            return Begun(letter.id, known)
        if known is None:
            _ensure_few(connection, box)
            connection.execute(insert(pushes).values(
                id=letter.id, box=box.local, slug=letter.slug, state=OPEN, code="", reason="", begun=now, changed=now,
                version=letter.index.version, manifest=letter.manifest.id, size=sum(size for size, _ in needs.values()),
                letter=kept,
            ))  # fmt: skip
            connection.execute(insert(push_needs), [
                {"push": letter.id, "sha256": sha256, "size": size, "kind": kind} for sha256, (size, kind) in needs.items()
            ])  # fmt: skip
        else:
            # The school may have signed anew since, or the hub refused what is right now.
            connection.execute(
                update(pushes).where(pushes.c.id == letter.id)
                .values(state=OPEN, code="", reason="", changed=now, letter=kept)
            )  # fmt: skip
        remember(connection, box.local, proven, now)
        return _begun(connection, box.local, letter.id)

    return hub.database.change(work)


def read(box: Sender, body: bytes) -> Letter:
    """The letter *body*, if *box* may send such a one. Raises BadOffer, OtherSchool."""
    try:
        letter = letters.read(body)
    except EduboxError as error:
        raise BadOffer(reason=_inner(error)) from None
    if letter.publisher != box.local:
        raise OtherSchool(own=box.local, other=letter.publisher)
    full: Any = letter.index.full
    if letter.manifest.size > limits.LESSON or full.size > limits.LESSON:
        raise BadOffer(reason=f"a lesson has at most {limits.LESSON // limits.MB} MB here")
    if len(letter.manifest.files) > limits.FILES:
        raise BadOffer(reason=f"a lesson has at most {limits.FILES} files here")
    if full.unpacked > min(limits.UNPACKED, max(limits.RATIO_ABOVE, limits.RATIO * full.size)):
        raise BadOffer(reason=f"{full.unpacked} bytes would come out of a bundle of {full.size}")
    return letter


def prove(hub: Hub, box: Sender, letter: Letter) -> Proven:
    """Verify *letter* against the directory and what was verified before. Raises NotProven, NoRoom, DatabaseAway."""
    with hub.database.read() as connection:
        known = connection.execute(
            select(repositories.c.files).where(repositories.c.box == box.local)
        ).scalar()
    return proof.prove(
        letter, box.keyid, record_of(hub, box.id), proof.load(known) if known else {}, hub.clock()
    )


def record_of(hub: Hub, publisher: str) -> Record | None:
    """What the directory in the hub's mirror says of *publisher*; None if it says nothing. Raises MissingFile, NotTrusted."""
    if not publisher:
        return None
    return Directory(FolderFetch(hub.mirror)).record(publisher)


def remember(connection: Connection, box: str, proven: Proven, now: int) -> None:
    """From now on nothing older than *proven* is taken from *box*."""
    known = connection.execute(select(repositories.c.version).where(repositories.c.box == box)).scalar()
    values = {"version": proven.version, "changed": now, "files": proof.dump(proven.files)}
    if known is None:
        connection.execute(insert(repositories).values(box=box, **values))
    elif known < proven.version:
        connection.execute(update(repositories).where(repositories.c.box == box).values(**values))


def reached(hub: Hub, box: Sender, push: str, sha256: str) -> int:
    """How many bytes of a file of this offer are here. Raises GoneLesson, DatabaseAway."""
    with hub.database.read() as connection:
        _need(connection, box, push, sha256)
        return _reached(connection, box.local, sha256)[0]


def take(
    hub: Hub, box: Sender, push: str, sha256: str, offset: int, data: bytes, *, counted: bool = True
) -> int:  # fmt: skip
    """Keep *data*, the file's bytes from *offset* on; returns how many bytes of it are here now.

    What an operator takes out of a courier is not *counted* for the day.

    Raises GoneLesson (no such offer, or it is not open), BadOffer, Elsewhere, WrongHash, TooMuch, NoRoom, DatabaseAway.
    """
    now = hub.now()
    with hub.database.read() as connection:
        size = _need(connection, box, push, sha256)
        here, whole = _reached(connection, box.local, sha256)
        if not data or len(data) > limits.PIECE or offset < 0 or offset + len(data) > size:
            raise BadOffer(reason=f"a piece has 1 to {limits.PIECE} bytes and lies within its file")
        if whole or offset + len(data) <= here:
            return here
        if offset != here:
            raise Elsewhere(offset=here)
        if counted:
            _ensure_allowed(connection, box.local, len(data), now)
    digest = hashlib.sha256(data).hexdigest()
    alone = offset == 0 and len(data) == size
    if alone and digest != sha256:
        raise WrongHash(sha256=sha256)
    shelf.of(hub).put(digest, data)
    return hub.database.change(
        lambda connection: _note(
            connection, box.local, (sha256, size), (offset, len(data), digest), now, alone=alone
        )
    )


def _note(
    connection: Connection, box: str, file: tuple[str, int], piece: tuple[int, int, str], now: int, *, alone: bool
) -> int:  # fmt: skip
    """Write down that a piece is here, unless somebody was faster; the bytes of the file that are here."""
    (sha256, size), (offset, length, digest) = file, piece
    here, whole = _reached(connection, box, sha256)
    if whole or here > offset:
        return here
    if here != offset:
        raise Elsewhere(offset=here)
    at = (pushed_files.c.box == box) & (pushed_files.c.sha256 == sha256)
    values = {"reached": offset + length, "whole": int(alone), "changed": now}
    if not connection.execute(update(pushed_files).where(at).values(**values)).rowcount:
        connection.execute(insert(pushed_files).values(box=box, sha256=sha256, size=size, **values))
    if not alone:
        connection.execute(
            insert(pieces).values(box=box, sha256=sha256, begin=offset, size=length, hash=digest)
        )
    day = now // _DAY
    today = (pushed_bytes.c.box == box) & (pushed_bytes.c.day == day)
    counted = update(pushed_bytes).where(today).values(size=pushed_bytes.c.size + length)
    if not connection.execute(counted).rowcount:
        connection.execute(insert(pushed_bytes).values(box=box, day=day, size=length))
    return offset + length


def end(hub: Hub, box: Sender, push: str) -> Begun:
    """All is here, says *box*: a job looks at it. Raises GoneLesson, NotWhole, DatabaseAway."""
    now = hub.now()

    def work(connection: Connection) -> Begun:
        row = _push(connection, box, push)
        if row.state != OPEN:
            return Begun(push, row.state, reason=row.reason)
        begun = _begun(connection, box.local, push)
        if missing := len(begun.bundles) + len(begun.objects):
            raise NotWhole(count=missing)
        connection.execute(update(pushes).where(pushes.c.id == push).values(state=CHECKING, changed=now))
        queue.put(connection, CHECK, push, {"push": push}, now)
        return Begun(push, CHECKING)

    return hub.database.change(work)


def give_up(connection: Connection, box: str, slug: str, now: int) -> int:
    """The teacher of *box* took back what is on its way of *slug*; how many offers that were. Offered again, it goes on."""
    mine = (pushes.c.box == box) & (pushes.c.slug == slug) & pushes.c.state.in_((OPEN, CHECKING))
    values = {"state": REFUSED, "code": "withdrawn", "reason": "Its teacher took it back.", "changed": now}
    return connection.execute(update(pushes).where(mine).values(**values)).rowcount


def state(hub: Hub, box: Sender, push: str) -> Begun:
    """How far an offer of *box* is. Raises GoneLesson, DatabaseAway."""
    with hub.database.read() as connection:
        row = _push(connection, box, push)
        if row.state == OPEN:
            return _begun(connection, box.local, push)
        return Begun(push, row.state, reason=row.reason)


def _needs(letter: Letter) -> dict[str, tuple[int, str]]:
    """The files that an offer consists of: SHA-256 → bytes and kind."""
    full: Any = letter.index.full
    objects = {file.sha256: (file.size, OBJECT) for file in media_of(letter.manifest) if file.size}
    return objects | {full.sha256: (full.size, BUNDLE)}


def _begun(connection: Connection, box: str, push: str) -> Begun:
    here = select(pushed_files.c.sha256).where(
        (pushed_files.c.box == box) & (pushed_files.c.reached == pushed_files.c.size)
    )
    rows = connection.execute(
        select(push_needs.c.sha256, push_needs.c.kind)
        .where((push_needs.c.push == push) & push_needs.c.sha256.not_in(here))
        .order_by(push_needs.c.size, push_needs.c.sha256)
    ).all()
    lists = {kind: [row.sha256 for row in rows if row.kind == kind] for kind in (BUNDLE, OBJECT)}
    return Begun(push, OPEN, lists[BUNDLE], lists[OBJECT])


def _push(connection: Connection, box: Sender, push: str) -> Any:
    row = connection.execute(
        select(pushes).where((pushes.c.id == push) & (pushes.c.box == box.local))
    ).first()
    if row is None:
        raise GoneLesson(what="This offer")
    return row


def _need(connection: Connection, box: Sender, push: str, sha256: str) -> int:
    """The size of a file of an open offer. Raises GoneLesson."""
    row = _push(connection, box, push)
    size = connection.execute(
        select(push_needs.c.size).where((push_needs.c.push == push) & (push_needs.c.sha256 == sha256))
    ).scalar()
    if size is None or row.state != OPEN:
        raise GoneLesson(what="A file of that name that this offer waits for")
    return int(size)


def _reached(connection: Connection, box: str, sha256: str) -> tuple[int, bool]:
    row = connection.execute(
        select(pushed_files.c.reached, pushed_files.c.whole).where(
            (pushed_files.c.box == box) & (pushed_files.c.sha256 == sha256)
        )
    ).first()
    return (0, False) if row is None else (int(row.reached), bool(row.whole))


def _ensure_few(connection: Connection, box: Sender) -> None:
    many = connection.execute(
        select(func.count()).select_from(pushes).where((pushes.c.box == box.local) & (pushes.c.state == OPEN))
    ).scalar_one()
    if many >= limits.OPEN:
        raise TooMuch(reason=f"{limits.OPEN} of its offers are under way", retry=3600)


def _ensure_allowed(connection: Connection, box: str, more: int, now: int) -> None:
    day = now // _DAY
    today = connection.execute(
        select(pushed_bytes.c.size).where((pushed_bytes.c.box == box) & (pushed_bytes.c.day == day))
    ).scalar()
    if (today or 0) + more > limits.DAY:
        raise TooMuch(reason=f"{limits.DAY // limits.MB} MB a day", retry=(day + 1) * _DAY - now)
    kept = connection.execute(
        select(func.sum(pushed_files.c.reached)).where(pushed_files.c.box == box)
    ).scalar()
    if int(kept or 0) + more > limits.KEPT:
        raise TooMuch(reason=f"{limits.KEPT // limits.MB} MB wait for somebody to look at them", retry=_DAY)


def forget_file(connection: Connection, box: str, sha256: str) -> None:
    """A file of *box* is not what it should be: it begins anew."""
    for table in (pieces, pushed_files):
        connection.execute(delete(table).where((table.c.box == box) & (table.c.sha256 == sha256)))


def _inner(error: EduboxError) -> str:
    return str(error.details.get("reason") or error).rstrip(".")
