"""Does this computer know what day it is?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from edubox.box.health import Box, Finding
from edubox.sync.pinned import read_floor
from edubox.trust.clock import BELIEVED

TITLE = "Clock"
#: A difference that does not matter to anything here.
SMALL = timedelta(days=1)


def check(box: Box) -> Finding:
    """A note when the clock cannot be right by what signed data prove; lessons do not depend on it."""
    floor = read_floor(box.data)
    now = datetime.now(UTC)
    today = now.strftime("%d %B %Y")
    if now < floor.moment - SMALL:
        return Finding(
            "note",
            f"The clock says {today}, which is in the past. Set it; until then only dates on pages are wrong.",
        )
    if now > floor.moment + BELIEVED:
        return Finding(
            "note",
            f"The clock says {today}, which is too far ahead to be believed. Set it; lessons do not wait for it.",
        )
    return Finding("good", f"The clock says {today}.")
