"""Is the catalogue's database whole?"""

from __future__ import annotations

from edubox.box.database import Database
from edubox.box.health import Box, Finding
from edubox.box.repair import repair
from edubox.errors import DamagedCatalogue

TITLE = "Catalogue"


def check(box: Box) -> Finding:
    """Broken when SQLite finds damage; the lessons themselves are not in it."""
    path = box.data / "box.db"
    if not path.exists():
        return Finding("note", "There is no catalogue yet; the first synchronisation makes it.")
    try:
        Database(path).check()
    except DamagedCatalogue as error:
        return Finding("broken", str(error))
    return Finding("good", f"box.db is whole, {path.stat().st_size / 1e6:.1f} MB.")


def fix(box: Box) -> str:
    """Make the list again from the box's own mirror; the damaged file stays beside it."""
    left = repair(box.data, box.settings)
    return "The catalogue was made again from the lessons on the card." + (f" {left}" if left else "")
