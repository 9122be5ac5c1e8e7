"""The tables of ``box.db``. Imported only to make one: sqlite-utils costs 11 MB that the server does not pay.

``lesson`` has one row for each lesson that pupils can open, ``part`` its table of contents in reading order.
``passage`` is the search (``docs/adr/0007-search.md``), ``place`` says where each passage stands and out of
which text it was read. ``repository`` remembers when each publisher was last confirmed. ``note`` holds the
country file and a counter of changes, by which pages know that they are old. ``home`` is what a lesson weighs to be
taken home (``weighing``). ``gone`` knows the lessons that were withdrawn by the hash of their address: enough to say so
to who still has it, and nothing to read. ``word`` is a view of the search's own vocabulary (``spelling``). Lists are JSON.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_PASSAGES = """
CREATE VIRTUAL TABLE passage USING fts5(title, body, stems, tokenize = "unicode61 remove_diacritics 2")
"""
#: Its words, for whoever mistyped one.
_VOCABULARY = "CREATE VIRTUAL TABLE word USING fts5vocab(passage, row)"


def create_tables(path: Path, form: int) -> None:
    """Make the database *path*, empty, its ``user_version`` being *form*."""
    import sqlite_utils

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        database = sqlite_utils.Database(connection)
        database.create_table("lesson", {
            "id": int, "publisher": str, "slug": str, "version": int, "manifest": str, "state": str,
            "serial": int, "added": int, "title": str, "language": str, "description": str, "duration": str, "size": int,
            "reading": int, "licence": str, "original": str, "authors": str, "levels": str, "subjects": str, "types": str,
            "keywords": str, "kinds": str, "picture": str,
        }, pk="id")  # fmt: skip
        database.table("lesson").create_index(["publisher", "slug"], unique=True)
        database.table("lesson").create_index(["manifest"])
        database.create_table("part", {
            "lesson": int, "place": int, "number": int, "title": str, "type": str, "depth": int, "path": str,
            "media_type": str, "size": int, "alternatives": str,
        }, pk=("lesson", "place"))  # fmt: skip
        database.create_table("place", {
            "id": int, "lesson": int, "part": int, "file": str, "text": bytes,
        }, pk="id")  # fmt: skip
        database.table("place").create_index(["lesson"])
        database.create_table(
            "repository",
            {"prefix": str, "label": str, "verified": int, "fresh": int, "stale_since": int},
            pk="prefix",
        )
        database.create_table("home", {"lesson": int, "page": int, "zip": int, "sums": str}, pk="lesson")
        database.create_table("gone", {"key": str}, pk="key")
        database.create_table("note", {"key": str, "value": str}, pk="key")
        connection.execute(_PASSAGES)
        connection.execute(_VOCABULARY)
        connection.execute(f"PRAGMA user_version = {form:d}")
        connection.commit()
