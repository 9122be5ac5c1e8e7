"""Is there memory to work with, and since when does the computer run?"""

from __future__ import annotations

from edubox.box.health import Box, Finding, text

TITLE = "Memory"
#: Kilobytes below which the next lesson may not be made, and the share of all that is little anyway.
LITTLE, SHARE = 40_000, 0.05
DAY, HOUR = 86_400, 3600


def check(box: Box) -> Finding | None:
    """A note when little is left; it comes back by itself when what runs has ended."""
    lines = [line.split() for line in text(box.root / "proc/meminfo").splitlines()]
    has = {line[0].rstrip(":"): int(line[1]) for line in lines if len(line) > 1 and line[1].isdecimal()}
    whole, free = has.get("MemTotal", 0), has.get("MemAvailable", 0)
    if not whole:
        return None
    said = f"{free // 1000} of {whole // 1000} MB are free{_since(box)}"
    if free < max(LITTLE, whole * SHARE):
        return Finding("note", f"{said}. If it stays so, start the box again.")
    return Finding("good", f"{said}.")


def _since(box: Box) -> str:
    try:
        seconds = int(float(text(box.root / "proc/uptime").split()[0]))
    except (ValueError, IndexError, OverflowError):
        return ""
    long = f"{seconds // DAY} days" if seconds >= 2 * DAY else f"{seconds // HOUR} hours"
    return f"; the computer runs for {long}"
