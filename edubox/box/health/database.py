"""Is the catalogue's database whole?"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from edubox.box.database import PATIENCE
from edubox.box.health import Box, Finding

TITLE = "Catalogue"


def check(box: Box) -> Finding:
    """Broken when SQLite finds damage; the lessons themselves are not in it."""
    path = box.data / "box.db"
    if not path.exists():
        return Finding("note", "There is no catalogue yet; the first synchronisation makes it.")
    try:
        # Not read-only: SQLite may have to finish what a power cut interrupted.
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        return Finding(
            "broken", f"box.db is damaged ({said}). Run edubox sync: it is made again from the lessons."
        )
    return Finding("good", f"box.db is whole, {path.stat().st_size / 1e6:.1f} MB.")
