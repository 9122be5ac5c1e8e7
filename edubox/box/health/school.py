"""Is what people of the school wrote whole?"""

from __future__ import annotations

from edubox.box.health import Box, Finding
from edubox.box.school import classes
from edubox.box.school.database import NAME, SchoolFile
from edubox.errors import DamagedSchool

TITLE = "Classes"


def check(box: Box) -> Finding:
    """Broken when SQLite finds damage, a warning while a file that was set aside is still here."""
    school = SchoolFile(box.data)
    try:
        school.check()
        count = len(classes.every(school))
    except DamagedSchool as error:
        return Finding("broken", str(error))
    if aside := school.damaged():
        return Finding(
            "warning",
            f"{NAME} was damaged and set aside as {aside[-1].name}; a new one began, with {count} classes. To have the classes of "
            f"the last backup, put its {NAME} in place while the box is stopped; then remove {aside[-1].name}.",
        )
    if not school.path.exists():
        return Finding("good", "There is no class yet.")
    return Finding("good", f"{NAME} is whole, with {count} classes.")
