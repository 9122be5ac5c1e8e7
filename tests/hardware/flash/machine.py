"""Other people's computers, as far as the kernel tells of them: small trees of /sys, /proc, /run and /dev.

Built after what a laptop, a Raspberry Pi and a workstation show; a disk is a file below ``dev``.
"""

from __future__ import annotations

import os

MIB = 1024 * 1024


class Machine:
    """A computer with no disk yet; ``add`` gives it some."""

    def __init__(self, root):
        self.root = root
        self.mounts, self.swaps = [], []
        for folder in ("sys/block", "proc/self", "run/udev/data", "dev"):
            (root / folder).mkdir(parents=True)
        self.mount("/proc", "proc", "0:5")
        self.mount("/run", "tmpfs", "0:22")
        self._minor = 0

    def add(
        self,
        name,
        size,
        *,
        bus="pci0000:00",
        removable=False,
        kind="",
        ro=False,
        parts=(),
        model="",
        file=False,
    ):
        """A disk of *size* bytes with *parts* partitions; *file*: with something below dev to write to."""
        real = self.root / f"sys/devices/{bus}/block/{name}"
        real.mkdir(parents=True)
        (self.root / "sys/block" / name).symlink_to(os.path.relpath(real, self.root / "sys/block"))
        device = real / "device"
        device.mkdir()
        facts = {
            "size": size // 512, "removable": int(removable), "ro": int(ro), "dev": self._number(), "diskseq": self._minor,
            "device/type": kind or None, "device/model": model or None,
        }  # fmt: skip
        for path, value in facts.items():
            if value is not None:
                (real / path).write_text(f"{value}\n")
        (real / "holders").mkdir()
        for part in parts:
            (real / part / "holders").mkdir(parents=True)
            (real / part / "partition").write_text("1\n")
            (real / part / "dev").write_text(f"{self._number()}\n")
        if file:
            with (self.root / "dev" / name).open("wb") as out:
                out.truncate(size)
        return real

    def mount(self, place, source, number):
        self.mounts.append(f"22 1 {number} / {place} rw,relatime shared:1 - ext4 {source} rw")
        (self.root / "proc/self/mountinfo").write_text("\n".join(self.mounts) + "\n")

    def swap(self, path):
        self.swaps.append(f"{path} partition 1048572 0 -2")
        (self.root / "proc/swaps").write_text("\n".join(["Filename\tType\tSize", *self.swaps]) + "\n")

    def hold(self, part, holder):
        """*holder* (``dm-0``) is built on the disk or partition in the folder *part*."""
        (part / "holders" / holder).mkdir()

    def udev(self, part, usage):
        number = (part / "dev").read_text().strip()
        (self.root / f"run/udev/data/b{number}").write_text(f"S:disk/by-id/x\nE:ID_FS_USAGE={usage}\n")

    def _number(self):
        self._minor += 1
        return f"8:{self._minor}"


USB = "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host4"
SD_HOST = "platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa"


def number_of(folder):
    return (folder / "dev").read_text().strip()
