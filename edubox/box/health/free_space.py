"""Is there room for the next lessons, in bytes and in inodes?"""

from __future__ import annotations

import os

from edubox.box.health import Box, Finding

TITLE = "Free space"
#: A card below this share is slow and wears out; below half of it the next large lesson will not fit.
ENOUGH = 0.10


def check(box: Box) -> Finding:
    """Warn below 10 % of bytes or inodes, broken below the reserve that is never filled."""
    disk = os.statvfs(box.data)
    free = disk.f_bavail * disk.f_frsize
    inodes = disk.f_favail / disk.f_files if disk.f_files else 1.0
    share = disk.f_bavail / disk.f_blocks if disk.f_blocks else 0.0
    said = f"{free / 1e9:.1f} GB free ({share:.0%}), {inodes:.0%} of inodes"
    if free < box.settings["reserve_mb"] * 1_000_000:
        return Finding("broken", f"{said}. No new lesson fits: withdraw some, or use a larger card.")
    if share < ENOUGH or inodes < ENOUGH:
        return Finding(
            "warning", f"{said}. Soon no new lesson will fit: withdraw some, or plan a larger card."
        )
    return Finding("good", f"{said}.")
