"""What pages show, read out of ``box.db``: the serving process's only view of the lessons."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

from edubox.box import search as passages
from edubox.box import spelling
from edubox.box.database import Database
from edubox.errors import NotFound
from edubox.pack import levels
from edubox.pack.levels import Levels
from edubox.pages.country import Country, parse
from edubox.pages.finding import OF_A_LESSON, TITLES, Titles
from edubox.pages.model import Card, Hit, Lesson, Part
from edubox.pages.stems import ALGORITHMS
from edubox.pages.words import primary


class Library:
    """The lessons of the data folder *data*. Every method may raise DamagedCatalogue."""

    def __init__(self, data: Path) -> None:
        self._site = data / "site"
        self._database = Database(data / "box.db")

    def changes(self) -> int:
        """A number that grows whenever pages would look different."""
        return int(self._note("changes") or 0)

    def country(self) -> Country:
        """Levels and subjects; none before the first synchronisation."""
        text = self._note("country")
        return parse(text.encode()) if text else Country()

    def levels(self) -> Levels:
        """Those levels by what people call them."""
        return levels.read((self._note("country") or "").encode())

    def began(self) -> bool:
        """Whether this box has ever been told of its country."""
        return self._note("country") is not None

    def cards(self) -> list[Card]:
        """All lessons, newest first."""
        return self._database.read(
            lambda db: [_card(row) for row in db.execute("SELECT * FROM lesson ORDER BY serial DESC")], []
        )

    def titles(self) -> list[Titles]:
        """Lessons and the titles of what can be opened in them, newest first, as many as are suggested."""

        def work(db: sqlite3.Connection) -> list[Titles]:
            found: list[Titles] = []
            for row in db.execute("SELECT * FROM lesson ORDER BY serial DESC LIMIT ?", (TITLES,)):
                parts = db.execute(
                    "SELECT number, title FROM part WHERE lesson = ? AND number > 0 ORDER BY place LIMIT ?",
                    (row["id"], OF_A_LESSON),
                )
                found.append((_card(row), [(one["number"], one["title"]) for one in parts]))
            return found

        return self._database.read(work, [])

    def count(self) -> int:
        """How many lessons there are."""
        return self._database.read(lambda db: int(db.execute("SELECT count(*) FROM lesson").fetchone()[0]), 0)

    def lesson(self, address: str) -> Lesson | None:
        """The lesson at ``<authority>/<name>/<slug>``, or None."""
        publisher, _, slug = address.rpartition("/")

        def work(db: sqlite3.Connection) -> Lesson | None:
            row = db.execute(
                "SELECT * FROM lesson WHERE publisher = ? AND slug = ?", (publisher, slug)
            ).fetchone()
            if row is None:
                return None
            found = db.execute("SELECT * FROM part WHERE lesson = ? ORDER BY place", (row["id"],))
            tree = self._site / row["manifest"] if row["state"] != "ready" else None
            return Lesson(
                _card(row), row["version"], row["manifest"], tuple(_part(one, tree) for one in found),
                tuple(json.loads(row["authors"])), row["licence"], row["original"],
                _size(self._site / row["manifest"] / row["original"]) if row["original"] else 0, row["reading"], *_home(db, row),
            )  # fmt: skip

        return self._database.read(work, None)

    def to_take(self, manifest: str) -> tuple[Lesson, dict[str, int]] | None:
        """The lesson whose current version is *manifest*, and the sums that its zip needs; None if there is none."""

        def work(db: sqlite3.Connection) -> Any:
            return db.execute(
                """SELECT publisher, slug, sums FROM lesson JOIN home ON home.lesson = lesson.id
                WHERE manifest = ? ORDER BY publisher, slug LIMIT 1""",
                (manifest,),
            ).fetchone()

        row = self._database.read(work, None)
        lesson = None if row is None else self.lesson(f"{row['publisher']}/{row['slug']}")
        return None if lesson is None else (lesson, json.loads(row["sums"]))

    def withdrawn(self, address: str) -> bool:
        """Whether the lesson at *address* was here and was taken away."""
        publisher, _, slug = address.rpartition("/")
        key = gone_key(publisher, slug)
        return self._database.read(
            lambda db: db.execute("SELECT 1 FROM gone WHERE key = ?", (key,)).fetchone() is not None, False
        )

    def has_page(self, address: str, part: int, file: str) -> bool:
        """Whether the search knows the page *file* inside a part of the lesson at *address*."""
        publisher, _, slug = address.rpartition("/")
        query = """SELECT 1 FROM place JOIN lesson ON lesson.id = place.lesson
            WHERE publisher = ? AND slug = ? AND part = ? AND file = ? LIMIT 1"""
        return self._database.read(
            lambda db: db.execute(query, (publisher, slug, part, file)).fetchone() is not None, False
        )

    def search(self, text: str, language: str, subject: str = "") -> list[Hit]:
        """Answers to *text*, typed by a reader of *language*; with *subject* only those of its lessons."""

        def work(db: sqlite3.Connection) -> list[Hit]:
            chosen = None
            if subject:
                rows = db.execute("SELECT id, subjects FROM lesson")
                chosen = {row["id"] for row in rows if subject in json.loads(row["subjects"])}
            asked = passages.understand(text, _stemmed(db, language))
            hits = []
            for found in passages.search(db, asked, lessons=chosen):
                row = db.execute("SELECT * FROM lesson WHERE id = ?", (found.lesson,)).fetchone()
                title = found.title.removesuffix(f" – {row['title']}") if found.part else ""
                hits.append(Hit(_card(row), found.part, title, found.file, found.snippet))
            # A word such as "eclipse" is found in every language; its reader's comes first.
            return sorted(hits, key=lambda hit: primary(hit.card.language) != language)

        return self._database.read(work, [])

    def meant(self, text: str, language: str) -> str:
        """*text* with its mistyped words put right; empty if there is nothing to put right."""
        return self._database.read(lambda db: spelling.meant(db, text, _stemmed(db, language)), "")

    def types(self, manifest: str) -> dict[str, str]:
        """Path → media type of those files of a version whose names tell another one. Raises NotFound."""
        row = self._database.read(
            lambda db: db.execute("SELECT types FROM lesson WHERE manifest = ?", (manifest,)).fetchone(), None
        )
        if row is None:
            raise NotFound(what=f"The version {manifest}")
        found: dict[str, str] = json.loads(row["types"])
        return found

    def _note(self, key: str) -> str | None:
        def work(db: sqlite3.Connection) -> str | None:
            row = db.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
            return None if row is None else str(row["value"])

        return self._database.read(work, None)


def _stemmed(db: sqlite3.Connection, language: str) -> list[str]:
    """Languages of the lessons, and the reader's, whose stems are known."""
    spoken = {primary(row[0]) for row in db.execute("SELECT DISTINCT language FROM lesson")} | {language}
    return sorted(spoken & ALGORITHMS.keys())


def gone_key(publisher: str, slug: str) -> str:
    """What stays of the address of a withdrawn lesson: it can be recognised, not read."""
    return hashlib.sha256(f"{publisher}/{slug}".encode()).hexdigest()


def _home(db: sqlite3.Connection, row: Any) -> tuple[int | None, int | None]:
    """Bytes of a lesson's page and zip to take home; no zip while something of it is away."""
    found = db.execute("SELECT page, zip FROM home WHERE lesson = ?", (row["id"],)).fetchone()
    return (
        (None, None) if found is None else (found["page"], found["zip"] if row["state"] == "ready" else None)
    )


def _size(path: Path) -> int:
    """Bytes of *path*; 0 while it is on its way."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _card(row: Any) -> Card:
    return Card(
        f"{row['publisher']}/{row['slug']}", row["title"], row["language"], row["description"],
        tuple(json.loads(row["levels"])), tuple(json.loads(row["subjects"])), row["duration"], row["size"], row["added"],
        row["state"] != "ready", keywords=tuple(json.loads(row["keywords"])), kinds=tuple(json.loads(row["kinds"])),
        picture=f"{row['manifest']}/{row['picture']}" if row["picture"] else "",
    )  # fmt: skip


def _part(row: Any, tree: Path | None) -> Part:
    """A part; looked for on the disk while files of the lesson (*tree*) are still arriving."""
    return Part(
        row["number"], row["title"], row["type"], row["depth"], row["path"], row["media_type"], row["size"],
        tuple((name, kind) for name, kind in json.loads(row["alternatives"])),
        tree is None or not row["path"] or os.path.exists(tree / row["path"]),
    )  # fmt: skip
