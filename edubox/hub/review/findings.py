"""What the checks say of an offered lesson: the same ones that its teacher saw on the desk, kept with the arrival."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from edubox.importers.notices import Notice
from edubox.lint import notices
from edubox.lint.lesson import Built
from edubox.pack.manifest import Manifest


def of(manifest: Manifest, objects: Path, tree: Path) -> list[dict[str, Any]]:
    """The notices about the lesson of *manifest*, whose objects lie in *objects* by their hash; it is laid out in *tree*.

    Each is ``{"message": …, "details": {…}}`` as ``Notice.as_json`` gives it, the gravest first.
    """
    lay_out(manifest, objects, tree)
    try:
        return [one.as_json() for one in notices(Built(manifest, tree))]
    except Exception as error:  # noqa: BLE001 - a check reads what strangers wrote; what it cannot read, a person looks at
        return [Notice("A check could not read this lesson (%(what)s).", what=type(error).__name__).as_json()]


def lay_out(manifest: Manifest, objects: Path, tree: Path) -> None:
    """Make *tree* with the lesson's files, each a second name of its object where the disk can do that."""
    for file in manifest.files:
        place = tree / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(objects / file.sha256, place)
