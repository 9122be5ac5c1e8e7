"""Build hook: compile the translation catalogues, so that a plain ``pip install`` speaks French.

hatchling runs this before it collects files, for wheels and for editable installs alike. Each
``edubox/pages/catalogues/<language>/LC_MESSAGES/edubox.po`` becomes the ``.mo`` beside it.
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
    for source in sorted(root.glob("edubox/pages/catalogues/*/LC_MESSAGES/edubox.po")):
        with source.open("rb") as handle:
            catalogue = read_po(handle, abort_invalid=True)
        target = source.with_suffix(".mo")
        with target.open("wb") as handle:
            write_mo(handle, catalogue)
        written.append(target)
    return written


class CatalogueHook(BuildHookInterface):
    """Called by hatchling; see the module docstring."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile before the files are collected."""
        compile_catalogues(Path(self.root))
