"""The boards that an image can be made for: one file each in ``hardware/boards``, and what they share in ``system.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import NotFound
from edubox.hardware.files import hardware_folder

#: Who starts a board's kernel.
GRUB, U_BOOT = "grub", "u-boot"


@dataclass(frozen=True, slots=True)
class Board:
    """One kind of computer: Debian's name of its *architecture*, its *loader*, and what Debian packages it takes.

    *arguments* is what the kernel is told besides the slot; *tools* are packages of the loader, used while an image is made.
    *early* are modules of the kernel that its first file system loads before anything else. *alias* are units of systemd's own, each
    with the one that runs in its place.
    """

    id: str
    title: str
    architecture: str
    loader: str
    arguments: str
    suite: str
    components: tuple[str, ...]
    packages: tuple[str, ...]
    tools: tuple[str, ...]
    early: tuple[str, ...]
    enable: tuple[str, ...]
    mask: tuple[str, ...]
    remove: tuple[str, ...]
    alias: tuple[tuple[str, str], ...]


def names(folder: Path | None = None) -> list[str]:
    """The boards there are."""
    return sorted(path.stem for path in ((folder or hardware_folder()) / "boards").glob("*.toml"))


def read(name: str, folder: Path | None = None) -> Board:
    """The board *name*. Raises NotFound."""
    folder = folder or hardware_folder()
    if name not in names(folder):
        raise NotFound(what=f"A board called {name} (there are: {', '.join(names(folder))})")
    own, shared = _read(folder / "boards" / f"{name}.toml"), _read(folder / "system.toml")
    return Board(
        name, own["title"], own["architecture"], own["loader"], own["arguments"], shared["suite"], tuple(own["components"]),
        (*shared["packages"], *own["packages"]), tuple(own["loader_packages"]), tuple(own.get("early_modules", ())),
        tuple(shared["enable"]), tuple(shared["mask"]), tuple(shared["remove"]),
        tuple(shared["alias"].items()),
    )  # fmt: skip


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))
