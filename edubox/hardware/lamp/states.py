"""Which state the box is in, from what it knows anyway: pure, so that every case has a test.

Nothing is remembered: asked twice, the same answer. What is on its way comes before what is wrong, since a plug that is pulled
because something looks wrong is the worst of all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from edubox.hardware.card.state import UNKNOWN
from edubox.hardware.lamp.codes import STARTING, TROUBLE, WAIT, WELL

#: Seconds after power-on in which a box that serves nothing yet is starting; after them something is wrong. A slow card is waited for
#: three minutes (hardware/root/etc/fstab).
PATIENCE = 600.0
#: Units whose work takes minutes of writing: a new system, and on a fresh card everything.
WRITES, PREPARES = "edubox-system.service", "edubox-card.service"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: which units are at *work*, what came of the card's *outcome*, whether pages are *served*, since when it is *up*."""

    work: Collection[str]
    outcome: str
    served: bool
    #: Seconds since power-on.
    up: float
    #: Whether the computer or its card needs somebody.
    ill: bool = False


def state_of(facts: Facts) -> str:
    """One of the words of ``codes``; never the one for switching off, which is said when it happens."""
    if WRITES in facts.work or (PREPARES in facts.work and facts.outcome == UNKNOWN):
        return WAIT
    if not facts.served:
        return STARTING if facts.up < PATIENCE else TROUBLE
    return TROUBLE if facts.ill else WELL
