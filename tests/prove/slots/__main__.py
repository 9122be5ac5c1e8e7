"""Play every scene with both loaders: ``python -m tests.prove.slots [--only pc|arm64] [--kills N]``."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from edubox.hardware.slots import copies
from edubox.hardware.slots.copies import Carrier
from tests.prove.slots import cards, debian, machines
from tests.prove.slots.cards import GOOD
from tests.prove.slots.scenes import SCENES, Bench

#: Where the unpacked packages stay for the next time.
CACHE = Path("build/prove-slots")
LOADERS = {
    "pc": ("amd64", ["grub-pc-bin", "linux-image-cloud-amd64", "busybox-static"]),
    "arm64": ("arm64", ["u-boot-qemu", "linux-image-cloud-arm64", "busybox-static"]),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=sorted(LOADERS))
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for name in [asked.only] if asked.only else LOADERS:
        with tempfile.TemporaryDirectory(prefix="prove-slots-") as folder:
            _play(name, Path(folder), asked.kills, random.Random(asked.seed))


def _play(name: str, work: Path, kills: int, chance: random.Random) -> None:
    root = debian.unpack(CACHE.absolute() / name, *LOADERS[name])
    kernel = next((root / "boot").glob("vmlinuz-*"))
    busybox = root / "usr/bin/busybox"
    make: Callable[[Path, Path, Path], Carrier] = cards.pc if name == "pc" else cards.board
    machine = machines.PC if name == "pc" else machines.virt(root / "usr/lib/u-boot/qemu_arm64/u-boot.bin")
    disk = work / "card"
    carrier = make(disk, work, root)

    def install(slot: str, kind: str) -> None:
        cards.system(disk, work, slot, kind, kernel, busybox)

    bench = Bench(machine, disk, carrier, install, kills, chance)
    for scene in SCENES:
        install("a", GOOD)
        copies.keep(carrier, "a")
        began = time.monotonic()
        said = scene(bench)
        print(f"{name}: {scene.__doc__} {said} ({time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
