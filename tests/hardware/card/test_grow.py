"""The data partition takes what the card has, on a card that is a file: with the system's own programs and no mount."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace

import pytest

from edubox.errors import FailedCommand
from edubox.hardware.card import grow
from edubox.hardware.card.grow import Partition
from tests import needs

MB = 2048  # in sectors
PROGRAMS = ("sfdisk", "mke2fs", "resize2fs", "e2fsck", "dumpe2fs", "debugfs")
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
CARD = Partition("/dev/mmcblk0", "/dev/mmcblk0p4", 4, 2817 * MB, 16 * MB, 14_000 * MB)


def test_the_last_partition_ends_a_megabyte_before_the_card():
    assert grow.grown(CARD) == (14_000 - 2817 - 1) * MB


def test_a_card_of_an_odd_size_is_filled_to_a_whole_megabyte():
    odd = replace(CARD, disk_size=14_000 * MB + 1333)
    assert (odd.start + grow.grown(odd)) % MB == 0
    assert odd.start + grow.grown(odd) <= odd.disk_size


def test_a_partition_that_is_large_enough_stays():
    full = replace(CARD, size=grow.grown(CARD))
    assert grow.grown(full) == full.size
    assert [command[0] for command, _ in grow.commands(full, full.size)] == ["resize2fs"], (
        "a cut may have been before it"
    )


def test_a_card_that_is_hardly_larger_than_its_image_is_left_as_it_is():
    assert grow.grown(replace(CARD, disk_size=CARD.start + CARD.size + 5)) == CARD.size


def test_a_card_larger_than_the_table_can_say_is_filled_as_far_as_it_can():
    huge = replace(CARD, disk_size=2**33)
    assert huge.start + grow.grown(huge) < 2**32


def test_a_card_that_is_smaller_than_its_image_is_told_and_not_touched():
    with pytest.raises(FailedCommand, match="use a larger one"):
        grow.grow(replace(CARD, disk_size=CARD.start + 5))


def test_the_kernel_says_which_partition_holds_a_folder(tmp_path):
    device = os.stat(tmp_path).st_dev
    disk = tmp_path / "sys/devices/mmc/mmcblk0"
    for folder, facts in (
        (disk / "mmcblk0p4", {"partition": 4, "start": CARD.start, "size": CARD.size}), (disk, {"size": CARD.disk_size}),
    ):  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in facts.items():
            (folder / name).write_text(f"{value}\n")
    block = tmp_path / "sys/dev/block"
    block.mkdir(parents=True)
    assert grow.partition_of(tmp_path, tmp_path) is None, "no partition: nothing grows"
    (block / f"{os.major(device)}:{os.minor(device)}").symlink_to(disk / "mmcblk0p4")
    assert grow.partition_of(tmp_path, tmp_path) == CARD


@pytest.mark.parametrize("cut_after", [0, 1, 2, 3])
def test_a_real_table_and_file_system_grow_and_keep_their_files(tmp_path, cut_after):
    """The partition's content is a file of its own, as large as the kernel would say: there is no loop device here."""
    needs.programs(*PROGRAMS)
    image, part, kept = tmp_path / "card.img", tmp_path / "part", tmp_path / "files"
    kept.mkdir()
    (kept / "lesson").write_bytes(b"everything" * 1000)
    flashed = Partition(str(image), str(part), 4, 40 * MB, 8 * MB, 64 * MB)
    with image.open("wb") as out:
        out.truncate(flashed.disk_size * grow.SECTOR)
    starts = [start * MB for start in (1, 10, 20, 40)]
    run(
        ["sfdisk", "-q", str(image)],
        "label: dos\n" + "".join(f"start={start}, size={8 * MB}\n" for start in starts),
    )
    run(["mke2fs", "-q", "-t", "ext4", "-i", "4096", "-d", str(kept), str(part), "8M"])
    for command, told in grow.commands(flashed, grow.grown(flashed))[:cut_after]:
        _step(command, told, flashed)
    again = replace(flashed, size=_sizes(image)[3])
    for command, told in grow.commands(again, grow.grown(again)):
        _step(command, told, flashed)
    assert _sizes(image) == [8 * MB, 8 * MB, 8 * MB, 23 * MB]
    run(["e2fsck", "-fn", str(part)])
    assert "Block count:              23552" in run(["dumpe2fs", "-h", str(part)])
    assert run(["debugfs", "-R", "cat lesson", str(part)]) == "everything" * 1000


def _step(command: list[str], told: str, partition: Partition) -> None:
    if command[0] != "partx":
        grow.run(command, told)
    if command[0] in {"partx", "sfdisk"}:  # the kernel reads the table then, and after every start
        os.truncate(partition.device, _sizes(partition.disk)[3] * grow.SECTOR)


def _sizes(image) -> list[int]:
    """The sizes of the partitions of *image*, in sectors."""
    return [int(size) for size in re.findall(r"size=\s*(\d+)", run(["sfdisk", "-d", str(image)]))]


def run(command: list[str], told: str = "") -> str:
    environment = os.environ | {"PATH": PATH, "LC_ALL": "C"}
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_program_that_fails_is_told_with_what_it_said(tmp_path):
    with pytest.raises(FailedCommand, match="resize2fs did not do its work"):
        grow.run(["resize2fs", str(tmp_path / "none")])
    with pytest.raises(FailedCommand, match="no-such-program"):
        grow.run(["no-such-program"])
