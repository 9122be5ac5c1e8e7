"""A USB stick that goes through a country: filled, worn, and pulled out while it is written."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
from pathlib import Path

from edubox.errors import EduboxError
from edubox.publishing.deletion import clean
from edubox.sync.carried.exchange import prepare
from edubox.sync.carried.fill import fill
from edubox.sync.carried.stick import FOLDER
from tests.country.box import Box
from tests.country.faults import hurt
from tests.country.world import World
from tests.sync.country import Progress


class Stick:
    """One stick of *world*'s."""

    def __init__(self, world: World) -> None:
        self._world, self.mount = world, world.folder / "stick"
        self.mount.mkdir()
        prepare(self.mount, world.root, world.mirror, Progress())

    def fill(self) -> None:
        """Plugged in where there is a line."""
        fill(self.mount, self._world.root, self._world.mirror, Progress())
        clean(self.mount / FOLDER, self._world.mirror)

    def visit(self, box: Box, chance: random.Random | None = None) -> str:
        """Plugged into *box*; with *chance* it is pulled out while it is written. Returns the exchange's code."""
        if chance is None:
            code = box.take_stick(self.mount)
            with contextlib.suppress(
                EduboxError
            ):  # a box that has not met its country, or whose card is damaged
                clean(self.mount / FOLDER, box.data / "mirror")
            return code
        before = self._world.folder / "stick-before"
        shutil.rmtree(before, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.mount), str(before)], check=True)
        code = box.take_stick(self.mount)
        self._lose(before, chance)
        return code

    def wear(self, chance: random.Random) -> None:
        """A file of lessons or signatures is damaged or lost, but not the root, by which the stick is known."""
        files = [
            path for path in sorted(self.mount.rglob("*")) if path.is_file() and path.name != "1.root.json"
        ]
        if files:
            path = chance.choice(files)
            if chance.random() < 0.3:
                path.unlink()
            else:
                hurt(path, chance)

    def _lose(self, before: Path, chance: random.Random) -> None:
        """Of what was written since *before*, each file is there, is not, or is there in part: worse than FAT is."""
        for path in sorted(self.mount.rglob("*")):
            old = before / path.relative_to(self.mount)
            if not path.is_file() or (old.exists() and old.read_bytes() == path.read_bytes()):
                continue
            fate = chance.random()
            if fate < 0.25:
                path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size + 1)])
            elif fate < 0.5:
                path.unlink()
                if old.exists():
                    shutil.copyfile(old, path)
