"""When did a synchronisation last go well, and what do the last ones complain of?"""

from __future__ import annotations

import time

from edubox.box.health import Box, Finding
from edubox.sync.pacing.usage import read_usage

TITLE = "Last synchronisation"
DAY = 86_400
#: Failures in a row that are more than a bad night.
MANY = 5


def check(box: Box) -> Finding:
    """A warning when run after run fails, a note before the first success."""
    usage = read_usage(box.data)
    days = max(int(time.time() - usage.success_at) // DAY, 0)
    when = f"{days} days ago" if days else "today"
    last = f"The last one that went well was {when}" if usage.success_at else "None has gone well yet"
    if usage.failures >= MANY:
        return Finding("warning", f"{last}; {usage.failures} failed since then: {usage.failure_sentence}")
    if not usage.success_at:
        return Finding("note", f"{last}. Run edubox sync, or plug in a stick.")
    if usage.failures:
        return Finding("note", f"{last}; the newest failed: {usage.failure_sentence}")
    return Finding("good", f"{last}.")
