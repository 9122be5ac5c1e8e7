"""What a mirror folder already trusts, laid out as python-tuf's Updater keeps it: one file a role, and old roots.

Only what the mirror's timestamp names is taken. Other versions that lie there are older, or were left by a
publication or a synchronisation that was cut before its timestamp was written: they were never trusted, and a
snapshot from there would make the current one look like a rollback.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

from edubox.errors import EduboxError
from edubox.trust.fetch import MAX_METADATA, FolderFetch

_VERSIONED = re.compile(r"(\d{1,10})\.(root|snapshot)\.json\Z")


def lay_out(mirror: Path, prefix: str, state: Path) -> None:
    """Make the folder *state* from the metadata of *mirror*; what is missing or damaged there is left out."""
    (state / "root_history").mkdir(parents=True)
    own = FolderFetch(mirror)

    def copy(name: str, target: Path) -> dict[str, int]:
        """Copy one file; returns the versions that it lists of others."""
        try:
            data = own.read(f"{prefix}/metadata/{name}", MAX_METADATA)
        except EduboxError:
            return {}
        target.write_bytes(data)
        return _listed(data)

    newest = 0
    for name in _names(mirror / prefix / "metadata"):
        match = _VERSIONED.match(name)
        if match and match[2] == "root":
            copy(name, state / "root_history" / name)
        elif match:
            newest = max(newest, int(match[1]))
    # Without its timestamp (a card lost a sector) the newest snapshot still protects against a rollback.
    version = copy("timestamp.json", state / "timestamp.json").get("snapshot.json", newest)
    for line, number in copy(f"{version}.snapshot.json", state / "snapshot.json").items():
        # The Updater's own spelling of role names as file names.
        role = quote(line.removesuffix(".json"), "")
        copy(f"{number}.{role}.json", state / f"{role}.json")


def newest_root(mirror: Path, prefix: str) -> int:
    """The highest number of the roots that *mirror* holds of the repository at *prefix*, 0 if it holds none."""
    found = (_VERSIONED.match(name) for name in _names(mirror / prefix / "metadata"))
    return max((int(match[1]) for match in found if match and match[2] == "root"), default=0)


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _listed(data: bytes) -> dict[str, int]:
    """File → version as a timestamp or snapshot lists them; the Updater checks the signature later."""
    try:
        meta = json.loads(data)["signed"].get("meta", {})
        return {str(name): int(line["version"]) for name, line in meta.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return {}
