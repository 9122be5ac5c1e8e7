"""How far the card has been read, and what was found: ``staging/scrub.json``, for the next scrub, the doctor and the pages.

The file is only a memory. A damaged or absent one means that reading begins anew; nothing is ever removed
because of what it says. Times are seconds since 1970 by the box's own clock, which may be wrong; paths are
relative to the data folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from edubox.store.platform import write_atomic

#: Damage that is remembered, the newest; a card with more needs replacing, not a longer list.
MOST = 100
CHANGED, UNREADABLE = "changed", "unreadable"
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that was taken away at *found*: its bytes were not those that its name promises, or could not be read."""

    path: str
    why: str
    found: int


@dataclass(slots=True)
class Record:
    """Where the present round of reading stands, when the last whole one ended, and what was damaged."""

    #: The last file that was read; empty when the next round begins.
    cursor: str = ""
    began: int = 0
    files: int = 0
    size: int = 0
    #: The last whole round: its end (0: never yet), its files and its bytes.
    completed: int = 0
    completed_files: int = 0
    completed_size: int = 0
    damaged: list[Damage] = field(default_factory=list)

    def end_round(self, now: int) -> None:
        """Everything was read."""
        self.completed, self.completed_files, self.completed_size = now, self.files, self.size
        self.cursor, self.files, self.size = "", 0, 0

    def missing(self, data: Path) -> list[Damage]:
        """The damage of the box in *data* that no synchronisation has repaired yet."""
        return [one for one in self.damaged if not (data / one.path).exists()]


def read_record(data: Path) -> Record:
    """The record of the box in *data*; an empty one when there is none or it is damaged."""
    try:
        with _path(data).open("rb") as handle:
            value: dict[str, Any] = json.loads(handle.read(_LARGEST))
        damaged = [_damage(one) for one in value.pop("damaged", [])][-MOST:]
        known = {one.name: type(one.default) for one in fields(Record) if one.name != "damaged"}
        chosen = {name: found for name, found in value.items() if name in known}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Record()
    if any(type(found) is not known[name] for name, found in chosen.items()):
        return Record()
    return Record(**chosen, damaged=damaged)


def write_record(data: Path, record: Record) -> None:
    """Replace the record, for good. Raises NoRoom."""
    del record.damaged[:-MOST]
    write_atomic(_path(data), json.dumps(asdict(record)).encode())


def _damage(value: dict[str, Any]) -> Damage:
    path, why, found = value["path"], value["why"], value["found"]
    if (
        not isinstance(path, str)
        or "\0" in path
        or why not in {CHANGED, UNREADABLE}
        or type(found) is not int
    ):
        raise TypeError
    return Damage(path, why, found)


def _path(data: Path) -> Path:
    return data / "staging" / "scrub.json"
