"""The state of this card's two slots, by the place where its FAT partition is mounted (``/boot/firmware``).

Every function raises NotFound when nothing there carries such a state: this computer has no slots.
"""

from __future__ import annotations

from pathlib import Path

from edubox.hardware.slots import carriers, copies
from edubox.hardware.slots.copies import State

__all__ = ["State", "keep", "propose", "read"]


def read(boot: Path) -> State:
    """What counts now; slot a is the good one when nothing can be read."""
    return copies.load(carriers.of(boot))[0]


def propose(boot: Path, slot: str) -> State:
    """Ask the loader to try *slot* (``a`` or ``b``) at the next start. Raises OSError, UnusablePath, FailedSlot."""
    return copies.propose(carriers.of(boot), slot)


def keep(boot: Path, slot: str) -> State:
    """Make *slot* the one that starts from now on. Raises OSError, UnusablePath, FailedSlot."""
    return copies.keep(carriers.of(boot), slot)
