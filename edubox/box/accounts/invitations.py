"""Codes that let somebody in: a teacher's or an administrator's invitation, a new password, a substitute's days.

A code has 90 random bits, as letters and digits that nobody confuses: it goes into a QR code, a link or a typing hand, and
guessing needs no slowing down. Only its SHA-256 is kept, so neither a backup nor a card gives one away. All but a
substitute's, which opens until its day is over, are used once: whoever comes second in the same moment is refused, since
looking and striking out are one transaction. The table also holds the box's own one-time code once it is used (``first``),
which nobody made and which opens nothing here. An invitation ends with the account of whoever made it (``people.close``).
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass

from edubox.box.accounts import people
from edubox.box.accounts.first import ALPHABET
from edubox.box.accounts.person import SUBSTITUTE
from edubox.box.school.database import SchoolFile
from edubox.errors import BadCode, NotFound, TooMany

#: What a code is for besides an account of a role: another password for an account.
RESET = "reset"
GROUPS, SIZE = 5, 4
#: Seconds for which an invitation and a new password's code are good; codes that are open at once.
WEEK, OPEN = 7 * 86_400, 200


@dataclass(frozen=True, slots=True)
class Invitation:
    """One that is open. *kind*: the role of a new account, or RESET; *mark*: the code's hash; *person*: whose password or whose days it is for, 0: a new account."""

    mark: str
    kind: str
    person: int
    made_by: int
    #: Seconds since 1970.
    until: int
    name: str


def make(
    db: sqlite3.Connection, kind: str, made_by: int, now: int, until: int, *, person: int = 0, name: str = ""
) -> str:
    """Within a transaction: another code of *kind*. An earlier one for the same *person* is over. Raises TooMany."""
    db.execute(
        "DELETE FROM invitation WHERE made_by > 0 AND (until <= ? OR (person > 0 AND person = ?))",
        (now, person),
    )
    if db.execute("SELECT count(*) FROM invitation WHERE made_by > 0").fetchone()[0] >= OPEN:
        raise TooMany(limit=OPEN)
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(SIZE)) for _ in range(GROUPS))
    db.execute(
        "INSERT INTO invitation (hash, kind, person, made_by, until, name) VALUES (?, ?, ?, ?, ?, ?)",
        (_hash(code), kind, person, made_by, until, name),
    )
    return code


def reset(school: SchoolFile, number: int, made_by: int, now: int) -> str:
    """A code by which the owner of the account *number* chooses another password. Raises NotFound, TooMany."""

    def work(db: sqlite3.Connection) -> str:
        row = db.execute("SELECT role, closed FROM person WHERE id = ?", (number,)).fetchone()
        if row is None or row["closed"] or row["role"] == SUBSTITUTE:
            raise NotFound(what="This account")
        return make(db, RESET, made_by, now, now + WEEK, person=number)

    return school.write(work)


def find(school: SchoolFile, typed: str, now: int) -> Invitation | None:
    """The open invitation whose code is *typed*, however its letters and groups are written. Raises DamagedSchool."""
    return school.read(lambda db: _find(db, typed, now), None)


def every(school: SchoolFile, now: int) -> list[Invitation]:
    """Those that are open, the first to end first. Raises DamagedSchool."""
    query = "SELECT * FROM invitation WHERE made_by > 0 AND until > ? ORDER BY until, hash"
    return school.read(lambda db: [Invitation(*row) for row in db.execute(query, (now,))], [])


def take_back(school: SchoolFile, mark: str) -> None:
    """Let the invitation *mark* be over; not a substitute's, which ends with the account (``substitutes.end``).

    One that is over already is no error.
    """
    query = "DELETE FROM invitation WHERE hash = ? AND made_by > 0 AND kind != ?"
    school.write(lambda db: db.execute(query, (mark, SUBSTITUTE)))


def forget_resets(school: SchoolFile, number: int) -> None:
    """The account *number* has a password of its owner's choice: codes for another one are over."""
    school.write(
        lambda db: db.execute("DELETE FROM invitation WHERE kind = ? AND person = ?", (RESET, number))
    )


def use(school: SchoolFile, typed: str, now: int, name: str, secret: str) -> int:
    """Make the account that the code *typed* is for, called *name*, or give the account its new *secret*; its number.

    Raises BadCode (none, used, over, or a substitute's), NameTaken, TooMany (the code stays), NoRoom, Busy.
    """

    def work(db: sqlite3.Connection) -> int:
        found = _find(db, typed, now)
        if found is None or found.kind == SUBSTITUTE:
            raise BadCode
        db.execute("DELETE FROM invitation WHERE hash = ?", (found.mark,))
        if found.kind != RESET:
            return people.add(db, name, found.kind, secret, now)
        changed = "UPDATE person SET secret = ? WHERE id = ? AND closed = 0"
        if not db.execute(changed, (secret, found.person)).rowcount:
            raise BadCode
        return found.person

    return school.write(work)


def _find(db: sqlite3.Connection, typed: str, now: int) -> Invitation | None:
    row = db.execute(
        "SELECT * FROM invitation WHERE hash = ? AND made_by > 0 AND until > ?", (_hash(typed), now)
    ).fetchone()
    return None if row is None else Invitation(*row)


def _hash(code: str) -> str:
    bare = "".join(one for one in code[:100].upper() if one.isascii() and one.isalnum())
    return hashlib.sha256(bare.encode()).hexdigest()
