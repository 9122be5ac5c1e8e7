"""The box's own publisher: this box alone writes it, so a synchronisation never fetches it and reads it in its own mirror.

``keys/own.json`` names it: ``{"format": 1, "id": "local/…", "epoch": 1, …}``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from edubox.errors import EduboxError
from edubox.store.notes import read_note
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import describe
from edubox.trust.record import Record, split

KIND = "school"
#: A moment at which no signature of ours had ended: the age of what the box signed itself is no reason to hide it.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def own_publisher(data: Path) -> str | None:
    """The id of the publisher that the box in *data* is, None if it is none."""
    try:
        found = read_note(data / "keys" / "own.json")["id"]
        split(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EduboxError):
        return None
    return str(found)


def own_record(data: Path, label: str) -> Record | None:
    """What a directory would say of it: it pins the newest root in the box's mirror. None if there is no repository."""
    found = own_publisher(data)
    try:
        return None if found is None else describe(FolderFetch(data / "mirror"), found, label or found, KIND)
    except EduboxError:
        return None
