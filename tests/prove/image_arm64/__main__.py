"""Make, start, read, switch, panic: ``python -m tests.prove.image_arm64 [--package edubox.deb] [--only pi|virt] [--whole]``, as root.

What follows a new system is the loader's script and the card, the same on both computers: ``virt`` plays it, the Pi with ``--whole`` too
(half an hour more).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.prove.image import start, updates, world
from tests.prove.image.machine import Kind, powered, running
from tests.prove.image_arm64 import keys, machines, slots
from tests.prove.slots import debian

#: Where U-Boot for ``virt`` stays for the next time.
CACHE = Path("build/prove-image-arm64")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", type=Path)
    parser.add_argument("--only", choices=("pi", "virt"))
    parser.add_argument("--whole", action="store_true")
    asked = parser.parse_args()
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="prove-image-arm64-") as name,
        world.hub(Path(name)) as (country, port),
    ):
        folder = Path(name)
        package = asked.package or world.package(folder / "package", "arm64")
        school = world.recipe(folder / "school", country, port, machines.ARGUMENTS)
        first, second = (
            world.make(school, folder / f"{count}.img", package, machines.BOARD)
            for count in ("first", "second")
        )
        tell(
            f"made in {first['seconds']} and {second['seconds']} s: {first['size']} bytes, {first['stored']} of them written, system {first['system_size']}, {first['packages']} packages"
        )
        sums = [(folder / f"{count}.sha256").read_text().replace(count, "") for count in ("first", "second")]
        assert sums[0] == sums[1], f"two images of the same inputs differ: {sums}"
        tell("the same bytes twice")
        for path in folder.glob("second.*"):
            path.unlink()
        image = folder / "first.img"
        unpacked = debian.unpack(CACHE.absolute(), "arm64", ["u-boot-qemu"])
        kinds = {
            "virt": machines.virt(unpacked / "usr/lib/u-boot/qemu_arm64/u-boot.bin"),
            "pi": machines.pi(image, folder),
        }
        for called in [asked.only] if asked.only else kinds:
            _live(
                image,
                folder / f"{called}.card",
                kinds[called],
                called == "virt" or asked.whole,
                lambda what, called=called: tell(f"{called}: {what}"),
                called == "pi",
            )


def _live(image: Path, card: Path, kind: Kind, whole: bool, tell: Callable[[str], None], is_pi: bool) -> None:
    """The first days of a box of *kind*; with newer systems if they are to be *whole*."""
    with running(image, card, kind) as machine:
        start.first(machine, tell)
        assert "edubox: slot a" in machine.said()
        state = updates.state_of(machine)
        assert (state["good"], state["left"]) == ("a", 0), state
        tell(f"the loader's two sectors say: {state}")
    if is_pi:
        keys.nobody_stops_it(card, image.parent, tell)
    with powered(card, kind) as machine:
        seconds = machine.wait_for("/", world.TITLE)
        tell(f"after a power cut the lesson is there again {seconds:.0f} s after power-on")
    if whole:
        system = image.with_suffix(".system")
        slots.good_arrives(card, kind, system, tell)
        slots.panic_arrives(card, kind, system, tell)
    card.unlink()


if __name__ == "__main__":
    main()
