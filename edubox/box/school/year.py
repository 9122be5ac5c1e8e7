"""A new school year, by a person's hand: classes are copied with their dates moved on, and put away or taken out again.

A class that was put away is hidden from its pupils and its code opens nothing; everything in it stays, and taking it out
again undoes it, with the same code. What a copy does not get: announcements, hand-ins, numbers of openings, the home
link. Nothing here happens by the clock.
"""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

from edubox.box.school.classes import CLASSES, class_id, ensure_fewer, insert
from edubox.box.school.database import SchoolFile
from edubox.pages.country import Country

#: The weeks between two years where the country says nothing: the same week, the same weekday.
USUAL_WEEKS = 52
MOST_WEEKS = 156


def put_away(school: SchoolFile, code: str, now: int) -> None:
    """Hide the class from its pupils from *now* (seconds since 1970) on. Raises NotFound."""

    def work(db: sqlite3.Connection) -> None:
        number = class_id(db, code)
        db.execute("UPDATE class SET archived = ? WHERE id = ? AND NOT archived", (max(now, 1), number))
        db.execute("DELETE FROM showing WHERE class = ?", (number,))

    school.write(work)


def take_out(school: SchoolFile, code: str) -> None:
    """Let the pupils of a class that was put away come in again. Raises NotFound, TooMany."""

    def work(db: sqlite3.Connection) -> None:
        number = class_id(db, code)
        ensure_fewer(db, "SELECT count(*) FROM class WHERE NOT archived", (), CLASSES)
        db.execute("UPDATE class SET archived = 0 WHERE id = ?", (number,))

    school.write(work)


def copy(school: SchoolFile, code: str, weeks: int, day: int) -> str:
    """A new class with the lessons of the class *code*, their dates *weeks* later, given on *day*; its code.

    Raises NotFound, TooMany.
    """

    def work(db: sqlite3.Connection) -> str:
        number = class_id(db, code)
        old = db.execute("SELECT name, level, owner FROM class WHERE id = ?", (number,)).fetchone()
        new = insert(db, old["name"], old["level"], old["owner"])
        target = class_id(db, new)
        db.execute(
            "INSERT INTO colleague (class, person) SELECT ?, person FROM colleague WHERE class = ?",
            (target, number),
        )
        for row in db.execute("SELECT * FROM given WHERE class = ? AND NOT withdrawn", (number,)).fetchall():
            db.execute(
                """INSERT INTO given (class, lesson, part, title, note, day, place, heading, opens, due, party)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (target, row["lesson"], row["part"], row["title"], row["note"], day, row["place"], row["heading"],
                 later(row["opens"], weeks), later(row["due"], weeks), row["party"]),
            )  # fmt: skip
        return new

    return school.write(work)


def later(day: str, weeks: int) -> str:
    """The day *weeks* after *day*, ``2026-11-30``: the same weekday. None stays none."""
    return (date.fromisoformat(day) + timedelta(weeks=weeks)).isoformat() if day else ""


def weeks_to_next(country: Country, today: date) -> int:
    """The weeks from the first week of this school year to that of the next one, as the country's file says."""
    begun = [one.begins for one in country.years if one.begins <= today]
    coming = [one.begins for one in country.years if one.begins > today]
    if not begun or not coming:
        return USUAL_WEEKS
    return min(MOST_WEEKS, round((min(coming) - max(begun)).days / 7))


def is_time(country: Country, today: date) -> bool:
    """Whether a school year is over, as the country's file says, and the next one has not begun a month ago."""
    ends = [one.ends for one in country.years if one.ends < today]
    begins = [one.begins for one in country.years if one.begins <= today]
    if not ends:
        return False
    return not begins or max(begins) <= max(ends) or today - max(begins) <= timedelta(days=30)
