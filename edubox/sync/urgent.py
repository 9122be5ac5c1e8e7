"""“We need this tomorrow”: lessons that a person asked to have first, in the box's ``urgent.json``.

A list of addresses ``<authority>/<name>/<slug>``, the latest wish first. A lesson that has arrived stays
listed: it asks for its next versions first too, until somebody takes the wish back.
"""

from __future__ import annotations

import json
from pathlib import Path

from edubox.errors import EduboxError
from edubox.pack.names import check_publisher, check_slug
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic

#: Wishes that are kept: a class cannot need more tomorrow.
MOST = 50
_FILE = "urgent.json"


def read_urgent(data: Path) -> list[str]:
    """The addresses, the most urgent first; none when nobody asked or the file is damaged."""
    try:
        found = read_note(data / _FILE)
    except (OSError, ValueError):
        return []
    return [one for one in found if _is_address(one)][:MOST] if isinstance(found, list) else []


def ask(data: Path, address: str, *, wanted: bool = True) -> None:
    """Put *address* first, or take the wish back. An address that cannot be is ignored. Raises NoRoom."""
    others = [one for one in read_urgent(data) if one != address]
    wishes = [address, *others][:MOST] if wanted and _is_address(address) else others
    write_atomic(data / _FILE, json.dumps(wishes).encode())


def rename(data: Path, old: str, new: str) -> None:
    """Wishes for lessons of the publisher *old* are for those of *new*, as it is called now. Raises NoRoom."""
    wishes = read_urgent(data)
    renamed = [one if not one.startswith(f"{old}/") else new + one.removeprefix(old) for one in wishes]
    if renamed != wishes:
        write_atomic(data / _FILE, json.dumps(list(dict.fromkeys(renamed))).encode())


def _is_address(text: object) -> bool:
    if not isinstance(text, str):
        return False
    publisher, _, slug = text.rpartition("/")
    try:
        check_publisher(publisher)
        check_slug(slug)
    except EduboxError:
        return False
    return True
