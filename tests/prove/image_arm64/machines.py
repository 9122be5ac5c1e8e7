"""Two computers that start the card of a Raspberry Pi.

One serial line is the console and, once the system runs, the shell: a Pi's first serial line belongs to its Bluetooth, so the board's
second one, ``ttyS1``, has both. ``virt`` gets cards with serial lines until one of them has that name.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from edubox.hardware.image import layout
from tests.prove.image.machine import Kind

BOARD = "rpi-arm64"
#: Words for the kernel: a shell on the console's line and nobody else there; what QEMU's Pi has no radio and no screen for.
#: Its watchdog (QEMU 7.2) resets at once when somebody opens it, so here systemd does not: a real one is for hardware/checklist.md.
ARGUMENTS = "systemd.debug_shell=ttyS1 systemd.getty_auto=0 systemd.watchdog_sec=0 modprobe.blacklist=hci_uart,btbcm,vc4,brcmfmac"
#: Seconds for a step of one of these, which take three times as long as a PC.
_PATIENCE = 1800.0
_LINE = (
    "-chardev", "socket,id=line,path={shell},server=on,wait=off,logfile={console},logappend=on", "-chardev", "null,id=nobody",
)  # fmt: skip
#: What a Pi's firmware would hand on, and what it starts: both lie on the card.
_TREE, _LOADER = "bcm2837-rpi-3-b.dtb", "u-boot.bin"


def pi(image: Path, work: Path) -> Kind:
    """QEMU's Raspberry Pi 3B, with what the card *image* brings in the place of its firmware; files go to the folder *work*."""
    offset = layout.partitions()[0].start
    for name in (_TREE, _LOADER):
        command = ["mcopy", "-n", "-o", "-i", f"{image}@@{offset}", f"::/{name}", str(work / name)]
        subprocess.run(command, check=True)
    return Kind(
        ("qemu-system-aarch64", "-M", "raspi3b", *_LINE, "-serial", "chardev:nobody", "-serial", "chardev:line",
         "-kernel", str(work / _LOADER), "-dtb", str(work / _TREE), "-drive", "file={disk},format=raw,if=sd,cache=unsafe"),
        "usb-net", 1024, 4 * 1024**3, _PATIENCE,
    )  # fmt: skip


def virt(loader: Path) -> Kind:
    """QEMU's own arm64 computer, with the memory of the smallest Pi; *loader* is U-Boot for it."""
    return Kind(
        ("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", *_LINE, "-bios", str(loader),
         "-chardev", "file,id=loader,path={console},append=on", "-serial", "chardev:loader",
         "-device", "pci-serial,chardev=nobody", "-device", "pci-serial,chardev=line",
         "-drive", "file={disk},format=raw,if=virtio,cache=unsafe"),
        "virtio-net-pci", 512, 4 * 1024**3, _PATIENCE,
    )  # fmt: skip
