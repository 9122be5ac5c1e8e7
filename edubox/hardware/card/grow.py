"""The data partition takes what the card has: once after flashing, and again if a card was cut off while it grew.

An image is a few per cent smaller than the smallest card of its size, and its last partition is small. The numbers are worked
out here; the changes are left to the system's own programs, in an order in which a power cut anywhere is followed by the same
steps at the next start: the table's one sector, what the kernel knows of it, then ext4, which grows while it is mounted.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import EduboxError, FailedCommand

SECTOR = 512
#: Partitions begin and end at whole megabytes, as a card's own blocks do.
_ALIGNED = 1024 * 1024 // SECTOR
#: The last sector that a table of this kind can name.
_LAST = 2**32 - 1
#: What is left at the end of the card: some readers hide a few sectors there.
_SPARE = _ALIGNED
#: Seconds that one step may take on a slow card.
_PATIENCE = 900


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition of a card, in sectors of 512 bytes; *disk* and *device* are what programs are told."""

    disk: str
    device: str
    number: int
    start: int
    size: int
    disk_size: int


def grown(partition: Partition) -> int:
    """The size in sectors that *partition*, the last of its card, may have; its own if there is nothing to gain."""
    end = min(partition.disk_size - _SPARE, _LAST)
    return max(partition.size, (end // _ALIGNED) * _ALIGNED - partition.start)


def is_cut_off(partition: Partition) -> bool:
    """Whether the card ends before *partition* does: it is smaller than the image, or lies about its size."""
    return partition.start + partition.size > partition.disk_size


def commands(partition: Partition, size: int) -> list[tuple[list[str], str]]:
    """The programs that make *partition* have *size* sectors, each with what it is told on its standard input."""
    table = (
        ["sfdisk", "--no-reread", "--no-tell-kernel", "--force", "--quiet", "-N", str(partition.number), partition.disk],
        f"{partition.start},{size}\n",
    )  # fmt: skip
    kernel = (["partx", "--update", "--nr", str(partition.number), partition.disk], "")
    # Said in full: it then does nothing when nothing is to be done, and never more than the table says.
    system = (["resize2fs", partition.device, f"{size * SECTOR // 1024}K"], "")
    return [table, kernel, system] if size != partition.size else [system]


def grow(partition: Partition) -> None:
    """Let *partition* and its mounted ext4 fill the card. Raises FailedCommand; then it is as large as it was."""
    if is_cut_off(partition):
        raise FailedCommand(command="grow", reason="the card is smaller than the image; use a larger one")
    for command, told in commands(partition, grown(partition)):
        run(command, told)


def run(command: list[str], told: str = "") -> None:
    """Run a program of the system. Raises FailedCommand with what it said last."""
    environment = os.environ | {"LC_ALL": "C", "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    try:
        done = subprocess.run(
            command,
            input=told,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FailedCommand(command=command[0], reason=str(error)) from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise FailedCommand(
            command=command[0], reason=said[-1] if said else f"it ended with {done.returncode}"
        )


def partition_of(folder: Path, system: Path = Path("/")) -> Partition | None:
    """The partition of which *folder* is a file; None if it is none of a disk, such as a folder of a test.

    *system*: where the kernel's ``sys`` and ``dev`` are. Raises EduboxError for what the kernel says and nobody understands.
    """
    device = os.stat(folder).st_dev
    entry = Path(os.path.realpath(system / f"sys/dev/block/{os.major(device)}:{os.minor(device)}"))
    if not (entry / "partition").exists():
        return None
    try:
        number, start, size = (
            int((entry / name).read_text("ascii")) for name in ("partition", "start", "size")
        )
        disk_size = int((entry.parent / "size").read_text("ascii"))
    except (OSError, ValueError):
        raise EduboxError from None
    return Partition(f"/dev/{entry.parent.name}", f"/dev/{entry.name}", number, start, size, disk_size)
