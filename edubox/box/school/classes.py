"""What a teacher does with classes: make one, give it lessons, tell it something, show it a page, let it go.

A class is known by its code of six random digits. It opens nothing secret: whoever has it sees which lessons were given
and what was announced, so guessing need not be slowed down. The key of the home link cannot be guessed; there is none
until a teacher switches it on, and another one each time. Texts are cut to size here, lists have an end.
"""

from __future__ import annotations

import base64
import secrets
import sqlite3
from pathlib import Path

from edubox.box.accounts.person import ADMIN, Person
from edubox.box.school.database import SchoolFile
from edubox.errors import NotFound, TooMany
from edubox.pages.classroom import Announcement, DropBox, Given, SchoolClass, Showing

#: Classes in use; so many more may be archived.
CLASSES, GIVEN, ANNOUNCEMENTS = 200, 100, 20
COLLEAGUES = 20
#: Characters.
NAME, NOTE, TEXT, TITLE, HEADING, PARTY = 60, 200, 500, 200, 80, 20
#: Seconds in which what was withdrawn can be put back.
UNDO = 86_400
_FIRST_CODE, _LAST_CODE = 100_000, 999_999


def every(school: SchoolFile) -> list[SchoolClass]:
    """All classes, archived ones as well, by name."""
    return school.read(
        lambda db: [_whole(db, row) for row in db.execute("SELECT * FROM class ORDER BY name COLLATE NOCASE, id")], []
    )  # fmt: skip


def of_code(school: SchoolFile, code: str) -> SchoolClass | None:
    """The class with the code *code*, for pupils: one that is archived has none."""
    return _one(school, "SELECT * FROM class WHERE code = ? AND NOT archived", code)


def of_teachers(school: SchoolFile, code: str) -> SchoolClass | None:
    """The class with the code *code*, archived or not."""
    return _one(school, "SELECT * FROM class WHERE code = ?", code)


def allowed(shown: SchoolClass, person: Person) -> bool:
    """Whether *person* may see and change *shown*."""
    return person.role == ADMIN or belongs(shown, person)


def belongs(shown: SchoolClass, person: Person) -> bool:
    """Whether *shown* is a class of *person*: who may read what its pupils hand in."""
    return shown.owner is None or person.id == shown.owner or person.id in shown.colleagues


def of_home_key(data: Path, key: str) -> SchoolClass | None:
    """The class of the box in *data* whose home link, switched on, has the key *key*."""
    return _one(SchoolFile(data), "SELECT * FROM class WHERE home = ? AND NOT archived", key)


def make(school: SchoolFile, name: str, level: str = "", owner: int | None = None) -> str:
    """A new class of the person *owner*, called *name*, of the level with the id *level*; its code. Raises TooMany."""
    return school.write(lambda db: insert(db, name, level, owner))


def insert(db: sqlite3.Connection, name: str, level: str, owner: int | None) -> str:
    """Add a class inside a change of the file; its code. Raises TooMany."""
    ensure_fewer(db, "SELECT count(*) FROM class WHERE NOT archived", (), CLASSES)
    ensure_fewer(db, "SELECT count(*) FROM class", (), 2 * CLASSES)
    known = {row["code"] for row in db.execute("SELECT code FROM class")}
    code = ""
    while not code or code in known:
        code = str(_FIRST_CODE + secrets.randbelow(_LAST_CODE - _FIRST_CODE + 1))
    db.execute(
        "INSERT INTO class (code, name, level, owner) VALUES (?, ?, ?, ?)",
        (code, line(name, NAME), level, owner),
    )
    return code


def add_colleague(school: SchoolFile, code: str, person: int) -> None:
    """Let *person* see and change the class as well. Raises NotFound, TooMany."""

    def work(db: sqlite3.Connection) -> None:
        number = class_id(db, code)
        ensure_fewer(db, "SELECT count(*) FROM colleague WHERE class = ?", (number,), COLLEAGUES)
        db.execute("INSERT OR IGNORE INTO colleague (class, person) VALUES (?, ?)", (number, person))

    school.write(work)


def remove_colleague(school: SchoolFile, code: str, person: int) -> None:
    """Take the class away from *person* again; its owner stays. Raises NotFound."""
    school.write(lambda db: db.execute(
        "DELETE FROM colleague WHERE class = ? AND person = ?", (class_id(db, code), person)
    ))  # fmt: skip


def delete(school: SchoolFile, code: str) -> None:
    """Erase a class and all that was said to it; ``handins.clear`` takes the files after that. Raises NotFound."""
    school.write(lambda db: db.execute("DELETE FROM class WHERE id = ?", (class_id(db, code),)))


def switch_home(school: SchoolFile, code: str, *, on: bool) -> None:
    """Give a class a home link with a new key, or take it away. Raises NotFound."""
    key = base64.b32encode(secrets.token_bytes(17)).decode("ascii").lower()[:26] if on else None
    school.write(lambda db: db.execute("UPDATE class SET home = ? WHERE id = ?", (key, class_id(db, code))))


def give(
    school: SchoolFile, code: str, lesson: str, title: str, *, day: int, part: str = "", note: str = ""
) -> None:
    """Give the lesson at the address *lesson*, or its *part*, to a class, after what it has.

    The same given again only gets the new *note*. Raises NotFound, TooMany.
    """

    def work(db: sqlite3.Connection) -> None:
        owner = class_id(db, code)
        _forget_withdrawn(db, day)
        again = db.execute(
            "UPDATE given SET note = ?, title = ?, withdrawn = 0 WHERE class = ? AND lesson = ? AND part = ?",
            (line(note, NOTE), line(title, TITLE), owner, lesson, part),
        )
        if again.rowcount:
            return
        ensure_fewer(db, "SELECT count(*) FROM given WHERE class = ?", (owner,), GIVEN)
        db.execute(
            """INSERT INTO given (class, lesson, part, title, note, day, place) VALUES (?, ?, ?, ?, ?, ?,
            (SELECT coalesce(max(place), 0) + 1 FROM given WHERE class = ?))""",
            (owner, lesson, part, line(title, TITLE), line(note, NOTE), day, owner),
        )

    school.write(work)


def withdraw(school: SchoolFile, code: str, given: int, now: int) -> None:
    """Take the lesson *given* back at *now*; for a day it can be put back. Raises NotFound."""

    def work(db: sqlite3.Connection) -> None:
        _forget_withdrawn(db, now)
        db.execute(
            "UPDATE given SET withdrawn = ? WHERE id = ? AND class = ?",
            (max(now, 1), given, class_id(db, code)),
        )

    school.write(work)


def put_back(school: SchoolFile, code: str, given: int) -> None:
    """Give again what was withdrawn, where it was. Raises NotFound."""
    school.write(
        lambda db: db.execute(
            "UPDATE given SET withdrawn = 0 WHERE id = ? AND class = ?", (given, class_id(db, code))
        )
    )


def plan(
    school: SchoolFile, code: str, given: int, *, heading: str, opens: str, due: str, party: str, note: str
) -> None:
    """Say from which day pupils see the lesson *given*, for which day it is to be done, and for which group of the class.

    Days are ``2026-11-30`` or empty. Raises NotFound.
    """
    school.write(
        lambda db: db.execute(
            "UPDATE given SET heading = ?, opens = ?, due = ?, party = ?, note = ? WHERE id = ? AND class = ?",
            (
                line(heading, HEADING),
                opens,
                due,
                line(party, PARTY),
                line(note, NOTE),
                given,
                class_id(db, code),
            ),
        )
    )


def move(school: SchoolFile, code: str, given: int, by: int) -> None:
    """Let the lesson *given* change places with the one before it (*by* is -1) or after it (1). Raises NotFound."""

    def work(db: sqlite3.Connection) -> None:
        rows = db.execute(
            "SELECT id, place FROM given WHERE class = ? AND withdrawn = 0 ORDER BY place",
            (class_id(db, code),),
        ).fetchall()
        at = next((number for number, row in enumerate(rows) if row["id"] == given), None)
        if at is None or not 0 <= at + by < len(rows):
            return
        here, there = rows[at], rows[at + by]
        db.execute("UPDATE given SET place = ? WHERE id = ?", (there["place"], here["id"]))
        db.execute("UPDATE given SET place = ? WHERE id = ?", (here["place"], there["id"]))

    school.write(work)


def announce(school: SchoolFile, code: str, text: str, until: str, today: str) -> None:
    """Tell a class *text* up to the day *until*; what ended before *today* is forgotten. Raises NotFound, TooMany."""

    def work(db: sqlite3.Connection) -> None:
        owner = class_id(db, code)
        db.execute("DELETE FROM announcement WHERE until < ?", (today,))
        ensure_fewer(db, "SELECT count(*) FROM announcement WHERE class = ?", (owner,), ANNOUNCEMENTS)
        db.execute(
            "INSERT INTO announcement (class, text, until) VALUES (?, ?, ?)",
            (owner, text.strip()[:TEXT], until),
        )

    school.write(work)


def take_down(school: SchoolFile, code: str, announcement: int) -> None:
    """Forget an announcement. Raises NotFound."""
    school.write(
        lambda db: db.execute(
            "DELETE FROM announcement WHERE id = ? AND class = ?", (announcement, class_id(db, code))
        )
    )


def show(
    school: SchoolFile, code: str, lesson: str, title: str, *, now: int, minutes: int, part: str = "", only: bool = False
) -> None:  # fmt: skip
    """Show a lesson, or its *part*, to the whole class from *now* on for *minutes*. Raises NotFound."""
    row = (secrets.randbelow(2**31), lesson, part, line(title, TITLE), int(only), now, now + 60 * minutes)
    school.write(
        lambda db: db.execute(
            "INSERT OR REPLACE INTO showing (mark, lesson, part, title, only, began, until, class) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, class_id(db, code)),
        )
    )


def stop_showing(school: SchoolFile, code: str) -> None:
    """Let everybody read what they like again. Raises NotFound."""
    school.write(lambda db: db.execute("DELETE FROM showing WHERE class = ?", (class_id(db, code),)))


def current(shown: SchoolClass, now: float) -> Showing | None:
    """What the class is shown at *now*.

    A box's clock may have been set back since: what began in the future is over, or it would not end.
    """
    one = shown.showing
    return one if one is not None and one.began <= now < one.until else None


def line(text: str, longest: int) -> str:
    """*text* from a form as one line of at most *longest* characters."""
    return " ".join(text.split())[:longest]


def _one(school: SchoolFile, query: str, value: str) -> SchoolClass | None:
    def work(db: sqlite3.Connection) -> SchoolClass | None:
        row = db.execute(query, (value,)).fetchone()
        return None if row is None else _whole(db, row)

    return school.read(work, None)


def _whole(db: sqlite3.Connection, row: sqlite3.Row) -> SchoolClass:
    owner = (row["id"],)
    given = db.execute(
        "SELECT id, lesson, part, title, note, day, withdrawn, heading, opens, due, party "
        "FROM given WHERE class = ? ORDER BY place, id", owner
    )  # fmt: skip
    told = db.execute("SELECT id, text, until FROM announcement WHERE class = ? ORDER BY id DESC", owner)
    shown = db.execute(
        "SELECT mark, lesson, part, title, only, began, until FROM showing WHERE class = ?", owner
    ).fetchone()
    boxes = db.execute(
        """SELECT id, title, ask, until, erase, (SELECT count(*) FROM handin WHERE dropbox = dropbox.id) FROM dropbox
        WHERE class = ? ORDER BY until, id""", owner
    )  # fmt: skip
    colleagues = db.execute("SELECT person FROM colleague WHERE class = ? ORDER BY person", owner)
    return SchoolClass(
        row["code"], row["name"], row["level"], row["home"] or "", tuple(Given(*one) for one in given),
        tuple(Announcement(*one) for one in told), None if shown is None else Showing(*shown), row["owner"],
        tuple(one["person"] for one in colleagues), row["archived"], tuple(DropBox(*one) for one in boxes),
    )  # fmt: skip


def class_id(db: sqlite3.Connection, code: str) -> int:
    """The number of the class *code* inside a change of the file. Raises NotFound."""
    row = db.execute("SELECT id FROM class WHERE code = ?", (code,)).fetchone()
    if row is None:
        raise NotFound(what=f"The class {code}")
    return int(row["id"])


def ensure_fewer(db: sqlite3.Connection, query: str, values: tuple[int, ...], limit: int) -> None:
    """Raise TooMany unless *query*, which counts, gives less than *limit*."""
    if db.execute(query, values).fetchone()[0] >= limit:
        raise TooMany(limit=limit)


def _forget_withdrawn(db: sqlite3.Connection, now: int) -> None:
    """What nobody put back for a day leaves; so does what seems withdrawn in the future, after the clock was set back."""
    db.execute(
        "DELETE FROM given WHERE withdrawn AND withdrawn NOT BETWEEN ? AND ?", (now - UNDO, now + UNDO)
    )
