"""Lessons that schools offered and that were verified: the list, how far each is, who looks at it, what was said.

    received → review → accepted | returned | refused

``replaced`` is a version after which a newer one came, ``withdrawn`` one that its teacher took back. Every step is a line of the
history, which nobody changes, and one of the audit. Words with *told* are for the teacher: the school's box asks for them.
Functions that change something take the database's connection, so that a page does it in one transaction with what it does
beside; they raise NotPossible for a step that does not fit, GoneLesson for an arrival that is not there.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from edubox.hub import audit
from edubox.hub.errors import GoneLesson, NotPossible
from edubox.hub.tables import arrival_files, arrivals, pushes, remarks

if TYPE_CHECKING:
    from edubox.hub.intake.checking import Box
    from edubox.sync.letter import Letter

RECEIVED, REVIEW, ACCEPTED, RETURNED, REFUSED = "received", "review", "accepted", "returned", "refused"
REPLACED, WITHDRAWN = "replaced", "withdrawn"
#: States in which somebody may still decide, and those that a newer version ends.
UNDER_WAY = (RECEIVED, REVIEW)
_ENDED_BY_NEWER = (RECEIVED, REVIEW, RETURNED)
STATES = (RECEIVED, REVIEW, ACCEPTED, RETURNED, REFUSED, REPLACED, WITHDRAWN)
#: Characters of a remark; lines of a page of the list at most; versions that a box hears of.
WORDS, MOST, TOLD = 4000, 200, 200
#: Characters of a language tag that are kept.
LANGUAGE = 35


@dataclass(frozen=True, slots=True)
class Arrival:
    """A line of the list. *publisher* is the school in the directory (or its ``local/…``), times are seconds since 1970."""

    id: int
    publisher: str
    authority: str
    label: str
    slug: str
    version: int
    manifest: str
    name: str
    language: str
    author: str
    size: int
    arrived: int
    changed: int
    state: str
    reviewer: str
    box: str
    push: str

    @property
    def address(self) -> str:
        """The lesson's address at its school."""
        return f"{self.publisher}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of the history; *what* is one of arrived, assigned, remark, returned, accepted, refused, published, failed, replaced, withdrawn, recalled."""

    at: int
    actor: str
    what: str
    words: str
    told: bool


_COLUMNS = [arrivals.c[name] for name in Arrival.__dataclass_fields__]


def arrive(connection: Connection, push: str, box: Box, letter: Letter, findings: str, now: int) -> int:
    """Enter a verified lesson; what its school offered of it before and nobody decided about is replaced. Returns its id."""
    index = letter.index
    older = select(arrivals.c.id).where(
        (arrivals.c.box == box.local) & (arrivals.c.slug == letter.slug) & (arrivals.c.version < index.version)
        & arrivals.c.state.in_(_ENDED_BY_NEWER)
    )  # fmt: skip
    for (number,) in connection.execute(older).all():
        _set(connection, number, REPLACED, now)
        _note(connection, number, now, "system", "replaced", f"version {index.version}")
    made = connection.execute(insert(arrivals).values(
        push=push, box=box.local, publisher=box.id or box.local, authority=box.authority, label=box.label, slug=letter.slug,
        version=index.version, manifest=letter.manifest.id, name=letter.manifest.name, language=letter.manifest.language[:LANGUAGE],
        author=index.author or "", size=index.size, arrived=now, changed=now, state=RECEIVED, reviewer="", findings=findings,
        signed=index.to_bytes().decode("utf-8"),
    ))  # fmt: skip
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    files = {file.sha256: file.size for file in letter.manifest.files}
    lines = [{"arrival": number, "sha256": sha256, "size": size} for sha256, size in files.items()]
    if lines:
        connection.execute(insert(arrival_files), lines)
    _note(connection, number, now, f"box:{box.id or box.local}", "arrived", f"version {index.version}")
    return number


def listed(
    connection: Connection, authority: str = "", states: Sequence[str] = UNDER_WAY, reviewer: str | None = None,
    limit: int = 50, offset: int = 0,
) -> list[Arrival]:  # fmt: skip
    """The arrivals of *authority* (all if empty) in *states* (all if empty), those first that wait the longest.

    *reviewer*: only theirs; "" only those that nobody took.
    """
    found = _chosen(select(*_COLUMNS), authority, states, reviewer)
    rows = connection.execute(
        found.order_by(arrivals.c.arrived, arrivals.c.id).limit(min(limit, MOST)).offset(offset)
    )
    return [Arrival(*row) for row in rows]


def count(
    connection: Connection,
    authority: str = "",
    states: Sequence[str] = UNDER_WAY,
    reviewer: str | None = None,
) -> int:
    """How many ``listed`` would give without a limit."""
    found = _chosen(select(func.count()).select_from(arrivals), authority, states, reviewer)
    return int(connection.execute(found).scalar_one())


def get(connection: Connection, number: int) -> Arrival:
    """The arrival *number*. Raises GoneLesson."""
    row = connection.execute(select(*_COLUMNS).where(arrivals.c.id == number)).first()
    if row is None:
        raise GoneLesson(what=f"The lesson {number}")
    return Arrival(*row)


def history(connection: Connection, number: int) -> list[Remark]:
    """All that happened to the arrival *number*, oldest first."""
    rows = connection.execute(select(remarks).where(remarks.c.arrival == number).order_by(remarks.c.id))
    return [Remark(row.at, row.actor, row.what, row.words, bool(row.told)) for row in rows]


def versions(connection: Connection, one: Arrival) -> list[Arrival]:
    """Every version of the same lesson that ever arrived, the newest first."""
    same = (arrivals.c.box == one.box) & (arrivals.c.slug == one.slug)
    rows = connection.execute(
        select(*_COLUMNS).where(same).order_by(arrivals.c.version.desc(), arrivals.c.id.desc()).limit(MOST)
    )
    return [Arrival(*row) for row in rows]


def assign(connection: Connection, number: int, actor: str, reviewer: str, now: int) -> None:
    """*reviewer* (a login; "" for nobody) looks at it from now on. Raises NotPossible, GoneLesson."""
    one = _under_way(connection, number)
    state = REVIEW if reviewer else one.state
    values = {"reviewer": reviewer, "state": state, "changed": now}
    connection.execute(update(arrivals).where(arrivals.c.id == number).values(**values))
    _say(connection, one, now, actor, "assigned", reviewer)


def remark(connection: Connection, number: int, actor: str, words: str, now: int) -> None:
    """Keep a remark that other reviewers read, and no school. Raises NotPossible (no words), GoneLesson."""
    _say(connection, get(connection, number), now, actor, "remark", _words(words))


def give_back(connection: Connection, number: int, actor: str, words: str, now: int) -> None:
    """Ask the teacher for changes; they read *words* on the school's desk. Raises NotPossible, GoneLesson."""
    _decide(connection, number, actor, RETURNED, "returned", words, now)


def refuse(connection: Connection, number: int, actor: str, words: str, now: int) -> None:
    """The lesson is not taken, for the reason in *words*, which its teacher reads. Raises NotPossible, GoneLesson."""
    _decide(connection, number, actor, REFUSED, "refused", words, now)


def accepted(connection: Connection, number: int, actor: str, words: str, now: int, address: str) -> Arrival:
    """It is taken into the collection at *address*; for ``accept``, which publishes it. Raises NotPossible, GoneLesson."""
    one = get(connection, number)
    if one.state not in {*UNDER_WAY, ACCEPTED}:
        raise NotPossible(reason=f"this lesson is {one.state}")
    _set(connection, number, ACCEPTED, now)
    said = words.replace("\0", "").strip()[:WORDS]
    _say(connection, one, now, actor, "accepted", f"{address}{': ' if said else ''}{said}", told=False)
    if said:
        _note(connection, number, now, actor, "remark", said, told=True)
    return one


def note(
    connection: Connection, number: int, actor: str, what: str, words: str, now: int, *, told: bool = False
) -> None:
    """A line of the history and of the audit for what others did with the arrival (published, failed, recalled).

    *told*: its teacher reads *words*.
    """
    _say(connection, get(connection, number), now, actor, what, words, told=told)


def take_back(connection: Connection, box: str, slug: str, actor: str, now: int) -> int:
    """The teacher took the offer of *slug* back: what nobody decided about yet is withdrawn. Returns how many."""
    rows = connection.execute(
        select(*_COLUMNS).where(
            (arrivals.c.box == box) & (arrivals.c.slug == slug) & arrivals.c.state.in_(_ENDED_BY_NEWER)
        )
    ).all()
    for row in rows:
        _set(connection, row.id, WITHDRAWN, now)
        _say(connection, Arrival(*row), now, actor, "withdrawn", "")
    return len(rows)


def offered_again(connection: Connection, push: str, actor: str, now: int) -> bool:
    """The offer *push* comes again, byte for byte: if its teacher had taken it back, it waits for a reviewer anew.

    False: that was so long ago that its files have gone. Then the offer is known no more, and begins as a new one.
    """
    row = connection.execute(
        select(*_COLUMNS).where((arrivals.c.push == push) & (arrivals.c.state == WITHDRAWN))
    ).first()
    if row is None:
        return True
    if not connection.execute(select(pushes.c.letter).where(pushes.c.id == push)).scalar():
        apart = {"push": secrets.token_hex(16)}
        connection.execute(update(arrivals).where(arrivals.c.id == row.id).values(**apart))
        connection.execute(delete(pushes).where(pushes.c.id == push))
        return False
    _set(connection, row.id, RECEIVED, now)
    _say(connection, Arrival(*row), now, actor, "arrived", "")
    return True


def told(connection: Connection, box: str) -> list[dict[str, Any]]:
    """What the school's box may hear: its newest offer of each lesson, with state and the words for its teacher."""
    rows = connection.execute(
        select(*_COLUMNS).where((arrivals.c.box == box) & (arrivals.c.state != WITHDRAWN))
        .order_by(arrivals.c.version.desc(), arrivals.c.id.desc()).limit(5 * TOLD)
    )  # fmt: skip
    newest: dict[str, Arrival] = {}
    for row in rows:
        newest.setdefault(row.slug, Arrival(*row))
    found = []
    for one in list(newest.values())[:TOLD]:
        words = connection.execute(
            select(remarks.c.words)
            .where((remarks.c.arrival == one.id) & (remarks.c.told == 1))
            .order_by(remarks.c.id)
        ).scalars()
        state = RECEIVED if one.state == REPLACED else one.state
        found.append({"slug": one.slug, "version": one.version, "state": state, "comments": list(words)})
    return sorted(found, key=lambda each: str(each["slug"]))


def _chosen(found: Select[Any], authority: str, states: Sequence[str], reviewer: str | None) -> Select[Any]:
    if authority:
        found = found.where(arrivals.c.authority == authority)
    if states:
        found = found.where(arrivals.c.state.in_(states))
    return found if reviewer is None else found.where(arrivals.c.reviewer == reviewer)


def _under_way(connection: Connection, number: int) -> Arrival:
    one = get(connection, number)
    if one.state not in UNDER_WAY:
        raise NotPossible(reason=f"this lesson is {one.state}")
    return one


def _decide(
    connection: Connection, number: int, actor: str, state: str, what: str, words: str, now: int
) -> None:
    one = _under_way(connection, number)
    said = _words(words)
    _set(connection, number, state, now)
    _say(connection, one, now, actor, what, said, told=True)


def _words(words: str) -> str:
    said = words.replace("\0", "").strip()
    if not said:
        raise NotPossible(reason="say it in words: the teacher, or your colleagues, will read them")
    return said[:WORDS]


def _set(connection: Connection, number: int, state: str, now: int) -> None:
    connection.execute(update(arrivals).where(arrivals.c.id == number).values(state=state, changed=now))


def _note(
    connection: Connection, number: int, now: int, actor: str, what: str, words: str, *, told: bool = False
) -> None:
    values = {"arrival": number, "at": now, "actor": actor, "what": what, "words": words, "told": int(told)}
    connection.execute(insert(remarks).values(**values))


def _say(
    connection: Connection, one: Arrival, now: int, actor: str, what: str, words: str, *, told: bool = False
) -> None:
    _note(connection, one.id, now, actor, what, words, told=told)
    audit.write(connection, now, actor, f"lesson-{what}", one.address, f"version {one.version}: {words}" if words else f"version {one.version}")  # fmt: skip
