"""Which carrier a card has: files beside GRUB, or sectors of the disk that holds the FAT partition with U-Boot's script."""

from __future__ import annotations

import os
from pathlib import Path

from edubox.errors import NotFound
from edubox.hardware.slots import grub, uboot
from edubox.hardware.slots.copies import Carrier

#: What U-Boot and what GRUB read their rules from, on the FAT partition.
SCRIPT, RULES = "boot.scr", "edubox/grub.cfg"
_DEVICES = Path("/sys/dev/block")


def of(boot: Path) -> Carrier:
    """The carrier of the card whose FAT partition is mounted at *boot*. Raises NotFound: there are no slots here."""
    if (boot / SCRIPT).is_file():
        return uboot.Sectors(_disk(boot))
    if (boot / RULES).is_file():
        return grub.Files(boot)
    raise NotFound(what=f"The state of two systems on {boot}")


def _disk(boot: Path) -> Path:
    """The whole disk that holds the partition mounted at *boot*. Raises NotFound."""
    number = boot.stat().st_dev
    partition = _DEVICES / f"{os.major(number)}:{os.minor(number)}"
    if not (partition / "partition").exists():
        raise NotFound(what=f"The card that {boot} is a partition of")
    return Path("/dev") / partition.resolve().parent.name
