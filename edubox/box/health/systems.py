"""Which of its two systems does the box run, if it has two, and what became of the last new one?"""

from __future__ import annotations

from pathlib import Path

from edubox.box.health import Box, Finding
from edubox.hardware.slots import outcome
from edubox.store import slots

TITLE = "System"


def check(box: Box) -> Finding | None:
    """A warning when a new system did not work and the old one runs again, a note while one is tried."""
    folder = Path(box.settings["slots"])
    running = slots.running(box.root / "proc/cmdline")
    if running is None or not folder.is_dir():
        return None
    held, came = slots.read(folder, running), outcome.read(folder)
    said = f"System {running.upper()} runs, " + (
        f"version {held.version}" if held and held.version else "as the image brought it"
    )
    if came is not None and came.outcome == outcome.FELL_BACK:
        return Finding(
            "warning",
            f"{said}. A newer one did not work and was left again. Nothing is lost; tell who publishes it.",
        )
    if came is not None and came.outcome == outcome.RESCUED:
        return Finding(
            "warning", f"{said}. The other one could not be started. Tell who looks after the boxes."
        )
    if came is not None and came.outcome == outcome.TRIED:
        return Finding("note", f"{said} for the first time. Leave it switched on for some minutes.")
    waits = slots.waiting(folder, running)
    return Finding(
        "good", f"{said}." + (f" Version {waits.version} waits for the next start." if waits else "")
    )
