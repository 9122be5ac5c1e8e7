"""The other slot of a card: a system that is tried and kept, then one that panics and is given up by the loader.

The systems get to their slot as a file system is written, by this computer: what a box does for that is proved on a PC
(``tests.prove.image.updates``); here the loader, its two sectors and the board's way to start again are what is looked at.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from edubox.hardware.image import layout
from edubox.hardware.slots import copies
from edubox.hardware.slots.uboot import Sectors
from tests.prove.image import updates, world
from tests.prove.image.machine import Kind, powered

Tell = Callable[[str], None]


def good_arrives(card: Path, kind: Kind, system: Path, tell: Tell) -> None:
    """A good *system* in slot b is tried at the next start, with all that the box has, and kept."""
    _offer(card, "b", system)
    with powered(card, kind) as machine:
        seconds = machine.wait_for("/", world.TITLE)
        assert updates.slot_of(machine) == "b", "the new system was not tried"
        assert "edubox.trial" in machine.ask("cat /proc/cmdline")
        tell(f"slot b was tried: every lesson is there {seconds:.0f} s after power-on")
        updates.kept(machine, "b")
        tell(f"and the box keeps it: {updates.state_of(machine)}")


def panic_arrives(card: Path, kind: Kind, system: Path, tell: Tell) -> None:
    """A system in slot a whose first process ends is given up by the board itself, and the box is back."""
    broken = _panicking(system, card.with_suffix(".broken"))
    _offer(card, "a", broken)
    broken.unlink()
    # QEMU goes off at a restart (-no-reboot), so each start is a machine of its own: the broken one ends by itself.
    for number in range(copies.TRIES):
        with powered(card, kind) as machine:
            seconds = machine.wait_for_its_end()
            said = machine.said()
            assert "edubox: slot a" in said, "the broken system was not tried"
            assert "Kernel panic" in said, said[-2000:]
            tell(
                f"try {number + 1} panicked in slot a, and the board started again by itself after {seconds:.0f} s"
            )
    with powered(card, kind) as machine:
        machine.wait_for("/", world.TITLE)
        assert updates.slot_of(machine) == "b"
        tell(f"slot b runs again, with every lesson: {updates.state_of(machine)}")


def _offer(card: Path, slot: str, system: Path) -> None:
    """Write *system* to *slot* of *card* and ask the loader to try it."""
    place = next(one for one in layout.partitions() if one.name == slot)
    with system.open("rb") as source, card.open("r+b") as target:
        target.seek(place.start)
        shutil.copyfileobj(source, target, layout.MB)
    copies.propose(Sectors(card), slot)


def _panicking(system: Path, output: Path) -> Path:
    """*system* with a program that ends in the place of the first process."""
    shutil.copyfile(system, output)
    ends, name = output.with_suffix(".sh"), "usr/lib/systemd/systemd"
    ends.write_text("#!/bin/sh\nexit 1\n")
    commands = f"rm /{name}\nwrite {ends} /{name}\nsif /{name} mode 0100755\n"
    subprocess.run(
        ["debugfs", "-w", "-f", "-", output], input=commands, text=True, check=True, capture_output=True
    )
    return output
