"""Which disks of this computer are cards that may be written, and why the others may not, in words.

Read from what the kernel says (``/sys/block``, ``/proc/self/mountinfo``, ``/proc/swaps``) and udev has seen (``/run/udev``);
nothing is opened. The last word has the kernel: a disk in use in a way that none of them tells (another mount namespace, the
lower layer of an overlay) cannot be opened alone, see ``device``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import NotACard, OnlyOnLinux

#: Where the system begins; tests have small ones of their own.
ROOT = Path("/")
#: Bytes beyond which a disk is not taken for a card unless somebody names it: a backup drive is larger.
LARGEST_UNNAMED = 256_000_000_000
_SECTOR = 512  # the unit of /sys/block/*/size, whatever the disk's own
_VIRTUAL = re.compile(r"(?:loop|ram|zram|dm-|md|sr|fd|nbd|mtdblock)|mmcblk\d+(?:boot|rpmb)")
#: Without these a running system does not go on.
_SYSTEM = {"/", "/boot", "/boot/efi", "/boot/firmware", "/etc", "/home", "/usr", "/var", "/data"}
_ESCAPED = re.compile(r"\\([0-7]{3})")
_BELONGS = {"raid": "a RAID, LVM or ZFS set", "crypto": "an encrypted disk"}


@dataclass(frozen=True, slots=True)
class Disk:
    """One disk. *number* (``8:16``) and *sequence* tell whether a name still means the same one."""

    name: str
    path: Path
    #: Bytes.
    size: int
    model: str
    number: str
    sequence: str
    #: Whether it can be taken out: the disks that people would look for in a list of cards.
    removable: bool
    #: Why it is not written, as the end of a sentence; empty when it may be.
    refusal: str


def find() -> list[Disk]:
    """Every disk of this computer, by name. Raises OnlyOnLinux."""
    if sys.platform != "linux":
        raise OnlyOnLinux
    block = ROOT / "sys/block"
    names = [path.name for path in block.iterdir()] if block.is_dir() else []
    uses = list(_uses())
    return [_disk(block / name, uses) for name in sorted(names, key=_by_number) if not _VIRTUAL.match(name)]


def named(card: str) -> Disk:
    """The disk that somebody calls *card*: ``sdb``, ``/dev/sdb`` or a link to it. Raises NotACard, OnlyOnLinux."""
    path = Path(card)
    name = path.resolve().name if path.is_absolute() else path.name
    for disk in find():
        if disk.name == name:
            return disk
        if (ROOT / "sys/block" / disk.name / name / "partition").exists():
            raise NotACard(disk=card, reason=f"it is a partition; name the whole card, {disk.name}")
    raise NotACard(disk=card, reason="there is no such disk; edubox flash list shows those there are")


def is_still(disk: Disk) -> bool:
    """Whether its name means the same *disk* as before, and it may still be written."""
    return any(one == disk and not one.refusal for one in find())


def _disk(folder: Path, uses: list[tuple[str, str, str]]) -> Disk:
    size = int(_text(folder / "size") or 0) * _SECTOR
    soldered = folder.name.startswith("mmcblk") and _text(folder / "device/type") == "MMC"
    removable = not soldered and (
        folder.name.startswith("mmcblk")
        or _text(folder / "removable") == "1"
        or "/usb" in str(folder.resolve())
    )
    parts = (_text(folder / f"device/{name}") for name in ("vendor", "model", "name"))
    refusal = _refusal(folder, uses)
    if not removable and not refusal:
        refusal = "it is built into this computer"
    elif not size:
        refusal = "there is no card in it"
    elif not refusal and _text(folder / "ro") == "1":
        refusal = "it is write-protected: look at the little switch on the card"
    return Disk(
        folder.name, ROOT / "dev" / folder.name, size, " ".join(filter(None, parts)), _text(folder / "dev"),
        _text(folder / "diskseq"), removable, refusal,
    )  # fmt: skip


def _refusal(folder: Path, uses: list[tuple[str, str, str]]) -> str:
    """Why the disk in *folder* of /sys is not to be written, for what is on it; empty for no reason."""
    own = [folder, *(path.parent for path in sorted(folder.glob("*/partition")))]
    above = [one for path in own for one in _holders(path)]
    for path in (*own, *above):
        number = _text(path / "dev")
        for used_number, used_name, place in uses:
            if path.name != used_name and (not number or number != used_number):
                continue
            if place in _SYSTEM:
                return "this computer runs from it"
            if not place:
                return f"this computer swaps memory to {path.name}"
            return f"it is in use at {place}; leave that folder, then: umount {used_name and '/dev/' + used_name}"
    if above:
        return f"it is part of {above[0].name}, which this computer has open"
    for path in own:
        if kind := _BELONGS.get(_udev(_text(path / "dev")).get("ID_FS_USAGE", "")):
            return f"{path.name} is part of {kind}; if it is not wanted any more: wipefs -a /dev/{path.name}"
    return ""


def _holders(folder: Path, depth: int = 8) -> Iterator[Path]:
    """What is built on the disk or partition *folder*: an open encrypted disk, LVM volumes, RAID sets, and what is on those."""
    holders = folder / "holders"
    for one in sorted(holders.iterdir()) if depth and holders.is_dir() else ():
        found = ROOT / "sys/block" / one.name
        yield found
        yield from _holders(found, depth - 1)


def _uses() -> Iterator[tuple[str, str, str]]:
    """What of this computer is on which disk: its number, its name below /dev, and where; an empty place for swap."""
    for line in _text(ROOT / "proc/self/mountinfo").splitlines():
        fields = line.split(" ")
        if len(fields) > 9 and "-" in fields:
            place = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[4])
            source = fields[fields.index("-") + 2]
            yield fields[2], source.rpartition("/")[2] if source.startswith("/dev/") else "", place
    for line in _text(ROOT / "proc/swaps").splitlines()[1:]:
        yield "", line.split(" ")[0].split("\t")[0].rpartition("/")[2], ""


def _udev(number: str) -> dict[str, str]:
    """What udev found on the device *number*, by name."""
    lines = _text(ROOT / f"run/udev/data/b{number}").splitlines()
    return dict(line[2:].split("=", 1) for line in lines if line.startswith("E:") and "=" in line)


def _text(path: Path) -> str:
    """What the small file *path* says; empty if there is none, as for a card that was pulled meanwhile."""
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _by_number(name: str) -> tuple[int, str]:
    """Order names as the kernel gives them: sdz before sdaa."""
    return len(name), name
