"""Build hook: compile the translation catalogues, so that a plain ``pip install`` speaks French, and carry the players.

hatchling runs this before it collects files, for wheels and for editable installs alike. Each
``<language>/LC_MESSAGES/*.po`` of the pages and of the hub's desk becomes the ``.mo`` beside it. What ``make players`` built
goes into the package as ``_players``; a package made without it works and says so (``edubox doctor``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(root: Path) -> list[Path]:
    """Compile every catalogue below *root* (the repository) and return the files written."""
    written = []
    sources = [
        *root.glob("edubox/pages/catalogues/*/LC_MESSAGES/edubox.po"),
        *root.glob("edubox/hub/desk/catalogues/*/LC_MESSAGES/hub.po"),
    ]
    for source in sorted(sources):
        with source.open("rb") as handle:
            catalogue = read_po(handle, abort_invalid=True)
        target = source.with_suffix(".mo")
        with target.open("wb") as handle:
            write_mo(handle, catalogue)
        written.append(target)
    return written


def players(root: Path) -> dict[str, str]:
    """The folder of built players of the repository *root* → its place in the package; nothing if they are not built."""
    built = root / "packaging" / "players" / "built"
    return {str(built): "edubox/_players"} if built.is_dir() else {}


class CatalogueHook(BuildHookInterface):
    """Called by hatchling; see the module docstring."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files are collected."""
        compile_catalogues(Path(self.root))
        if version != "editable":
            build_data["force_include"] |= players(Path(self.root))
