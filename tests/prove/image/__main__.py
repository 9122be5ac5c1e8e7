"""Make, start, read, update, break, cut: ``python -m tests.prove.image [--package edubox.deb] [--cuts 20]``, as root.

Two cards run beside each other, since most of a start is waiting: one is read, broken into, updated and given a broken system, the
other has its power cut. Meanwhile systems are compressed, which takes minutes of one processor and goes before them: everything else
waits for it. The one order between the cards: the broken system is published when nobody cuts updates any more, or the other one
would try it too.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
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
        ThreadPoolExecutor(1, initializer=os.nice, initargs=(-5,)) as publisher,
        ThreadPoolExecutor(1) as beside,
    ):
        try:
            _prove(asked, Path(name), country, port, publisher, beside, tell)
        except Exception:
            traceback.print_exc()  # now, not when the work beside it has ended
            raise


def _prove(
    asked, folder: Path, country, port: int, publisher: ThreadPoolExecutor, beside: ThreadPoolExecutor, tell
) -> None:
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
    newer = publisher.submit(updates.publish_both, country, port, folder, package)
    packed = publisher.submit(
        lambda: updates.pack(updates.broken(newer.result()[0], folder / "broken.system"))
    )
    card, fresh = folder / "card.img", folder / "fresh.img"
    put(folder / "first.img", fresh)
    cut = beside.submit(_cut, fresh, asked.cuts, chance, newer, tell)
    with running(folder / "first.img", card) as machine:
        start.first(machine, tell)
    with powered(card) as machine:
        tell(
            f"after a power cut the lesson is there again {machine.wait_for('/', world.TITLE):.0f} s after power-on"
        )
        let_in = find_credentials(machine)
        assert not let_in, let_in
        tell("nobody comes in by a name and a password that people try, at the serial line or at the desk")
    tell(f"two systems published: {newer.result()[1]}")
    updates.second_arrives(card, tell)
    left = cut.result()
    tell(f"a broken system published: {updates.publish(country, packed.result())}")
    last = beside.submit(updates.cuts, fresh, left, chance, tell) if left else None
    updates.third_is_broken(card, tell)
    if last is not None:
        last.result()


def _cut(card: Path, count: int, chance: random.Random, newer: Future, tell) -> int:
    """Of *count* power cuts those of a fresh *card*, and, when the *newer* system is out, of its updates; how many are left."""
    during_updates = count // 3
    early = updates.cuts(card, count - during_updates, chance, tell, newer.done)
    newer.result()
    updates.cut_updates(card, during_updates, chance, tell)
    return count - during_updates - early


if __name__ == "__main__":
    main()
