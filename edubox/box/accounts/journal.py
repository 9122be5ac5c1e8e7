"""Who did what on the desk, for an administrator to read: ``/bureau/journal/``.

A line is a moment, a person, a key of ``edubox.pages.journal.SENTENCES`` and what it was about: a class, a lesson, a
colleague. Nothing of pupils stands in it, and no address of a device. It has an end: the newest lines, for two years.
"""

from __future__ import annotations

import logging
import sqlite3
from typing import Any, NamedTuple

from flask import Blueprint, request

from edubox.box.accounts.guard import needs
from edubox.box.accounts.person import ADMIN, Person
from edubox.box.desk import surroundings
from edubox.box.own.identity import now_on
from edubox.box.school.database import SchoolFile
from edubox.box.site import Site
from edubox.errors import Busy, NoRoom
from edubox.pages import journal as pages

#: Lines that are kept, and seconds; lines of a page; characters of what it was about.
LINES, YEARS = 20_000, 2 * 366 * 86_400
PAGE, ABOUT = 100, 200
log = logging.getLogger(__name__)


class Line(NamedTuple):
    """A line; *at* in seconds since 1970."""

    id: int
    at: int
    person: int
    name: str
    what: str
    about: str


def note(school: SchoolFile, person: Person, what: str, about: str = "") -> None:
    """Remember that *person* did *what* (a key of ``SENTENCES``) with *about*.

    A card that is full keeps nobody from coming in to make room: the line is then missing, and the log says so.
    """
    now = int(now_on(school.path.parent).timestamp())

    def work(db: sqlite3.Connection) -> None:
        made = db.execute(
            "INSERT INTO journal (at, person, name, what, about) VALUES (?, ?, ?, ?, ?)",
            (now, person.id, person.name, what, about[:ABOUT]),
        )
        db.execute(
            "DELETE FROM journal WHERE id <= ? OR at < ?", ((made.lastrowid or 0) - LINES, now - YEARS)
        )

    try:
        school.write(work)
    except (NoRoom, Busy) as error:
        log.warning("the journal has no line about %s: %s", what, error)


def read(school: SchoolFile, before: int | None = None, count: int = PAGE) -> list[Line]:
    """The newest lines, the newest first; those older than the line *before*, if one is given. Raises DamagedSchool."""

    def work(db: sqlite3.Connection) -> list[Line]:
        query = "SELECT id, at, person, name, what, about FROM journal WHERE id < ? ORDER BY id DESC LIMIT ?"
        return [Line(*row) for row in db.execute(query, (1 << 62 if before is None else before, count))]

    return school.read(work, [])


def journal_pages(desk: Blueprint, site: Site) -> None:
    """Add the page to *desk*."""

    @desk.get("/journal/")
    @needs(ADMIN)
    def journal_page() -> str:
        said: Any = request.args.get("before", "")
        before = int(said) if said.isascii() and said.isdecimal() and len(said) < 18 else None
        lines = read(site.school, before, PAGE + 1)
        shown = [pages.Shown(one.at, one.name, one.what, one.about) for one in lines[:PAGE]]
        older = lines[PAGE - 1].id if len(lines) > PAGE else 0
        return pages.journal(*surroundings(site, "journal"), shown, older)
