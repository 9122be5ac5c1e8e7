"""Making an image: the steps, in their order, and what lies beside the image in the end."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import BadImage
from edubox.hardware.boards import GRUB, Board
from edubox.hardware.files import hardware_folder
from edubox.hardware.image import archive, boot, debian, layout, sbom, slot
from edubox.hardware.image import root as system_root
from edubox.hardware.image.recipe import Recipe
from edubox.hardware.slots import copies, grub, uboot
from edubox.hardware.system import packing
from edubox.store import slots

_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """An image: its size as a file and what of it is no hole, the *system* in its first slot, and that one's size.

    *suites* are those of Debian that it was made of, each with the date of its state.
    """

    image: Path
    size: int
    stored: int
    system: Path
    system_size: int
    packages: int
    suites: tuple[tuple[str, str], ...]


def build(
    board: Board, recipe: Recipe, package: Path, output: Path, *, cache: Path, source: archive.Archive, epoch: int, title: str,
    say: Callable[[str], None] = lambda _: None, fresh: bool = False,
) -> Made:  # fmt: skip
    """Write the image *output* of *board* from *recipe* and edubox's Debian *package*.

    Beside it: the system of its first slot (``….system``), for ``edubox system pack``; what is in it (``….spdx.json``); checksums
    (``….sha256``). *source* is where Debian's packages come from, *epoch* the time of everything in seconds since 1970, *title* what
    the system is called, *fresh* whether all that was kept is made anew. Raises NotFound, FailedCommand, BadImage, BadInput (not root), NoRoom.
    """
    hardware = hardware_folder()
    suites = archive.look(source, board.suite)
    if not suites:
        say(f"{source.main} does not answer: Debian is what was kept of it")
    ours = debian.Debian(source, suites, cache, epoch, say, fresh)
    tools = debian.tools(board, ours)
    base = debian.base(board, recipe.packages, hardware, ours)
    with tempfile.TemporaryDirectory(prefix="image-", dir=tools) as folder:
        work = Path(folder)
        say("the system: Debian, edubox and its libraries")
        system_root.make(base.place, package, board, recipe, hardware, tools, work / "root", epoch)
        listed = sbom.describe(work / "root", board.id, epoch, [name for name, _ in base.suites])
        (work / "root" / sbom.PLACE).write_bytes(listed)
        say("the system's file system")
        slot.root(tools, work / "root", work / "system", epoch)
        say("the boot partition")
        boot.fill(board, recipe, hardware, tools, work / "root", work / "boot", epoch)
        if board.loader == GRUB:
            _begin_slots(work / "boot")
        boot.partition(tools, work / "boot", work / "boot.fat", epoch)
        _describe_slots(board, title, work / "system", work / "data")
        slot.data(tools, work / "data", work / "data.ext4", layout.partitions()[-1].size, epoch)
        say("the image")
        _assemble(board, tools, work, output, epoch)
        system = output.with_suffix(".system")
        shutil.move(work / "system", system)
    _beside(output, system, listed)
    return Made(
        output, output.stat().st_size, output.stat().st_blocks * 512, system, system.stat().st_size,
        listed.count(b'"SPDXID": "SPDXRef-') - 1, base.suites,
    )  # fmt: skip


def _assemble(board: Board, tools: Path, work: Path, output: Path, epoch: int) -> None:
    fresh = output.with_name(f".{output.name}.part")
    layout.create(fresh, epoch)
    contents = {"boot": "boot.fat", "a": "system", "data": "data.ext4"}
    try:
        for one in layout.partitions():
            if one.name in contents:
                layout.place(fresh, work / contents[one.name], one.start, one.size)
        boot.first_sectors(fresh, board, tools, work / "boot")
        if board.loader != GRUB:
            for copy in (0, 1):
                with fresh.open("r+b") as handle:
                    handle.seek(uboot.PLACES[copy] * uboot.SECTOR)
                    handle.write(uboot.block(copies.values_of(_first(copy))))
        fresh.replace(output)
    except ValueError as error:
        raise BadImage(path=output, reason=str(error)) from None
    finally:
        fresh.unlink(missing_ok=True)


def _first(copy: int) -> copies.State:
    """What a loader reads at the first start: slot a is the good one, in both copies, one newer than the other."""
    return copies.State("a", seq=copy + 1)


def _begin_slots(folder: Path) -> None:
    for copy, name in enumerate(grub.NAMES):
        (folder / name).write_bytes(grub.block(copies.values_of(_first(copy))))


def _describe_slots(board: Board, title: str, system: Path, data: Path) -> None:
    """Say on the data partition what the first slot holds, so that the first update can be a short one."""
    manifest = packing.describe(system, board.id, title)
    folder = data / "system" / "slots"
    folder.mkdir(parents=True)
    for path in (data / "system", folder):
        path.chmod(0o755)
    held = slots.Held(manifest.id, 0, board.id)
    slots.write(folder, "a", held, manifest.to_bytes())


def _beside(image: Path, system: Path, listed: bytes) -> None:
    image.with_suffix(".spdx.json").write_bytes(listed)
    lines = []
    for path in (image, system):
        digest = hashlib.sha256()
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                digest.update(block)
        lines.append(f"{digest.hexdigest()}  {path.name}\n")
    image.with_suffix(".sha256").write_text("".join(lines), "ascii")


def owner_of(path: Path) -> None:
    """Give *path* to whoever ran sudo: an image is root's work, but not root's file."""
    user, group = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    if user.isdigit() and group.isdigit():
        for one in path.parent.glob(f"{path.stem}.*"):
            os.chown(one, int(user), int(group))
