"""Does the card keep what it is given, and does the scrub still read all of it now and then?"""

from __future__ import annotations

import time

from edubox.box.health import Box, Finding
from edubox.box.repair import repair
from edubox.store.scrub_record import read_record

TITLE = "Stored files"
DAY = 86_400
#: Days after which a whole round of reading should have ended again.
OLD = 60
#: So many damaged files in that time are not chance: the card is wearing out.
WORN = 10


def check(box: Box) -> Finding:
    """A warning while damaged files are missing or when damage becomes frequent, a note when nobody has looked for long."""
    record, now = read_record(box.data), time.time()
    missing = record.missing(box.data)
    if missing:
        return Finding(
            "warning",
            f"{len(missing)} damaged files were taken away and are not back yet, such as {missing[0].path}. "
            "Run edubox sync.",
        )
    recent = [one for one in record.damaged if now - one.found < OLD * DAY]
    if len(recent) >= WORN:
        return Finding(
            "warning",
            f"The card damaged {len(recent)} files in {OLD} days; they are repaired. Copy it to a new one.",
        )
    if not record.completed:
        return Finding(
            "note", "The card was not read whole yet. The box does it by and by; edubox scrub does it now."
        )
    days = int(now - record.completed) // DAY
    when = f"{days} days ago" if days > 0 else "today"
    said = f"{record.completed_files} files were read, the last whole round {when}"
    if days > OLD:
        return Finding("note", f"{said}. Run edubox scrub.")
    if recent:
        return Finding(
            "note", f"{said}; {len(recent)} were damaged and are repaired. A card that goes on so is old."
        )
    return Finding("good", f"{said}; all are as they should be.")


def fix(box: Box) -> str:
    """Bring back what the box's own copies can give."""
    before = len(read_record(box.data).missing(box.data))
    if not before:
        return ""
    repair(box.data, box.settings)
    left = len(read_record(box.data).missing(box.data))
    return f"{before - left} of {before} missing files came back from the box's own copies."
