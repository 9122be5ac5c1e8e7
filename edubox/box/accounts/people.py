"""The people of the desk, as ``school.db`` keeps them: read, added, given another name or password, closed.

A closed account stays as a row without a password, so that its number is never used again and what its owner did
still has a name. Names are unique among accounts that are open, whatever their letters' case and spaces, since people
come in by them. Every function says what it wants of the file in one transaction.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from dataclasses import dataclass

from edubox.box.accounts.person import ADMIN, SUBSTITUTE, Person
from edubox.box.database import PATIENCE
from edubox.box.school.database import SchoolFile
from edubox.errors import LastAdministrator, NameTaken, NotFound, TooMany

#: Characters of a name, and open accounts of a box.
NAME, PEOPLE = 60, 500


@dataclass(frozen=True, slots=True)
class Account:
    """A row. *secret* as ``passwords.hashed`` made it, empty if no password opens it; times in seconds since 1970, 0: none."""

    id: int
    name: str
    role: str
    secret: str
    made: int
    closed: int
    #: A substitute's last moment.
    until: int

    @property
    def person(self) -> Person:
        """What the pages of the desk know of it."""
        return Person(self.id, self.name, self.role)

    def is_open(self, now: int) -> bool:
        """Whether its owner may use the desk at *now*, seconds since 1970."""
        return not self.closed and not (self.until and now >= self.until)


def tidy(name: str) -> str:
    """*name* as it is kept: composed, in one line, without what nobody sees, and not too long; empty if nothing is left."""
    said = "".join(
        one if one.isprintable() else " " for one in unicodedata.normalize("NFC", name[: 8 * NAME])
    )
    return " ".join(said.split())[:NAME].rstrip()


def same(name: str) -> str:
    """What *name* is compared by."""
    return unicodedata.normalize("NFKC", tidy(name)).casefold()


def every(school: SchoolFile) -> list[Account]:
    """All accounts, closed ones too, in the order in which they were made. Raises DamagedSchool."""
    return school.read(_every, [])


def account(school: SchoolFile, number: int, *, patience: float = PATIENCE) -> Account | None:
    """The account *number*, open or closed; *patience* as in ``SchoolFile.read``. Raises DamagedSchool, Busy."""

    def work(db: sqlite3.Connection) -> Account | None:
        row = db.execute("SELECT * FROM person WHERE id = ?", (number,)).fetchone()
        return None if row is None else Account(*row)

    return school.read(work, None, patience=patience)


def named(school: SchoolFile, name: str) -> Account | None:
    """The account that is not closed and has this *name*. Raises DamagedSchool."""
    return school.read(lambda db: _named(db, name), None)


def has_administrator(school: SchoolFile) -> bool:
    """Whether somebody can come in as an administrator. Raises DamagedSchool."""
    return any(one.role == ADMIN and one.secret and not one.closed for one in every(school))


def add(db: sqlite3.Connection, name: str, role: str, secret: str, now: int, until: int = 0) -> int:
    """Within a transaction: another account; its number. *name* is ``tidy`` and not empty. Raises NameTaken, TooMany."""
    if _named(db, name) is not None:
        raise NameTaken(name=name)
    if db.execute("SELECT count(*) FROM person WHERE closed = 0").fetchone()[0] >= PEOPLE:
        raise TooMany(what="accounts", limit=PEOPLE)
    made = db.execute(
        "INSERT INTO person (name, role, secret, made, until) VALUES (?, ?, ?, ?, ?)",
        (name, role, secret, now, until),
    )
    assert made.lastrowid is not None
    return made.lastrowid


def admit_administrator(db: sqlite3.Connection, name: str, secret: str, now: int) -> int:
    """Within a transaction: an administrator of this *name*, new or with a new password; the number.

    Raises NameTaken (by somebody who is no administrator), TooMany.
    """
    known = _named(db, name)
    if known is None or known.role != ADMIN:
        return add(db, name, ADMIN, secret, now)
    db.execute("UPDATE person SET secret = ? WHERE id = ?", (secret, known.id))
    return known.id


def set_password(school: SchoolFile, number: int, secret: str) -> None:
    """Let *secret* open the account *number*; whoever came in by another one is out. Raises NotFound (none, or closed)."""
    school.write(lambda db: _change(db, "UPDATE person SET secret = ?", secret, number))


def rename(school: SchoolFile, number: int, name: str) -> None:
    """Call the account *number* by another *name*, which is ``tidy`` and not empty. Raises NameTaken, NotFound."""

    def work(db: sqlite3.Connection) -> None:
        known = _named(db, name)
        if known is not None and known.id != number:
            raise NameTaken(name=name)
        _change(db, "UPDATE person SET name = ?", name, number)

    school.write(work)


def close(school: SchoolFile, number: int, now: int) -> None:
    """Close the account *number* for good, with the substitutes that it let in and its invitations.

    Raises NotFound, LastAdministrator.
    """

    def work(db: sqlite3.Connection) -> None:
        _keep_one_administrator(db, number)
        _change(db, "UPDATE person SET closed = ?", now, number)
        db.execute("UPDATE person SET secret = '' WHERE id = ?", (number,))
        db.execute(
            "UPDATE person SET closed = ? WHERE closed = 0 AND role = ? AND id IN "
            "(SELECT person FROM invitation WHERE made_by = ?)", (now, SUBSTITUTE, number),
        )  # fmt: skip
        db.execute("DELETE FROM invitation WHERE made_by = ? OR person = ?", (number, number))

    school.write(work)


def change_role(school: SchoolFile, number: int, role: str) -> None:
    """Let the account *number* have *role*; without an administrator's, its invitations are over.

    Raises NotFound, LastAdministrator.
    """

    def work(db: sqlite3.Connection) -> None:
        if role != ADMIN:
            _keep_one_administrator(db, number)
            db.execute("DELETE FROM invitation WHERE made_by = ? AND kind != ?", (number, SUBSTITUTE))
        _change(db, "UPDATE person SET role = ?", role, number)

    school.write(work)


def _keep_one_administrator(db: sqlite3.Connection, number: int) -> None:
    """Raise LastAdministrator if *number* is the only one who can come in as one."""
    able = [one.id for one in _every(db) if one.role == ADMIN and one.secret and not one.closed]
    if able == [number]:
        raise LastAdministrator


def _every(db: sqlite3.Connection) -> list[Account]:
    return [Account(*row) for row in db.execute("SELECT * FROM person ORDER BY id")]


def _named(db: sqlite3.Connection, name: str) -> Account | None:
    wanted = same(name)
    return next((one for one in _every(db) if not one.closed and same(one.name) == wanted), None)


def _change(db: sqlite3.Connection, statement: str, value: object, number: int) -> None:
    if not db.execute(f"{statement} WHERE id = ? AND closed = 0", (value, number)).rowcount:
        raise NotFound(what="This account")
