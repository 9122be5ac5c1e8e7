"""What ``school.db`` knows of the lessons that this school's teachers gave: whose each is, its versions, what is to be done.

A lesson's name in addresses (its slug) is made of its first title and is its own for ever, also when it was withdrawn. What
somebody asked for (an ``Errand``) is written here before any work begins and is struck out in the same change that says
what came of it: whatever a power cut interrupts is still asked for, and doing it twice is doing it once. The note of a
version stays in the school; what is signed has no place for it.
"""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from edubox.box.accounts.person import ADMIN, Person
from edubox.box.school.classes import line
from edubox.box.school.database import SchoolFile
from edubox.errors import Busy, NotFound, TooMany

#: What can be asked for: the draft to classes, an older version again, out of sight.
GIVE, AGAIN, WITHDRAW = "give", "again", "withdraw"
#: Lessons of a school, versions that are listed of one, classes at once.
LESSONS, VERSIONS, CLASSES = 5000, 50, 50
#: Characters of a note, of a name in addresses (its companion adds eight), of a name.
NOTE, SLUG, NAME = 200, 50, 100
#: Names that are tried for one title.
_TRIES = 1000


@dataclass(frozen=True, slots=True)
class Errand:
    """What *person*, called *author*, asked for. *classes* are codes, *opens* a day (``2026-12-24``) or empty."""

    what: str
    person: int
    author: str
    draft: str = ""
    classes: tuple[str, ...] = ()
    note: str = ""
    opens: str = ""
    #: For AGAIN.
    version: int = 0


@dataclass(frozen=True, slots=True)
class OwnLesson:
    """A lesson of this school. *staff*: the manifest of what is for teachers only; times are seconds since 1970, 0: not."""

    slug: str
    owner: int
    author: str
    title: str
    draft: str
    staff: str
    withdrawn: int
    errand: Errand | None


@dataclass(frozen=True, slots=True)
class Edition:
    """One version; *again*: the older one whose files it is, 0 if they were new."""

    version: int
    at: int
    note: str
    author: str
    again: int


def allowed(lesson: OwnLesson, person: Person) -> bool:
    """Whether *person* may change *lesson*; a colleague copies it instead."""
    return person.role == ADMIN or lesson.owner == person.id


def every(school: SchoolFile) -> list[OwnLesson]:
    """All lessons of the school's teachers, by title."""
    query = "SELECT * FROM own_lesson ORDER BY title COLLATE NOCASE, slug"
    return school.read(lambda db: [_lesson(row) for row in db.execute(query)], [])


def of_slug(school: SchoolFile, slug: str) -> OwnLesson | None:
    """The lesson called *slug* in addresses."""

    def work(db: sqlite3.Connection) -> OwnLesson | None:
        row = db.execute("SELECT * FROM own_lesson WHERE slug = ?", (slug,)).fetchone()
        return None if row is None else _lesson(row)

    return school.read(work, None)


def editions(school: SchoolFile, slug: str) -> list[Edition]:
    """Its versions, the newest first."""
    query = (
        "SELECT version, at, note, author, again FROM edition WHERE slug = ? ORDER BY version DESC LIMIT ?"
    )
    return school.read(lambda db: [Edition(*row) for row in db.execute(query, (slug, VERSIONS))], [])


def reserve(
    school: SchoolFile, title: str, draft: str, person: Person, taken: frozenset[str] = frozenset()
) -> str:
    """The slug of the lesson that *person* makes of *draft*: a new one, none of *taken*, or the one it has. Raises TooMany."""

    def work(db: sqlite3.Connection) -> str:
        row = db.execute("SELECT slug FROM own_lesson WHERE draft = ?", (draft,)).fetchone()
        if row is not None:
            return str(row["slug"])
        known = {one["slug"] for one in db.execute("SELECT slug FROM own_lesson")} | taken
        if len(known) >= LESSONS:
            raise TooMany(limit=LESSONS)
        stem = plain(title)
        names = [stem, *(f"{stem}-{number}" for number in range(2, _TRIES))]
        slug = next((name for name in names if name not in known), "")
        if not slug:
            raise TooMany(limit=_TRIES)
        db.execute(
            "INSERT INTO own_lesson (slug, owner, author, title, draft) VALUES (?, ?, ?, ?, ?)",
            (slug, person.id, line(person.name, NAME), line(title, NOTE), draft),
        )
        return slug

    return school.write(work)


def plain(title: str) -> str:
    """*title* in small letters, digits and single hyphens, as names in addresses are."""
    letters = unicodedata.normalize("NFKD", title.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(one for one in letters if not unicodedata.combining(one))
    name = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:SLUG].strip("-")
    # One that begins with a word is no device of Windows and no number that looks like a class's code.
    return name if len(name) > 4 else f"lecon-{name}".strip("-")


def ask(school: SchoolFile, slug: str, errand: Errand, *, instead: bool = False) -> None:
    """Write down what is to be done; with *instead* in the place of what nobody does any more.

    Raises NotFound, Busy (something else is asked for and not done yet).
    """

    def work(db: sqlite3.Connection) -> None:
        row = db.execute("SELECT errand FROM own_lesson WHERE slug = ?", (slug,)).fetchone()
        if row is None:
            raise NotFound(what="This lesson")
        if row["errand"] and row["errand"] != _text(errand) and not instead:
            raise Busy(path=slug)
        db.execute("UPDATE own_lesson SET errand = ? WHERE slug = ?", (_text(errand), slug))

    school.write(work)


def drop(school: SchoolFile, slug: str) -> None:
    """Nothing is to be done any more."""
    school.write(lambda db: db.execute("UPDATE own_lesson SET errand = '' WHERE slug = ?", (slug,)))


def done(
    school: SchoolFile, slug: str, errand: Errand, *, version: int, at: int, title: str = "", staff: str | None = None
) -> None:  # fmt: skip
    """Say that *errand* is done: *version* is current since *at*. *staff*: the companion now, None if it is as it was.

    What was asked for meanwhile is still asked for.
    """

    def work(db: sqlite3.Connection) -> None:
        if errand.what != WITHDRAW:
            db.execute(
                "INSERT OR IGNORE INTO edition (slug, version, at, note, author, again) VALUES (?, ?, ?, ?, ?, ?)",
                (slug, version, at, line(errand.note, NOTE), line(errand.author, NAME), errand.version),
            )
        row = db.execute("SELECT * FROM own_lesson WHERE slug = ?", (slug,)).fetchone()
        if row is None:
            raise NotFound(what="This lesson")
        gone = at if errand.what == WITHDRAW else 0
        db.execute(
            "UPDATE own_lesson SET errand = ?, withdrawn = ?, title = ?, staff = ? WHERE slug = ?",
            (
                "" if row["errand"] == _text(errand) else row["errand"], gone, line(title, NOTE) or row["title"],
                row["staff"] if staff is None else staff, slug,
            ),
        )  # fmt: skip

    school.write(work)


def _lesson(row: sqlite3.Row) -> OwnLesson:
    return OwnLesson(
        row["slug"], row["owner"], row["author"], row["title"], row["draft"], row["staff"], row["withdrawn"],
        _errand(row["errand"]),
    )  # fmt: skip


def _text(errand: Errand) -> str:
    return json.dumps(asdict(errand), ensure_ascii=False)


def _errand(text: str) -> Errand | None:
    if not text:
        return None
    value: dict[str, Any] = json.loads(text)
    return Errand(**value | {"classes": tuple(value["classes"])})
