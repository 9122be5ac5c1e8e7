"""Which systems the two slots of a card hold: small files that root writes and the rest of the box may read.

``<folder>/a.json`` and ``b.json`` say it, ``<folder>/<manifest>.manifest.json`` is the list of what a slot holds, byte for
byte, and ``refused.json`` names systems that were tried and did not work. A slot's file goes before anything is written to
the slot and comes when every byte was read back, so what it says is true after any cut; its list of files goes when the
slot turns out to hold something else, and then nothing is built on it. A box without slots has no such folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from edubox.store.notes import read_note
from edubox.store.platform import sync_folder, write_atomic

#: The slots of a card, and what the kernel's command line says of the one that runs.
SLOTS = ("a", "b")
COMMAND_LINE = Path("/proc/cmdline")
_RUNNING = re.compile(r"(?:^|\s)edubox\.slot=([ab])(?:\s|$)")
_REFUSED = "refused.json"
#: Systems remembered as refused, and bytes of the largest list of files of a system.
MAX_REFUSED, MAX_LIST = 100, 64 * 1024


@dataclass(frozen=True, slots=True)
class Held:
    """What a slot holds: the SHA-256 of the system's *manifest*, its *version* (0: nobody published it), its *board*.

    *source* is the address ``<authority>/<name>/<slug>`` that it came from, empty when an image brought it.
    """

    manifest: str
    version: int
    board: str
    source: str = ""


def running(command_line: Path = COMMAND_LINE) -> str | None:
    """The slot that this computer runs from, None if it runs from none."""
    try:
        found = _RUNNING.search(command_line.read_text("utf-8", "replace"))
    except OSError:
        return None
    return found[1] if found else None


def other(slot: str) -> str:
    """The slot beside *slot*."""
    return SLOTS[1 - SLOTS.index(slot)]


def read(folder: Path, slot: str) -> Held | None:
    """What *slot* holds; None if nobody can say."""
    try:
        value = read_note(_file(folder, slot))
        held = Held(value["manifest"], value["version"], value["board"], value.get("from", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    texts = (held.manifest, held.board, held.source)
    return held if type(held.version) is int and all(isinstance(text, str) for text in texts) else None


def waiting(folder: Path, here: str | None) -> Held | None:
    """The newer system that the slot beside *here*, which runs, holds for a next start; None if there is none.

    What the loader will do is the loader's word alone; this is what the box's own user may know of it.
    """
    held, there = (read(folder, slot) for slot in (here, other(here))) if here else (None, None)
    if held is None or there is None or there.manifest in refused(folder):
        return None
    newer = there.version > held.version and held.source in {"", there.source}
    return there if newer else None


def list_of_files(folder: Path, held: Held) -> bytes | None:
    """The bytes of the manifest of *held*, None if they are not there or others."""
    try:
        with _list(folder, held.manifest).open("rb") as handle:
            data = handle.read(MAX_LIST)
    except (OSError, ValueError):
        return None
    return data if hashlib.sha256(data).hexdigest() == held.manifest else None


def write(folder: Path, slot: str, held: Held, manifest: bytes) -> None:
    """Say that *slot* holds *held*, whose manifest has the bytes *manifest*. Raises NoRoom."""
    write_atomic(_list(folder, held.manifest), manifest)
    value = {"format": 1, "manifest": held.manifest, "version": held.version, "board": held.board}
    if held.source:
        value["from"] = held.source
    write_atomic(_file(folder, slot), json.dumps(value).encode())
    _forget_lists(folder)


def clear(folder: Path, slot: str) -> None:
    """Say nothing of *slot* any more: it is about to be written."""
    _file(folder, slot).unlink(missing_ok=True)
    sync_folder(folder)


def distrust(folder: Path, held: Held) -> None:
    """Build on *held* no more: its slot does not hold what its list of files says."""
    _list(folder, held.manifest).unlink(missing_ok=True)
    sync_folder(folder)


def refused(folder: Path) -> list[str]:
    """The manifests of systems that were tried and did not work, oldest first."""
    try:
        value = read_note(folder / _REFUSED)["manifests"]
        return [name for name in value if isinstance(name, str)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def refuse(folder: Path, manifest: str) -> None:
    """Remember that the system of *manifest* was tried and did not work. Raises NoRoom."""
    names = [name for name in refused(folder) if name != manifest]
    value = {"format": 1, "manifests": [*names, manifest][-MAX_REFUSED:]}
    write_atomic(folder / _REFUSED, json.dumps(value).encode())


def _forget_lists(folder: Path) -> None:
    """Remove the lists of files of systems that no slot holds."""
    kept = {
        _list(folder, held.manifest) for held in (read(folder, slot) for slot in SLOTS) if held is not None
    }
    for path in folder.glob("*.manifest.json"):
        if path not in kept:
            path.unlink(missing_ok=True)


def _file(folder: Path, slot: str) -> Path:
    return folder / f"{slot}.json"


def _list(folder: Path, manifest: str) -> Path:
    return folder / f"{manifest}.manifest.json"
