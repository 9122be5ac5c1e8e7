"""Making a box whole again from what it has itself: its signed mirror, its kept bundles, its objects.

It is a synchronisation whose only source is the box: the list of lessons is made again, trees are linked
again from objects, texts come back out of kept bundles. What the box has lost itself waits for a source.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edubox.box.catalog import Catalogue
from edubox.errors import EduboxError


class _Silent:
    """Nobody watches: what was repaired is told at the end."""

    def show(self, what: str, done: int, total: int) -> None:
        """See ``sync.report.Progress``."""

    def say(self, sentence: str) -> None:
        """See ``sync.report.Progress``."""


def repair(data: Path, settings: dict[str, Any]) -> str:
    """Repair the box in *data* from itself, as far as that goes; returns why not all of it, or nothing.

    Raises Busy.
    """
    from edubox.sync.fetching.sources import OWN, FolderSource
    from edubox.sync.job import synchronise

    try:
        synchronise(data, [FolderSource(data / "mirror", OWN)], settings, Catalogue(data), _Silent())
    except EduboxError as error:
        return str(error)
    return ""
