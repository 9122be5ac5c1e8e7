"""What a box believes before it has heard anybody: the root of its country, and the time that cannot be yet to come.

Both lie in ``keys/``. Nothing heavy is imported here, since the serving process asks for the time too.
"""

from __future__ import annotations

import json
from pathlib import Path

from edubox.errors import BadInput, UnreadableSource
from edubox.store.layout import DIRECTORY, metadata_path
from edubox.store.platform import write_atomic
from edubox.trust.clock import Floor


def country_root(data: Path) -> bytes:
    """The root of the country that the box in *data* pins. Raises UnreadableSource."""
    path = data / "keys" / "root.json"
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None


def root_path(root: bytes) -> str:
    """Where a mirror of the country keeps *root*. Raises BadInput when that is none."""
    try:
        return metadata_path(DIRECTORY, "root", int(json.loads(root)["signed"]["version"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadInput(reason="the root of the country is damaged here") from None


def read_floor(data: Path) -> Floor:
    """The clock's floor as the box in *data* keeps it; that of the build when there is none."""
    try:
        return Floor.from_bytes(_floor(data).read_bytes())
    except OSError:
        return Floor()


def write_floor(data: Path, floor: Floor) -> None:
    """Keep *floor*. Raises NoRoom."""
    write_atomic(_floor(data), floor.to_bytes())


def _floor(data: Path) -> Path:
    return data / "keys" / "clock.json"
