"""Both carriers on a disk that can be cut, and both loaders as one model: what ``hardware/boot/`` does, in Python.

The real GRUB and the real U-Boot are compared with it in ``tests/prove/slots``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from edubox.hardware.slots import copies, grub, uboot
from edubox.hardware.slots.copies import Carrier, State, values_of

SECTOR = 512
#: What a sector holds that was being written when the power went off, at worst.
LOST = b"\xff" * SECTOR


class Cut(BaseException):
    """The power went off."""


@dataclass
class Card:
    """Two copies as sectors of bytes. The power goes off in the sector after *left* more of them; None: never."""

    block: Callable[[dict], bytes]
    parse: Callable[[bytes], dict | None]
    #: Whether the loader needs a copy that can be read to write it: GRUB edits what is there.
    edits: bool
    places: list[bytes] = field(default_factory=lambda: [b"", b""])
    left: int | None = None
    worn: bool = False

    def read(self, copy):
        return self.parse(self.places[copy])

    def write(self, copy, values):
        new = self.block(values)
        for at in range(0, len(new), SECTOR):
            cut = self.left == 0
            if self.left:
                self.left -= 1
            if not self.worn:
                sector = LOST if cut else new[at : at + SECTOR]
                old = self.places[copy][: len(new)].ljust(len(new), b"\xff")
                self.places[copy] = old[:at] + sector + old[at + SECTOR :]
            if cut:
                raise Cut

    def clone(self):
        return replace(self, places=list(self.places), left=None)


def on_files():
    return Card(grub.block, grub.parse, edits=True)


def on_sectors():
    return Card(uboot.block, uboot.parse, edits=False)


CARRIERS = {"files": on_files, "sectors": on_sectors}


def loader(card: Carrier, *, edits: bool) -> str:
    """The slot that the loader starts; it takes a try away before."""
    state, copy = copies.load(card)
    if not state.left or not state.trying:
        return state.good
    target = 1 - copy
    if edits and card.read(target) is None:
        return state.good
    after = State(state.good, state.trying, state.left - 1, state.seq)
    card.write(target, values_of(after))
    return state.trying if card.read(target) == values_of(after) else state.good
