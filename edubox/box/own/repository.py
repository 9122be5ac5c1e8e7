"""What the box's own repository lists, read from its mirror without TUF: for the doctor and for backups.

Hashes are followed from the timestamp down, signatures are not checked: the box signed them itself, and
whoever copies the repository checks them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from edubox.errors import NotTrusted
from edubox.pack.erasure import ERASE_LIST
from edubox.pack.index import MAX_INDEX, Index, parse
from edubox.store.layout import metadata_path, target_path
from edubox.trust.fetch import MAX_METADATA, FolderFetch


def listed(mirror: Path, prefix: str) -> dict[str, Index]:
    """The indexes of the repository at *prefix*, by slug, withdrawn ones too. Raises MissingFile, NotTrusted (damaged)."""
    fetch = FolderFetch(mirror)

    def signed(role: str, version: int | None) -> Any:
        return json.loads(fetch.read(metadata_path(prefix, role, version), MAX_METADATA))["signed"]

    indexes = {}
    try:
        snapshot = signed("snapshot", signed("timestamp", None)["meta"]["snapshot.json"]["version"])
        targets = signed("targets", snapshot["meta"]["targets.json"]["version"])["targets"]
        for name, info in targets.items():
            if name == ERASE_LIST:
                continue
            sha256 = info["hashes"]["sha256"]
            data = fetch.read(target_path(prefix, name, sha256), MAX_INDEX)
            if hashlib.sha256(data).hexdigest() != sha256:
                raise NotTrusted(reason=f"{name} of {prefix} is damaged")
            indexes[name.removesuffix(".json")] = parse(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotTrusted(reason=f"{prefix} is damaged ({error})") from None
    return indexes
