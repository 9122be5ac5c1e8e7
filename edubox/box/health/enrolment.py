"""Has an academy taken this box in, is it still thinking, or did it say no?"""

from __future__ import annotations

from datetime import UTC, datetime

from edubox.box.health import Box, Finding
from edubox.sync.enrolment import ACCEPTED, ASKED, PROMISED, REFUSED, code_of, read_enrolment

TITLE = "The academy"


def check(box: Box) -> Finding | None:
    """A warning when the academy said no; None for a box that has no academy and never asked one."""
    known = read_enrolment(box.data)
    if not known.state:
        if not code_of(box.data):
            return None
        return Finding("note", "A one-time code waits: the academy is asked with the next synchronisation.")
    day = datetime.fromtimestamp(known.since, UTC).strftime("%d %B %Y")
    if known.state == ACCEPTED:
        return Finding("good", f"The academy accepted this box on {day}, as {known.id}.")
    if known.state in {ASKED, PROMISED}:
        waits = "says yes and has not signed yet" if known.state == PROMISED else "has not answered yet"
        return Finding("note", f"The academy was asked and {waits}. Nothing is missing meanwhile.")
    if known.state == REFUSED:
        return Finding(
            "warning",
            f"The academy says no: {known.reason or 'it gave no reason'}. Ask it for another code: edubox enrol --code CODE",
        )
    return Finding("warning", f"The academy has suspended this box ({known.id}) since {day}. Call it.")
