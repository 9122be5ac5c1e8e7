"""The first partition, which any computer opens, and what starts a kernel: GRUB on a PC, U-Boot on a Raspberry Pi.

``edubox.toml`` lies there for a technician, ``edubox/`` for the loader. A PC starts the same card by its BIOS (the first sectors
of the card) and by UEFI (``EFI/BOOT``).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from edubox.errors import BadImage
from edubox.hardware.boards import GRUB, Board
from edubox.hardware.image import environment, layout
from edubox.hardware.image.programs import run
from edubox.hardware.image.recipe import Recipe

LABEL = "EDUBOX"
_BOOT_CODE = 440
_MODULES = (
    "fat", "part_msdos", "ext2", "normal", "test", "loadenv", "regexp", "probe", "search", "search_fs_file", "configfile", "linux", "reboot",
    "sleep", "echo", "serial", "terminal",
)  # fmt: skip
#: What a Raspberry Pi's own firmware reads: itself, the descriptions of the boards, and what it starts.
_OF_A_PI = (
    "usr/lib/raspi-firmware/bootcode.bin", "usr/lib/raspi-firmware/start*.elf", "usr/lib/raspi-firmware/fixup*.dat",
    "usr/lib/linux-image-*/broadcom/bcm2[78]*.dtb", "usr/lib/u-boot/rpi_arm64/u-boot.bin",
)  # fmt: skip
#: Where an arm64 kernel says how many bytes it takes in memory, and that it is one that U-Boot can start: not compressed.
_KERNEL_SIZE, _KERNEL_MARK, _MARK = 16, 56, b"ARMd"
#: Bytes that boot.cmd leaves a kernel, wherever U-Boot moves it within them.
KERNEL_ROOM = 64 * layout.MB
#: GRUB's own first lines: where its rules are, and what the kernel is told besides the slot.
_EARLY = """serial --unit=0 --speed=115200
terminal_output serial console
set arguments="{arguments}"
export arguments
search --file --set=root /edubox/grub.cfg
configfile /edubox/grub.cfg
"""


def fill(
    board: Board, recipe: Recipe, hardware: Path, tools: Path, root: Path, work: Path, epoch: int
) -> None:
    """Make the folder *work*, in *tools*, whose files the first partition gets; *root* is the system. Raises BadImage."""
    (work / "edubox").mkdir(parents=True)
    if recipe.card:
        (work / "edubox.toml").write_bytes(recipe.card)
    if board.loader == GRUB:
        _grub(board, recipe, hardware, tools, work, epoch)
    else:
        _u_boot(board, recipe, hardware, tools, root, work, epoch)


def partition(tools: Path, folder: Path, output: Path, epoch: int) -> None:
    """Write *output*, the FAT file system of *folder*; both in *tools*."""
    size = layout.partitions()[0].size
    with output.open("wb") as handle:
        handle.truncate(size)
    inside = f"/{output.relative_to(tools)}"
    run(
        ["mkfs.vfat", "--invariant", "-F", "32", "-i", f"{layout.FAT_ID:08x}", "-n", LABEL, inside],
        epoch,
        tools,
    )
    for path in sorted(folder.rglob("*")):
        place = f"::/{path.relative_to(folder)}"
        source = f"/{path.relative_to(tools)}"
        run(
            ["mmd", "-i", inside, place] if path.is_dir() else ["mcopy", "-i", inside, source, place],
            epoch,
            tools,
        )


def first_sectors(image: Path, board: Board, tools: Path, work: Path) -> None:
    """Write what a PC's BIOS starts in front of the first partition of *image*, as ``fill`` has made it in *work*'s folder."""
    if board.loader != GRUB:
        return
    loader = tools / "usr/lib/grub/i386-pc/boot.img"
    with image.open("r+b") as handle:
        handle.write(loader.read_bytes()[:_BOOT_CODE])
    layout.place(image, work.parent / "core.img", layout.SECTOR, layout.FRONT - layout.SECTOR)


def _grub(board: Board, recipe: Recipe, hardware: Path, tools: Path, work: Path, epoch: int) -> None:
    arguments = f"{board.arguments} {recipe.arguments}".strip()
    shutil.copyfile(hardware / "boot" / "grub.cfg", work / "edubox" / "grub.cfg")
    early = work.parent / "early.cfg"
    early.write_text(_EARLY.format(arguments=arguments), "ascii")
    (work / "EFI" / "BOOT").mkdir(parents=True)
    for form, more, output in (
        ("i386-pc", ("biosdisk",), work.parent / "core.img"),
        ("x86_64-efi", ("efi_gop", "all_video"), work / "EFI" / "BOOT" / "BOOTX64.EFI"),
    ):
        run([
            "grub-mkimage", "-O", form, "-p", "/edubox", "-c", f"/{early.relative_to(tools)}", "-o", f"/{output.relative_to(tools)}",
            *_MODULES, *more,
        ], epoch, tools)  # fmt: skip


def _u_boot(board: Board, recipe: Recipe, hardware: Path, tools: Path, root: Path, work: Path, epoch: int) -> None:  # fmt: skip
    """U-Boot as the Pi's firmware starts it; firmware and device trees come from the root's own packages."""
    check_kernel(root / "boot" / "vmlinuz")
    arguments = f"{board.arguments} {recipe.arguments}".strip()
    script = (hardware / "boot" / "boot.cmd").read_text("ascii").replace("@arguments@", arguments)
    source = work.parent / "boot.cmd"
    source.write_text(script, "ascii")
    run([
        "mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-n", "edubox", "-d", f"/{source.relative_to(tools)}",
        f"/{(work / 'boot.scr').relative_to(tools)}",
    ], epoch, tools)  # fmt: skip
    shutil.copyfile(hardware / "boot" / "config.txt", work / "config.txt")
    for pattern in _OF_A_PI:
        found = sorted(root.glob(pattern))
        if not found:
            raise BadImage(path=root, reason=f"it has no {pattern}, which a Raspberry Pi starts with")
        for path in found:
            shutil.copyfile(path, work / path.name)
    told = (hardware / "boot" / "environment.txt").read_text("ascii")
    (work / environment.NAME).write_bytes(environment.environment(work / "u-boot.bin", told))


def check_kernel(kernel: Path) -> None:
    """Raise BadImage if U-Boot cannot start *kernel* where boot.cmd puts it."""
    with kernel.open("rb") as handle:
        head = handle.read(_KERNEL_MARK + len(_MARK))
    if head[_KERNEL_MARK:] != _MARK:
        raise BadImage(path=kernel, reason="it is no kernel that U-Boot can start")
    size = int.from_bytes(head[_KERNEL_SIZE : _KERNEL_SIZE + 8], "little")
    if size > KERNEL_ROOM:
        raise BadImage(
            path=kernel, reason=f"it takes {size} bytes, and hardware/boot/boot.cmd leaves it {KERNEL_ROOM}"
        )
