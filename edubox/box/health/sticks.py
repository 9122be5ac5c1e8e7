"""Which sticks with a folder of ours are plugged in, and can they take lessons for others?"""

from __future__ import annotations

import os

from edubox.box.health import Box, Finding
from edubox.box.sticks import Sticks

TITLE = "Sticks"


def check(box: Box) -> Finding:  # noqa: ARG001 - sticks belong to the computer
    """A note about a stick that cannot be written; a box without a stick is well."""
    found = Sticks().appeared()
    if not found:
        return Finding("good", "No stick with lessons is plugged in.")
    locked = [str(stick) for stick in found if os.statvfs(stick).f_flag & os.ST_RDONLY]
    if locked:
        return Finding(
            "note", f"{', '.join(locked)} is write-protected: lessons come from it, none go to it."
        )
    return Finding("good", f"{', '.join(str(stick) for stick in found)} is plugged in.")
