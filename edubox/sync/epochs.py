"""When a publisher begins anew: its key was lost, and its record in the directory says so with a higher epoch.

The root that this record pins need not follow from the one that the box knows, so what the box knows of that
repository is set aside and the pinned root is where it begins. Lessons never go back a version for it: those
are the catalogue's. ``keys/epochs.json`` remembers the epoch of each publisher; a lower one is a directory of
yesterday.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from edubox.errors import Rollback
from edubox.store.notes import read_note
from edubox.store.platform import sync_folder, write_atomic
from edubox.trust.publisher import prefix
from edubox.trust.record import Record


def begin(data: Path, record: Record) -> None:
    """Make ready to read the publisher of *record* on the box in *data*. Raises Rollback (a lower epoch), NoRoom.

    Call it before each reading of a publisher; it costs one small file when nothing has changed.
    """
    epochs = _read(data)
    known = epochs.get(record.id)
    if known == record.epoch:
        return
    if known is not None and record.epoch < known:
        raise Rollback(what=f"the record of {record.id}")
    repository = data / "mirror" / prefix(record.id)
    if known is not None and repository.is_dir():
        shutil.rmtree(repository / "metadata", ignore_errors=True)
        sync_folder(repository)
    _write(data, epochs | {record.id: record.epoch})


def carry_over(data: Path, old: str, new: str) -> None:
    """What is remembered of *old* holds for *new*, under which name it goes on."""
    epochs = _read(data)
    if old in epochs:
        epochs[new] = max(epochs.pop(old), epochs.get(new, 0))
        _write(data, epochs)


def _read(data: Path) -> dict[str, int]:
    try:
        value = read_note(data / "keys" / "epochs.json")
        return {str(name): int(epoch) for name, epoch in value["epochs"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # a new box, or a damaged note: the next records say it again


def _write(data: Path, epochs: dict[str, int]) -> None:
    value = {"format": 1, "epochs": epochs}
    write_atomic(data / "keys" / "epochs.json", json.dumps(value, sort_keys=True).encode())
