"""Who did what: lines that are only ever added, each sealed by the hash of the one before.

``write`` runs in the transaction of what it tells of, so neither is there without the other. A line that was changed, taken
out or put in breaks the chain, and ``verify`` says where. Lines that were taken off the end break it too, unless the
thief of the database also wrote the note of the last line anew: against that, somebody writes down a *head* (number and
hash) now and then, outside the hub, and gives it to ``verify`` later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select, update

from edubox.errors import BadInput
from edubox.hub.database import Database
from edubox.hub.errors import BrokenAudit
from edubox.hub.tables import about, audit

#: What stands before the first line.
BEGINNING = "0" * 64
#: The line of ``about`` that tells the last number and hash.
HEAD = "audit"
#: Bytes of what happened; more is cut.
LONGEST = 4000
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody did; *at* in seconds since 1970."""

    number: int
    at: int
    actor: str
    action: str
    subject: str
    detail: str
    previous: str
    hash: str


def write(connection: Connection, at: int, actor: str, action: str, subject: str, detail: str = "") -> Line:
    """Add a line. *at* is seconds since 1970; *actor* a login name, ``box:<id>``, ``token:<label>`` or ``system``."""
    number, previous = _head(connection)
    line = sealed(number + 1, at, actor[:200], action[:60], subject[:200], detail[:LONGEST], previous)
    # The note first: two who write at once meet there, and the slower one begins anew.
    note = f"{line.number}:{line.hash}"
    if number:
        connection.execute(update(about).where(about.c.key == HEAD).values(value=note))
    else:
        connection.execute(insert(about).values(key=HEAD, value=note))
    connection.execute(insert(audit).values(**_values(line)))
    return line


def sealed(number: int, at: int, actor: str, action: str, subject: str, detail: str, previous: str) -> Line:
    """A line with its hash: SHA-256 of its other fields as a JSON list without spaces, in UTF-8."""
    content = json.dumps(
        [number, at, actor, action, subject, detail, previous], ensure_ascii=False, separators=(",", ":")
    )
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return Line(number, at, actor, action, subject, detail, previous, digest)


def head(connection: Connection) -> str:
    """Number and hash of the last line, ``0:000…`` when there is none: what somebody writes down."""
    number, last = _head(connection)
    return f"{number}:{last}"


def lines(
    connection: Connection, *, before: int | None = None, subject: str | None = None, limit: int = 100
) -> list[Line]:
    """The newest lines first; those with a number below *before*, about *subject*."""
    wanted = select(audit).order_by(audit.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(audit.c.number < before)
    if subject is not None:
        wanted = wanted.where(audit.c.subject == subject)
    return [_line(row) for row in connection.execute(wanted)]


def every(connection: Connection) -> Iterator[Line]:
    """All lines, the oldest first, a page at a time in memory."""
    last = 0
    while True:
        rows = connection.execute(
            select(audit).where(audit.c.number > last).order_by(audit.c.number).limit(_PAGE)
        ).all()
        yield from (_line(row) for row in rows)
        if len(rows) < _PAGE:
            return
        last = rows[-1].number


def verify(database: Database, known: str | None = None) -> str:
    """The head, when every line is what was written. *known* is a head that somebody wrote down earlier.

    Raises BrokenAudit (with the number of the first line that is not right), BadInput (*known* is none), DatabaseAway.
    """
    wanted = _parse(known) if known else None
    with database.read() as connection:
        noted = _head(connection)
        return check(every(connection), noted, wanted)


def check(
    chain: Iterator[Line], noted: tuple[int, str] | None = None, known: tuple[int, str] | None = None
) -> str:
    """The head of *chain*, whose last line is *noted* and which has the line *known*. Raises BrokenAudit."""
    number, previous = 0, BEGINNING
    for line in chain:
        right = sealed(number + 1, line.at, line.actor, line.action, line.subject, line.detail, previous)
        if line != right:
            raise BrokenAudit(
                number=number + 1, reason="it is not what was written, or a line before it is missing"
            )
        number, previous = line.number, line.hash
        if known and known[0] == number and known[1] != previous:
            raise BrokenAudit(number=number, reason="it has another hash than the one that was written down")
    if known and known[0] > number:
        raise BrokenAudit(number=number + 1, reason=f"there were lines up to {known[0]} once")
    if noted is not None and noted != (number, previous):
        raise BrokenAudit(number=number + 1, reason=f"the last line is noted as {noted[0]}")
    return f"{number}:{previous}"


def _head(connection: Connection) -> tuple[int, str]:
    noted = connection.execute(select(about.c.value).where(about.c.key == HEAD)).scalar()
    return _parse(noted) if noted else (0, BEGINNING)


def _parse(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != len(BEGINNING):
        raise BadInput(reason=f"{text[:100]!r} is no head of an audit: that is a number, a colon and a hash")
    return int(number), digest


def _line(row: Row) -> Line:  # type: ignore[type-arg]
    return Line(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public way to a row's names


def _values(line: Line) -> dict[str, int | str]:
    return {name: getattr(line, name) for name in Line.__slots__}
