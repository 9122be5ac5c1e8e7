"""Make, start, read, update, break, cut: ``python -m tests.prove.image [--package edubox.deb] [--cuts 20]``, as root."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.prove.image import start, updates, world
from tests.prove.image.credentials import find_credentials
from tests.prove.image.machine import SHELL, powered, put, running


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", type=Path)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="prove-image-") as name,
        world.hub(Path(name)) as (country, port),
        ThreadPoolExecutor(1) as beside,
    ):
        try:
            _prove(asked, Path(name), country, port, beside, tell)
        except Exception:
            traceback.print_exc()  # now, not when the work beside it has ended
            raise


def _prove(asked, folder: Path, country, port: int, beside: ThreadPoolExecutor, tell) -> None:
    chance = random.Random(asked.seed)
    package = asked.package or world.package(folder / "package")
    school = world.recipe(folder / "school", country, port, SHELL)
    first, second = (world.make(school, folder / f"{count}.img", package) for count in ("first", "second"))
    tell(
        f"made in {first['seconds']} and {second['seconds']} s: {first['size']} bytes, {first['stored']} of them written, system {first['system_size']}, {first['packages']} packages"
    )
    sums = [(folder / f"{count}.sha256").read_text().replace(count, "") for count in ("first", "second")]
    assert sums[0] == sums[1], f"two images of the same inputs differ: {sums}"
    tell("the same bytes twice")
    for path in folder.glob("second.*"):
        path.unlink()
    # Compressing a system takes minutes of one processor: meanwhile the other one runs boxes.
    publishing = beside.submit(updates.publish_both, country, port, folder, package)
    card, fresh = folder / "card.img", folder / "fresh.img"
    with running(folder / "first.img", card) as machine:
        start.first(machine, tell)
    with powered(card) as machine:
        tell(
            f"after a power cut the lesson is there again {machine.wait_for('/', world.TITLE):.0f} s after power-on"
        )
        let_in = find_credentials(machine)
        assert not let_in, let_in
        tell("nobody comes in by a name and a password that people try, at the serial line or at the desk")
    put(folder / "first.img", fresh)
    updates.cuts(fresh, asked.cuts - asked.cuts // 3, chance, tell)
    newer, said = publishing.result()
    tell(f"two systems published: {said}")
    updates.second_arrives(card, tell)
    broken = updates.broken(newer, folder / "broken.system")
    packing = beside.submit(updates.pack, broken)
    updates.cut_updates(fresh, asked.cuts // 3, chance, tell)
    tell(f"a broken system published: {updates.publish(country, packing.result())}")
    updates.third_is_broken(card, tell)


if __name__ == "__main__":
    main()
