"""Who stands in for a teacher: an account without a password, for some classes, until a day is over.

Its invitation stays open as long and is used as often as it takes (``invitations``), since a substitute has nothing else to
come in by. Both end together, by themselves at that moment of the box's clock, or when somebody ends them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from edubox.box.accounts import invitations, people
from edubox.box.accounts.person import SUBSTITUTE, Person
from edubox.box.school.classes import class_id
from edubox.box.school.database import SchoolFile
from edubox.errors import NotFound

#: Accounts of one teacher's substitutes that have the same name.
_SAME = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """A substitute who may come in; *until* in seconds since 1970."""

    person: int
    name: str
    until: int
    made_by: int
    classes: tuple[str, ...]


def make(
    school: SchoolFile, maker: Person, name: str, classes: Sequence[str], now: int, until: int
) -> tuple[str, str]:
    """Let somebody called *name* stand in for the *classes* (codes); the code that lets them in, and the name they have.

    Raises NotFound (a class was deleted), TooMany, NameTaken, NoRoom, Busy.
    """

    def work(db: sqlite3.Connection) -> tuple[str, str]:
        db.execute(
            "UPDATE person SET closed = until WHERE role = ? AND closed = 0 AND until <= ?", (SUBSTITUTE, now)
        )
        taken = {people.same(row["name"]) for row in db.execute("SELECT name FROM person WHERE closed = 0")}
        called = next((one for one in _names(name) if people.same(one) not in taken), name)
        number = people.add(db, called, SUBSTITUTE, "", now, until)
        db.executemany(
            "INSERT INTO substitute (person, class) VALUES (?, ?)",
            [(number, class_id(db, code)) for code in classes],
        )
        return invitations.make(db, SUBSTITUTE, maker.id, now, until, person=number, name=called), called

    return school.write(work)


def every(school: SchoolFile, now: int) -> list[Standing]:
    """Those who may come in at *now*. Raises DamagedSchool."""

    def work(db: sqlite3.Connection) -> list[Standing]:
        rows = db.execute(
            "SELECT person.id, person.name, person.until, made_by FROM person JOIN invitation ON invitation.person = person.id "
            "WHERE role = ? AND kind = ? AND closed = 0 AND person.until > ? ORDER BY person.id", (SUBSTITUTE, SUBSTITUTE, now),
        ).fetchall()  # fmt: skip
        query = "SELECT code FROM class JOIN substitute ON class.id = class WHERE person = ? ORDER BY name COLLATE NOCASE"
        return [
            Standing(
                row["id"], row["name"], row["until"], row["made_by"], tuple(one["code"] for one in db.execute(query, (row["id"],)))
            )
            for row in rows
        ]  # fmt: skip

    return school.read(work, [])


def classes_of(school: SchoolFile, number: int) -> list[str]:
    """The codes of the classes that the substitute *number* stands in for. Raises DamagedSchool."""
    query = "SELECT code FROM class JOIN substitute ON class.id = class WHERE person = ? AND NOT archived ORDER BY name COLLATE NOCASE"
    return school.read(lambda db: [row["code"] for row in db.execute(query, (number,))], [])


def may_read(school: SchoolFile, person: Person, lesson: str) -> bool:
    """Whether *person* may read what is for teachers only of *lesson* (``<publisher>/<slug>``).

    A substitute may if it is given to one of their classes. Raises DamagedSchool.
    """
    query = (
        "SELECT 1 FROM given JOIN substitute USING (class) JOIN class ON class.id = class "
        "WHERE person = ? AND lesson = ? AND NOT withdrawn AND NOT archived"
    )
    return person.role != SUBSTITUTE or school.read(
        lambda db: db.execute(query, (person.id, lesson)).fetchone() is not None, False
    )


def end(school: SchoolFile, number: int, now: int) -> None:
    """The substitute *number* is out, and their code opens nothing any more. Raises NotFound."""

    def work(db: sqlite3.Connection) -> None:
        ended = db.execute(
            "UPDATE person SET closed = ? WHERE id = ? AND role = ? AND closed = 0", (now, number, SUBSTITUTE)
        )
        if not ended.rowcount:
            raise NotFound(what="This account")
        db.execute("DELETE FROM invitation WHERE person = ?", (number,))

    school.write(work)


def _names(name: str) -> list[str]:
    """*name*, and what it is called when somebody has it already."""
    return [
        people.tidy(name),
        *(f"{people.tidy(name)[: people.NAME - 3]} {number}" for number in range(2, _SAME)),
    ]
