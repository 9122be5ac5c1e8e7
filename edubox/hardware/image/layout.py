"""Where everything is on a card: one table, four partitions, the same on every board.

The last partition takes what the card has at first boot, so the image itself is as small as what stands before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edubox.hardware.image.programs import run

MB = 1024 * 1024
SECTOR = 512
#: Id of the table, and of the FAT file system: the same on all cards, since nothing is found by them but by labels.
DISK_ID, FAT_ID = 0xED0B0C01, 0xED0B0C02
#: Bytes in front of the first partition: a loader of a PC, the state of the slots of a Pi.
FRONT = 1 * MB


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: its *start* and *size* in bytes, its *type* in the table's own numbers."""

    name: str
    start: int
    size: int
    type: str


def partitions() -> tuple[Partition, ...]:
    """The partitions, in their order."""
    made, start = [], FRONT
    for name, size, type_ in (("boot", 256, "c"), ("a", 1280, "83"), ("b", 1280, "83"), ("data", 64, "83")):
        made.append(Partition(name, start, size * MB, type_))
        start += size * MB
    return tuple(made)


def size() -> int:
    """Bytes of an image."""
    last = partitions()[-1]
    return last.start + last.size


def create(image: Path, epoch: int) -> None:
    """Make *image* as a file with holes, and write its table."""
    with image.open("wb") as handle:
        handle.truncate(size())
    script = ["label: dos", f"label-id: {DISK_ID:#x}"] + [
        f"start={one.start // SECTOR}, size={one.size // SECTOR}, type={one.type}{', bootable' if one.name == 'boot' else ''}"
        for one in partitions()
    ]
    table = image.with_suffix(".table")
    table.write_text("\n".join(script) + "\n", "ascii")
    try:
        run(["sh", "-c", 'sfdisk --quiet "$1" < "$2"', "sh", image, table], epoch)
    finally:
        table.unlink()


def place(image: Path, content: Path, offset: int, longest: int) -> None:
    """Write *content* into *image* at *offset*, leaving holes where it has zeros.

    Raises ValueError if it is longer than *longest* bytes.
    """
    if content.stat().st_size > longest:
        raise ValueError(f"{content.name} has {content.stat().st_size} bytes, and there are {longest}")
    with content.open("rb") as source, image.open("r+b") as target:
        done = 0
        while block := source.read(MB):
            if block.count(0) != len(block):
                target.seek(offset + done)
                target.write(block)
            done += len(block)
