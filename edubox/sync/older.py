"""Older versions of the box's own lessons, whose files stay: a teacher may want one of them back.

Everything that was ever signed is read, without checking who signed it: the box itself did.
"""

from __future__ import annotations

from pathlib import Path

from edubox.errors import EduboxError
from edubox.pack.index import Index, parse
from edubox.pack.names import check_publisher, is_staff
from edubox.store.layout import publisher_prefix

#: Versions of a lesson that stay with their files.
KEPT = 5


def kept_versions(mirror: Path, publisher: str, only: str = "*") -> list[Index]:
    """The last KEPT versions of each lesson of *publisher*, or of its lesson *only*. Raises BadIdentifier."""
    found: dict[str, list[Index]] = {}
    folder = mirror / publisher_prefix(*check_publisher(publisher)) / "targets"
    for path in folder.glob(f"*.{only}.json"):
        slug = path.name.partition(".")[2].removesuffix(".json")
        try:
            index = parse(path.read_bytes())
        except (OSError, EduboxError):
            continue
        if not index.withdrawn and not is_staff(slug):
            found.setdefault(slug, []).append(index)
    return [one for every in found.values() for one in sorted(every, key=lambda one: one.version)[-KEPT:]]
