"""What the school sheet says of the box's own Wi-Fi: ``keys/wifi.json`` in its data folder.

The network itself is root's; this copy is the box's, for the paper in the safe and the poster on the wall. It is in the
backup too, so that a box that moves to a new card keeps the password that is on the wall.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.store.notes import read_note
from edubox.store.platform import sync_folder, write_atomic

NAME = "wifi.json"
_SECRET = 0o600


@dataclass(frozen=True, slots=True)
class Wifi:
    """The network's name as phones show it, and its password; empty if it is open."""

    name: str
    password: str


def read(data: Path) -> Wifi | None:
    """The Wi-Fi of the box in *data*; None if it makes none, or nobody can say."""
    try:
        value = read_note(data / "keys" / NAME)
        return Wifi(str(value["name"]), str(value["password"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(data: Path, wifi: Mapping[str, Any]) -> None:
    """Remember *wifi* (``name``, ``password``); an empty one: the box makes none. Raises NoRoom."""
    path = data / "keys" / NAME
    if wifi:
        write_atomic(path, json.dumps(dict(wifi), ensure_ascii=False).encode(), _SECRET)
    else:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
