"""Does the country have the levels that this school says it teaches?"""

from __future__ import annotations

from edubox.box.health import Box, Finding
from edubox.box.library import Library

TITLE = "Levels of the school"


def check(box: Box) -> Finding | None:
    """A warning for a name that the country does not have: no list of the academy fits it. None where all levels count."""
    said = box.settings["levels"]
    library = Library(box.data)
    if not said:
        return None
    if not library.began():
        return Finding(
            "note", f"Levels: {', '.join(said)}. Which the country has comes with the first lessons."
        )
    if unknown := library.levels().unknown(said):
        return Finding(
            "warning",
            f"The country has no level called {', '.join(unknown)}. Say which at the desk, Levels of the school, or in levels of box.toml.",
        )
    return Finding("good", f"Levels: {', '.join(said)}.")
