"""What a synchronisation tells the box: the writing side of ``box.db`` (the contract is ``sync.catalogue``).

Everything pages need is read out of the manifest and the lesson's files here, once, in the process that
installs the lesson, and becomes visible in one transaction. The serving process never opens a manifest.
"""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from edubox.box.database import Database
from edubox.box.library import gone_key
from edubox.box.weighing import keep, weigh
from edubox.errors import DamagedCatalogue
from edubox.pack.index import Index
from edubox.pack.manifest import Manifest
from edubox.pages.contents import odd_types, parts
from edubox.pages.kinds import kinds
from edubox.pages.passages import MOST, passages, texts
from edubox.pages.weights import reading_bytes
from edubox.store.layout import publisher_prefix
from edubox.sync.catalogue import Installed
from edubox.trust.clock import Floor

_DAY = 86_400


class Catalogue:
    """What is on the box whose data folder is *data*; see ``edubox.sync.catalogue.Catalogue``."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._database = Database(data / "box.db")

    def installed(self) -> list[Installed]:
        """Every lesson that pupils can open now; none when the list is damaged, so that all are listed again."""
        try:
            return self._database.read(_installed, [])
        except DamagedCatalogue:
            return []

    def activate(
        self, publisher: str, slug: str, index: Index, manifest: Manifest, tree: Path, *, complete: bool
    ) -> None:
        """From now on pupils read this version. Raises NoRoom, Busy."""
        state = "ready" if complete else "waiting"
        weighed = weigh(publisher, slug, manifest, tree, complete=complete)

        def work(db: sqlite3.Connection) -> None:
            _changed(db)
            db.execute("DELETE FROM gone WHERE key = ?", (gone_key(publisher, slug),))
            row = db.execute(
                "SELECT id, manifest FROM lesson WHERE publisher = ? AND slug = ?", (publisher, slug)
            ).fetchone()
            if row is not None and row["manifest"] == index.manifest:
                # The same files: what was read out of them still holds.
                db.execute(
                    "UPDATE lesson SET version = ?, state = ? WHERE id = ?", (index.version, state, row["id"])
                )
                keep(db, row["id"], weighed)
                return
            ident = row["id"] if row else None
            if ident is not None:
                _forget(db, ident, texts_too=False)
            _insert(db, "lesson", {
                "id": ident, "publisher": publisher, "slug": slug, "version": index.version,
                "manifest": index.manifest, "state": state, "added": int(time.time()),
                "serial": db.execute("SELECT coalesce(max(serial), 0) + 1 FROM lesson").fetchone()[0],
                **_described(manifest),
            })  # fmt: skip
            ident = db.execute(
                "SELECT id FROM lesson WHERE publisher = ? AND slug = ?", (publisher, slug)
            ).fetchone()[0]
            for place, part in enumerate(parts(manifest)):
                _insert(db, "part", {
                    "lesson": ident, "place": place, "number": part.number, "title": part.title, "type": part.type,
                    "depth": part.depth, "path": part.path, "media_type": part.media_type, "size": part.size,
                    "alternatives": json.dumps(part.alternatives),
                })  # fmt: skip
            _read_texts(db, ident, manifest, tree)
            keep(db, ident, weighed)

        self._database.write(work)

    def withdraw(self, publisher: str, slug: str, version: int) -> None:  # noqa: ARG002 - the index keeps it
        """From now on pupils no longer find this lesson."""

        def work(db: sqlite3.Connection) -> None:
            row = db.execute(
                "SELECT id FROM lesson WHERE publisher = ? AND slug = ?", (publisher, slug)
            ).fetchone()
            if row is not None:
                _changed(db)
                _forget(db, row["id"])
                db.execute("INSERT OR IGNORE INTO gone (key) VALUES (?)", (gone_key(publisher, slug),))

        self._database.write(work)

    def miss_media(self, publisher: str, slug: str) -> None:
        """From now on this lesson waits for media: some have left to make room."""

        def work(db: sqlite3.Connection) -> None:
            _changed(db)
            db.execute(
                "UPDATE lesson SET state = 'waiting' WHERE publisher = ? AND slug = ?", (publisher, slug)
            )

        self._database.write(work)

    def moved(self, old: str, new: str) -> None:
        """The publisher *old* is called *new* from now on; of a lesson that both have, the newer version stays."""

        def work(db: sqlite3.Connection) -> None:
            _changed(db)
            both = db.execute(
                """SELECT CASE WHEN a.version > b.version THEN b.id ELSE a.id END FROM lesson a
                JOIN lesson b ON b.slug = a.slug AND b.publisher = ? WHERE a.publisher = ?""",
                (new, old),
            ).fetchall()
            for (older,) in both:
                _forget(db, older)
            db.execute("UPDATE lesson SET publisher = ? WHERE publisher = ?", (new, old))
            names = [publisher_prefix(*one.split("/")) for one in (new, old)]
            db.execute("UPDATE OR REPLACE repository SET prefix = ? WHERE prefix = ?", names)

        self._database.write(work)

    def forget_traces(self) -> None:
        """Nothing that was ever withdrawn or replaced can be read any more in any file that keeps this list.

        Raises NoRoom, Busy; then call it again. Costs a copy of the database, on the disk of temporary files.
        """
        self._database.rewrite()

    def set_country(self, data: bytes) -> None:
        """The country file, verified."""
        text = data.decode("utf-8", "replace")

        def work(db: sqlite3.Connection) -> None:
            known = db.execute("SELECT value FROM note WHERE key = 'country'").fetchone()
            if known is None or known["value"] != text:
                _changed(db)
                db.execute("INSERT OR REPLACE INTO note (key, value) VALUES ('country', ?)", (text,))

        self._database.write(work)

    def verified(self, repository: str, label: str, moment: datetime, stale_since: datetime | None) -> None:
        """*repository* was verified at *moment*; *stale_since*: its signatures ended then."""
        now = int(moment.timestamp())
        self._database.write(
            lambda db: db.execute(
                """INSERT INTO repository (prefix, label, verified, fresh, stale_since) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (prefix) DO UPDATE SET label = excluded.label, verified = excluded.verified,
                fresh = coalesce(excluded.fresh, fresh), stale_since = excluded.stale_since""",
                (repository, label, now, None if stale_since else now, stale_since and int(stale_since.timestamp())),
            )
        )  # fmt: skip

    def labels(self) -> dict[str, str]:
        """The names to show of whatever was verified, by their folder in the mirror; none while the catalogue is damaged."""

        def work(db: sqlite3.Connection) -> dict[str, str]:
            return {row["prefix"]: row["label"] for row in db.execute("SELECT prefix, label FROM repository")}

        try:
            return self._database.read(work, {})
        except DamagedCatalogue:
            return {}

    def last_fresh(self, repository: str) -> datetime | None:
        """When *repository* was last verified without anything expired."""

        def work(db: sqlite3.Connection) -> datetime | None:
            row = db.execute("SELECT fresh FROM repository WHERE prefix = ?", (repository,)).fetchone()
            return None if row is None or row["fresh"] is None else datetime.fromtimestamp(row["fresh"], UTC)

        try:
            return self._database.read(work, None)
        except DamagedCatalogue:
            return None

    def stale_days(self) -> int:
        """Whole days since the oldest confirmation that pupils' lessons stand on ended; 0 while all are fresh."""
        oldest = self._database.read(
            lambda db: db.execute("SELECT min(stale_since) FROM repository").fetchone()[0], None
        )
        if oldest is None:
            return 0
        try:
            floor = Floor.from_bytes((self._data / "keys" / "clock.json").read_bytes())
        except OSError:
            floor = Floor()
        return max(int(floor.now(datetime.now(UTC)).timestamp() - oldest) // _DAY, 0)


def _installed(db: sqlite3.Connection) -> list[Installed]:
    rows = db.execute("SELECT publisher, slug, version, manifest, state FROM lesson ORDER BY publisher, slug")
    return [Installed(*row) for row in rows]


def _described(manifest: Manifest) -> dict[str, Any]:
    metadata = manifest.metadata
    return {
        "title": manifest.name, "language": manifest.language, "description": metadata.get("description", ""),
        "duration": metadata.get("timeRequired", ""), "size": manifest.size, "reading": reading_bytes(manifest),
        "licence": metadata.get("license", ""),
        "original": manifest.original or "", "authors": json.dumps(metadata.get("author", [])),
        "levels": json.dumps(metadata.get("educationalLevel", [])), "subjects": json.dumps(metadata.get("about", [])),
        "types": json.dumps(odd_types(manifest)), "keywords": json.dumps(metadata.get("keywords", [])),
        "kinds": json.dumps(kinds(parts(manifest))), "picture": manifest.image or "",
    }  # fmt: skip


def _read_texts(db: sqlite3.Connection, lesson: int, manifest: Manifest, tree: Path) -> None:
    """Make the search know the lesson's texts: those that it knows from the last version are not read again."""
    known: dict[bytes, list[int]] = {}
    for row in db.execute("SELECT id, text FROM place WHERE lesson = ?", (lesson,)):
        known.setdefault(row["text"], []).append(row["id"])
    room = MOST
    seen: set[bytes] = set()
    for text in texts(manifest):
        if text.key in seen:
            continue  # two parts open the same file under the same title: it is found once
        seen.add(text.key)
        kept = known.pop(text.key, [])
        db.executemany("UPDATE place SET part = ? WHERE id = ?", ((text.part, place) for place in kept))
        room -= len(kept)
        if not kept:
            for passage in islice(passages(text, manifest, tree), max(room, 0)):
                cursor = db.execute(
                    "INSERT INTO passage (title, body, stems) VALUES (?, ?, ?)",
                    (passage.title, passage.body, passage.stems),
                )
                _insert(db, "place", {
                    "id": cursor.lastrowid, "lesson": lesson, "part": text.part, "file": text.file, "text": text.key,
                })  # fmt: skip
                room -= 1
    gone = [(place,) for places in known.values() for place in places]
    db.executemany("DELETE FROM passage WHERE rowid = ?", gone)
    db.executemany("DELETE FROM place WHERE id = ?", gone)


def _forget(db: sqlite3.Connection, lesson: int, *, texts_too: bool = True) -> None:
    """Remove a lesson and, with *texts_too*, what the search knows of it."""
    if texts_too:
        db.execute("DELETE FROM passage WHERE rowid IN (SELECT id FROM place WHERE lesson = ?)", (lesson,))
        db.execute("DELETE FROM place WHERE lesson = ?", (lesson,))
    db.execute("DELETE FROM part WHERE lesson = ?", (lesson,))
    db.execute("DELETE FROM home WHERE lesson = ?", (lesson,))
    db.execute("DELETE FROM lesson WHERE id = ?", (lesson,))


def _insert(db: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    db.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608 - our own names
        tuple(row.values()),
    )


def _changed(db: sqlite3.Connection) -> None:
    """Count a change, so that pages rendered before it are rendered again."""
    db.execute(
        "INSERT INTO note (key, value) VALUES ('changes', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1"
    )
