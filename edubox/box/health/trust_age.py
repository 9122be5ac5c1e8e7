"""How long ago did somebody confirm that these are the newest lessons?"""

from __future__ import annotations

from edubox.box.catalog import Catalogue
from edubox.box.health import Box, Finding
from edubox.errors import DamagedCatalogue
from edubox.trust.clock import staleness

TITLE = "Last confirmed"
#: Finding for each of the words of ``staleness``, and what to do.
SAYS = {
    "note": ("note", "Synchronise when there is a line or a stick."),
    "warning": ("warning", "Bring a stick or a line soon."),
    "blocked": ("broken", "New lessons now wait until an administrator has synchronised."),
}


def check(box: Box) -> Finding:
    """Old signatures never stop a lesson; they only get louder."""
    if not (box.data / "box.db").exists():
        return Finding("note", "Never synchronised yet.")
    try:
        days = Catalogue(box.data).stale_days()
    except DamagedCatalogue:
        return Finding("note", "It is not known while the catalogue is damaged.")
    if days <= 0:
        return Finding("good", "The lessons are confirmed as the newest.")
    said = f"The last confirmation that the lessons are the newest ended {days} days ago"
    level, advice = SAYS[staleness(days)]
    return Finding(level, f"{said}. {advice}")
