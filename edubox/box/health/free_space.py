"""Is there room for the next lessons, in bytes and in inodes?"""

from __future__ import annotations

import os

from edubox.box.health import Box, Finding
from edubox.store.platform import Reserve
from edubox.store.space import MB

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
    if free < box.settings["reserve_mb"] * MB:
        return Finding("broken", f"{said}. No new lesson fits: withdraw some, or use a larger card.")
    if share < ENOUGH or inodes < ENOUGH:
        return Finding(
            "warning", f"{said}. Soon no new lesson will fit: withdraw some, or plan a larger card."
        )
    return Finding("good", f"{said}.")


def fix(box: Box) -> str:
    """Let go of kept packages and replaced versions, as a full card does; no lesson leaves without a synchronisation."""
    from edubox.box.catalog import Catalogue
    from edubox.errors import NoRoom
    from edubox.store.lock import lock
    from edubox.sync.eviction import make_room
    from edubox.sync.local import Local

    said: list[str] = []
    disk = os.statvfs(box.data)
    free, files = disk.f_bavail * disk.f_frsize, int(disk.f_files * ENOUGH) - disk.f_favail
    local, catalogue = Local(box.data, [], Reserve()), Catalogue(box.data)
    with lock(box.data / ".lock"):
        stay = {one.publisher for one in catalogue.installed()}
        arriving = {path.name for path in local.arriving.glob("*")}
        for wish in (int(disk.f_blocks * disk.f_frsize * ENOUGH), box.settings["reserve_mb"] * MB):
            lacking = Reserve(max(wish - free, 0), max(files, 0))
            error = NoRoom(path=box.data, reason="the card is nearly full", lacking=lacking)
            if any(lacking) and make_room(local, catalogue, stay, arriving, error, said.append):
                break
    return (
        " ".join(said)
        or "Nothing may leave: withdraw lessons, follow fewer publishers, or use a larger card."
    )
