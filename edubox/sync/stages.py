"""Who may take a new version when: a spreading in stages, and the hub's brake. Pure decisions.

A publisher signs from which moments how many boxes in a thousand may have a version (``pack.index``). Which ones are first is
drawn by a hash of box and version, so that nobody is always first, no list of boxes is needed, and a mirror
that nobody tends does it as well as a hub. A hub that hears of many failures asks boxes to wait (``sync.checking``): it
can delay a version and never choose one. Whoever has it already keeps it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

from edubox.pack.index import ALL, Index


def place(box: str, manifest: str) -> int:
    """The place of *box* among a thousand for the version whose *manifest* has this hash: 0 is first, even over boxes."""
    drawn = hashlib.sha256(f"{box} {manifest}".encode()).digest()
    return int.from_bytes(drawn[:6], "big") * ALL >> 48


def may_take(
    index: Index, address: str, box: str, now: datetime, held_back: Collection[tuple[str, int]] = ()
) -> bool:
    """Whether *box* may take the version of *index* at *now* (UTC); *held_back* are addresses and versions that a hub asks to wait with."""
    if (address, index.version) in held_back:
        return False
    if not index.stages:
        return True
    moment = f"{now:%Y-%m-%dT%H:%MZ}"
    share = max((permille for begin, permille in index.stages if begin <= moment), default=0)
    return place(box, index.manifest) < share
