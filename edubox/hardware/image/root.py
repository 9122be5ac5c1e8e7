"""The root of a system: Debian's base with edubox's package, the files of ``hardware/root`` and the country's root laid over it.

What tells one computer from another, or this build from the next, is taken out: ids, keys, logs, caches. Nobody can log in.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from edubox.errors import BadImage
from edubox.hardware.boards import Board
from edubox.hardware.image import credentials, debian
from edubox.hardware.image.programs import run
from edubox.hardware.image.recipe import Recipe
from edubox.settings import dump_settings, load_settings

#: Where a box finds what its image brings (``edubox card apply --seed``).
SEED = Path("usr/share/edubox/card")
_PACKAGE, _NAME = Path("var/cache/apt/edubox.deb"), "edubox"
_LIBRARIES = Path("usr/lib/edubox/lib")
_UNITS = Path("etc/systemd/system")
_WANTED_BY = "multi-user.target.wants"
#: Files and the contents of folders that differ from build to build, or say something of this computer.
_TRACES = (
    "etc/resolv.conf", "etc/hostname", "var/lib/dbus/machine-id", "var/cache/ldconfig/aux-cache", "var/lib/systemd/random-seed",
    "etc/ssh", "etc/apt/sources.list", "etc/apt/sources.list.d", "root/.bash_history", "etc/passwd-", "etc/shadow-", "etc/group-", "etc/gshadow-", "etc/.pwd.lock",
    "var/lib/dpkg/status-old", "var/lib/dpkg/diversions-old", "var/cache/debconf/templates.dat-old", "var/cache/debconf/config.dat-old",
)  # fmt: skip
#: Empty: each box makes its own. ``uninitialized`` would make every start a first one, which switches on whatever Debian presets.
_MACHINE = credentials.MACHINE
_EMPTIED = ("var/lib/apt/lists", "var/cache/apt", "var/log", "tmp", "var/tmp", "run", "boot/firmware")


def make(
    base: Path, package: Path, board: Board, recipe: Recipe, hardware: Path, tools: Path, target: Path, epoch: int
) -> None:  # fmt: skip
    """Make the root in the new folder *target*, which is in the folder *tools*. Raises FailedCommand, BadImage (a password is in it)."""
    target.mkdir()
    run(["tar", "--numeric-owner", "-xpf", base, "-C", target], epoch)
    _lay(hardware / "root", target)
    shutil.copy(package, target / _PACKAGE)
    # What it needs of Debian is in the base already.
    run(["dpkg", "--unpack", f"/{_PACKAGE}"], epoch, target)
    if board.architecture != debian.native():
        _compile(tools, target, epoch)
    run(["dpkg", "--configure", _NAME], epoch, target)
    _seed(target, recipe)
    _choose_units(target, board)
    for name in board.remove:
        shutil.rmtree(target / name, ignore_errors=True)
    _names(target)
    _take_traces(target)
    check(target)


def _compile(tools: Path, target: Path, epoch: int) -> None:
    """Compile our part with this computer's own Python: what it writes is the same for every processor.

    The package would do it when it is configured (``postinst``), by an emulated Python: twelve minutes instead of one.
    """
    inside = Path("/") / target.relative_to(tools)
    strip = ["-s", str(inside), "-p", "/", "--invalidation-mode", "unchecked-hash"]
    run(["python3", "-I", "-m", "compileall", "-q", *strip, inside / _LIBRARIES], epoch, tools)


def check(root: Path) -> None:
    """Raise BadImage if *root* holds what each box must have for itself, or a way to log in."""
    for reason in credentials.found(root):
        raise BadImage(path=root, reason=reason)


def _lay(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(exist_ok=True)
        else:
            place.unlink(missing_ok=True)
            shutil.copyfile(path, place)
            place.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
    for folder in ("boot/firmware", "data"):
        (target / folder).mkdir(exist_ok=True)


def _seed(target: Path, recipe: Recipe) -> None:
    (target / SEED).mkdir(parents=True, exist_ok=True)
    (target / SEED / "root.json").write_bytes(recipe.country)
    settings = target / SEED / "box.toml"
    if recipe.box:
        values = (load_settings(settings) if settings.exists() else {}) | dict(recipe.box)
        settings.write_text(dump_settings(values), "utf-8")


def _choose_units(target: Path, board: Board) -> None:
    wants = target / _UNITS / _WANTED_BY
    wants.mkdir(parents=True, exist_ok=True)
    for unit in board.enable:
        _link(wants / unit, f"/usr/lib/systemd/system/{unit}")
    for unit in board.mask:
        _link(target / _UNITS / unit, "/dev/null")
    for unit, ours in board.alias:
        _link(target / _UNITS / unit, f"/usr/lib/systemd/system/{ours}")


def _names(target: Path) -> None:
    """The kernel under one name, names from the network's own server, and no name or number of a computer yet."""
    for name, found in (("vmlinuz", "vmlinuz-*"), ("initrd.img", "initrd.img-*")):
        newest = max((target / "boot").glob(found))
        _link(target / "boot" / name, newest.name)
    (target / _MACHINE).write_bytes(b"")


def _take_traces(target: Path) -> None:
    for name in _TRACES:
        path = target / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for name in _EMPTIED:
        for path in (target / name).iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name in ("vmlinuz", "vmlinuz.old", "initrd.img", "initrd.img.old"):
        (target / name).unlink(missing_ok=True)
    _link(target / "etc/resolv.conf", "/run/systemd/resolve/stub-resolv.conf")


def _link(place: Path, goal: str) -> None:
    place.unlink(missing_ok=True)
    place.symlink_to(goal)
