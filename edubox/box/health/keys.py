"""Are keys readable by nobody else?"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from edubox.box.health import Box, Finding
from edubox.store.layout import DIRECTORY, metadata_path

TITLE = "Keys"
#: Public files among the keys; everything else there is secret.
PUBLIC = {"root.json", "clock.json", "epochs.json", "desk.crt"}


def check(box: Box) -> Finding:
    """Warn about secret files that other users of this computer can read."""
    folder = box.data / "keys"
    if not (folder / "root.json").exists():
        return Finding(
            "broken",
            "The country's root is not pinned: this box cannot trust anything. "
            f"Copy 1.root.json, had by a way you trust, to {folder / 'root.json'}.",
        )
    if _differs(box.data):
        return Finding(
            "broken",
            f"{folder / 'root.json'} is not the root of that version in the mirror: one of them is damaged. Compare it "
            "with 1.root.json, had by a way you trust, and copy that to its place.",
        )
    loose = _loose(folder)
    if loose:
        return Finding(
            "warning",
            f"Other users of this computer can read secret keys. Run: chmod go= {shlex.join(map(str, loose))}",
        )
    return Finding("good", "The country's root is pinned; secret files are closed to others.")


def fix(box: Box) -> str:
    """Close secret files to others. The country's root is nothing that a program may choose."""
    loose = _loose(box.data / "keys")
    for path in loose:
        path.chmod(path.stat().st_mode & ~0o077)
    return f"{len(loose)} secret files are now closed to other users." if loose else ""


def _loose(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.name not in PUBLIC and path.stat().st_mode & 0o077
    )


def _differs(data: Path) -> bool:
    """Whether the pinned root and the mirror's copy of it are not the same bytes."""
    pinned = (data / "keys" / "root.json").read_bytes()
    try:
        version = int(json.loads(pinned)["signed"]["version"])
        return (data / "mirror" / metadata_path(DIRECTORY, "root", version)).read_bytes() != pinned
    except FileNotFoundError:
        return False  # before the first synchronisation there is nothing to compare it with
    except (ValueError, KeyError, TypeError, RecursionError):
        return True
