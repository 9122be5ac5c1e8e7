"""A card of 256 MiB: FAT with a loader's files, two tiny systems, and its state written as the box writes it."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

from edubox.hardware.slots import copies, grub, uboot
from edubox.hardware.slots.copies import Carrier

MIB = 1024 * 1024
SIZE, FAT, SLOTS, SLOT = 256 * MIB, 1 * MIB, {"a": 64 * MIB, "b": 128 * MIB}, 56 * MIB
BOOT = Path(__file__).parents[3] / "hardware" / "boot"
#: What a system says when it runs; a broken one ends its first process, which is a kernel's panic.
GOOD, BROKEN = "good", "broken"
_INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
echo "SYSTEM {kind} $(/bin/busybox cat /proc/cmdline)" > /dev/console
[ {kind} = broken ] && exit 1
/bin/busybox sync
/bin/busybox poweroff -f
"""
_TABLE = "label: dos\nlabel-id: 0x0edb0b01\n"


def make(disk: Path, work: Path) -> None:
    """An empty card *disk* with its partitions and an empty FAT."""
    with disk.open("wb") as out:
        out.truncate(SIZE)
    lines = [
        f"{FAT // 512},{63 * MIB // 512},0c,*",
        *(f"{at // 512},{SLOT // 512},83" for at in SLOTS.values()),
    ]
    subprocess.run(["sfdisk", "-q", str(disk)], input=_TABLE + "\n".join(lines), text=True, check=True)
    boot = work / "fat"
    boot.unlink(missing_ok=True)
    subprocess.run(
        ["mkfs.vfat", "-F", "32", "-n", "EDUBOX", "-C", str(boot), str(63 * 1024)],
        check=True,
        capture_output=True,
    )
    put(disk, boot, FAT)
    copy_in(disk, None, "edubox")


def put(disk: Path, part: Path, at: int) -> None:
    """Write the file *part* onto *disk*, *at* so many bytes from its beginning."""
    with disk.open("r+b") as out:
        out.seek(at)
        out.write(part.read_bytes())


def copy_in(disk: Path, source: Path | None, name: str) -> None:
    """Copy *source* to *name* on the FAT; a folder if it is None."""
    image = ["-i", f"{disk}@@{FAT}"]
    command = (
        ["mmd", *image, f"::/{name}"]
        if source is None
        else ["mcopy", *image, "-o", str(source), f"::/{name}"]
    )
    subprocess.run(command, check=True)


def system(disk: Path, work: Path, slot: str, kind: str, kernel: Path, busybox: Path) -> None:
    """Write a system of that *kind* to *slot*: a kernel and a first file system, in a file system that both loaders read."""
    tree, image = work / f"system-{kind}", work / f"system-{kind}.ext4"
    if not image.exists():
        (tree / "boot").mkdir(parents=True, exist_ok=True)
        (tree / "boot" / "vmlinuz").write_bytes(kernel.read_bytes())
        files = {"init": _INIT.format(kind=kind).encode(), "bin/busybox": busybox.read_bytes()}
        (tree / "boot" / "initrd.img").write_bytes(gzip.compress(_archive(files), 1))
        command = [
            "mke2fs",
            "-q",
            "-t",
            "ext4",
            "-O",
            "^has_journal",
            "-d",
            str(tree),
            str(image),
            f"{SLOT // 1024}k",
        ]
        subprocess.run(command, check=True)
    put(disk, image, SLOTS[slot])


def _archive(files: dict[str, bytes]) -> bytes:
    """An initramfs (cpio, newc) of *files* that may be run, with the folders and the device that a kernel wants."""
    folders = ("proc", "dev", "bin")
    entries = [(name, 0o040755, b"", (0, 0)) for name in folders]
    entries += [("dev/console", 0o020600, b"", (5, 1))]
    entries += [(name, 0o100755, data, (0, 0)) for name, data in files.items()]
    archive = b""
    for number, (name, mode, data, device) in enumerate([*entries, ("TRAILER!!!", 0, b"", (0, 0))], 1):
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        archive += head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
    return archive


class OnFat:
    """The two files of GRUB on the FAT of a card that no machine runs: mtools finds where, the bytes are written there."""

    def __init__(self, disk: Path, work: Path) -> None:
        self._disk, self._folder = disk, work / "state"
        (self._folder / grub.NAMES[0]).parent.mkdir(parents=True, exist_ok=True)
        self._files = grub.Files(self._folder)

    def read(self, copy: int) -> dict[str, str] | None:
        """See Carrier."""
        target = self._folder / grub.NAMES[copy]
        source = ["mcopy", "-i", f"{self._disk}@@{FAT}", "-n", "-o", f"::/{grub.NAMES[copy]}", str(target)]
        subprocess.run(source, check=True)
        return self._files.read(copy)

    def write(self, copy: int, values: dict[str, str]) -> None:
        """See Carrier."""
        self._files.write(copy, values)
        copy_in(self._disk, self._folder / grub.NAMES[copy], grub.NAMES[copy])


def pc(disk: Path, work: Path, root: Path) -> Carrier:
    """A card that a PC starts: GRUB in the gap before the first partition, as edubox's image has it."""
    make(disk, work)
    modules = root / "usr/lib/grub/i386-pc"
    early, core = work / "early.cfg", work / "core.img"
    early.write_text(
        "serial --unit=0 --speed=115200\nterminal_output serial\nset arguments='console=ttyS0'\nexport arguments\n"
        "search --label EDUBOX --set=root\nconfigfile ($root)/edubox/grub.cfg\n"
    )
    names = (
        "biosdisk part_msdos fat ext2 normal test loadenv regexp probe search search_label configfile linux reboot sleep echo "
        "serial terminal"
    )
    subprocess.run(
        [
            "grub-mkimage",
            "-O",
            "i386-pc",
            "-d",
            modules,
            "-o",
            core,
            "-c",
            early,
            "-p",
            "/edubox",
            *names.split(),
        ],
        check=True,
    )
    boot = bytearray((modules / "boot.img").read_bytes())
    with disk.open("r+b") as out:
        boot[440:512] = out.read(512)[440:]
        out.seek(0)
        out.write(boot)
        out.write(core.read_bytes())
    copy_in(disk, BOOT / "grub.cfg", "edubox/grub.cfg")
    carrier = OnFat(disk, work)
    for copy in copies.COPIES:
        carrier.write(copy, copies.values_of(copies.State(seq=1 + copy)))
    return carrier


def board(disk: Path, work: Path, _: Path) -> Carrier:
    """A card that U-Boot starts: its script on the FAT; the state is nothing but zeros yet."""
    make(disk, work)
    source, script = work / "boot.cmd", work / "boot.scr"
    source.write_text((BOOT / "boot.cmd").read_text().replace("@arguments@", "console=ttyAMA0"))
    made = ["mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-d", str(source), str(script)]
    subprocess.run(made, check=True, capture_output=True)
    copy_in(disk, script, "boot.scr")
    return uboot.Sectors(disk)
