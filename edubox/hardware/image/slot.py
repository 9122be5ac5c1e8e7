"""File systems from folders, the same bytes from the same folder: a slot's root, and the data partition.

ext4 without a journal, read-only: GRUB and U-Boot read their kernel from it, which they cannot from erofs. It is made by the
``mke2fs`` of the image's own Debian, which takes its times from SOURCE_DATE_EPOCH; Debian 12's leaves those of the folder.
"""

from __future__ import annotations

from pathlib import Path

from edubox.hardware.image.layout import MB
from edubox.hardware.image.programs import run

#: Ids of the file systems: any, but always the same. Slots are found by their partition, the data partition by its label.
_ROOT_ID, _DATA_ID = "ed0b0c03-0000-4000-8000-000000000001", "ed0b0c03-0000-4000-8000-000000000002"
#: Room beside the files, of 32 parts: what the tables of the file system take.
_SPARE = 3
#: One folder or file takes one inode; an image that is full to the last one is of no use.
_MORE_INODES = 1000
DATA_LABEL = "edubox-data"


def root(tools: Path, folder: Path, output: Path, epoch: int) -> None:
    """Write *output*, the file system of the root *folder*. Both lie in *tools*, whose programs make it."""
    used, count = 0, 0
    for path in folder.rglob("*"):
        count += 1
        if path.is_file() and not path.is_symlink():
            used += -(-path.lstat().st_size // 4096) * 4096
    size = -(-(used * (32 + _SPARE) // 32 + 8 * MB) // MB)
    _make(tools, output, epoch, [
        "-O", "^has_journal,^resize_inode,^metadata_csum_seed,^orphan_file", "-m", "0", "-N", str(count + _MORE_INODES), "-U", _ROOT_ID,
        "-E", f"hash_seed={_ROOT_ID},lazy_itable_init=0,nodiscard", "-L", "system", "-d", _inside(tools, folder),
    ], size)  # fmt: skip


def data(tools: Path, folder: Path, output: Path, size: int, epoch: int) -> None:
    """Write *output*, a data partition of *size* bytes with what is in *folder*.

    An inode for every 4 KiB: lessons are many small files, and the default ends before the bytes do.
    """
    _make(tools, output, epoch, [
        "-i", "4096", "-m", "1", "-U", _DATA_ID, "-E", f"hash_seed={_DATA_ID},lazy_itable_init=0,nodiscard", "-L", DATA_LABEL,
        "-O", "^metadata_csum_seed,^orphan_file", "-d", _inside(tools, folder),
    ], size // MB)  # fmt: skip


def _make(tools: Path, output: Path, epoch: int, options: list[str], megabytes: int) -> None:
    line = [
        "mke2fs",
        "-q",
        "-F",
        "-t",
        "ext4",
        "-b",
        "4096",
        *options,
        _inside(tools, output),
        f"{megabytes}M",
    ]
    run(line, epoch, tools)


def _inside(tools: Path, path: Path) -> str:
    return f"/{path.relative_to(tools)}"
