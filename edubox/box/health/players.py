"""Can the lessons' exercises, books and activities be opened here?"""

from __future__ import annotations

from edubox.box.health import Box, Finding
from edubox.pages.player import players

TITLE = "Players"
_NAMES = {
    "h5p": "exercises (H5P)",
    "scorm": "activities (SCORM)",
    "epub": "books (EPUB)",
    "pdf": "documents on phones (PDF)",
}


def check(box: Box) -> Finding:
    """A note when some cannot: pupils download them instead, and read everything else."""
    missing = players(box.settings["players"]).missing()
    if not missing:
        return Finding("good", "Exercises, activities, books and documents open in the browser.")
    named = ", ".join(_NAMES[name] for name in missing)
    return Finding(
        "note",
        f"No player for {named}: pupils can only download them. On a computer with npm and the internet, "
        "`make players` in edubox's source gets them; copy its folder packaging/players/built here and name it "
        "with the setting players.",
    )
