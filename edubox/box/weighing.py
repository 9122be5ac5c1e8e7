"""What a lesson weighs to be taken home, found out once, in the process that installs it.

Sizes are shown before anybody taps, and a zip begins with the sums of files that it has not sent yet: both are kept with the
list of lessons.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from edubox.pack.manifest import Manifest
from edubox.pages.contents import parts
from edubox.pages.model import Card, Lesson
from edubox.pages.takehome import archive, one_page
from edubox.pages.takehome.zip_page import zip_page


@dataclass(frozen=True, slots=True)
class Weighed:
    """Bytes of the page and of the zip, 0 for what there cannot be; the sums that the zip needs."""

    page: int = 0
    zip: int = 0
    sums: dict[str, int] = field(default_factory=dict)


def weigh(publisher: str, slug: str, manifest: Manifest, tree: Path, *, complete: bool) -> Weighed:
    """What the lesson in *tree* weighs to be taken home; without its zip until it is *complete*.

    A card that cannot be read costs the lesson this, not its place in the list.
    """
    lesson = described(f"{publisher}/{slug}", manifest)
    try:
        page = one_page.weight(lesson, tree)
        sums = archive.sums(tree, lesson.original) if complete else {}
    except OSError:
        return Weighed()
    whole = archive.archive(zip_page(lesson), tree, sums, lesson.original) if complete else None
    return Weighed(page, whole.length if whole else 0, sums)


def described(address: str, manifest: Manifest) -> Lesson:
    """*manifest* as a lesson: as much of it as does not depend on the box."""
    metadata = manifest.metadata
    card = Card(address, manifest.name, manifest.language, metadata.get("description", ""))
    return Lesson(
        card, 1, manifest.id, tuple(parts(manifest)), tuple(metadata.get("author", [])), metadata.get("license", ""),
        manifest.original or "",
    )  # fmt: skip


def keep(db: sqlite3.Connection, lesson: int, weighed: Weighed) -> None:
    """Write *weighed* of the *lesson* with this id into the box's list."""
    db.execute(
        "INSERT OR REPLACE INTO home (lesson, page, zip, sums) VALUES (?, ?, ?, ?)",
        (lesson, weighed.page, weighed.zip, json.dumps(weighed.sums, separators=(",", ":"))),
    )
