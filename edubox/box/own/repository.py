"""What the box's own repository lists, read from its mirror without TUF: for the doctor and for backups.

Hashes are followed from the timestamp down, signatures are not checked: the box signed them itself, and
whoever copies the repository checks them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from edubox.box.own.identity import own_id
from edubox.errors import EduboxError, NotTrusted
from edubox.pack.erasure import ERASE_LIST
from edubox.pack.index import MAX_INDEX, Index, parse
from edubox.pack.manifest import MAX_MANIFEST
from edubox.pack.manifest import parse as parse_manifest
from edubox.pack.names import STAFF, is_staff
from edubox.store import layout
from edubox.store.layout import BUNDLES, OBJECTS, metadata_path, object_path, publisher_prefix, target_path
from edubox.trust.fetch import MAX_METADATA, FolderFetch


def staff_of(data: Path, slug: str) -> str:
    """The manifest of what is for teachers only of this box's lesson *slug*; empty if there is nothing.

    Raises MissingFile, NotTrusted (damaged).
    """
    own = own_id(data)
    if not own:
        return ""
    index = listed(data / "mirror", publisher_prefix(*own.split("/"))).get(slug + STAFF)
    return "" if index is None else index.manifest


def sweep_staff(mirror: Path, prefix: str) -> None:
    """Remove what is for teachers only and goes with no lesson of today: nothing brings an older one back.

    Leaves everything when something is damaged, so that nobody can say what is needed.
    """
    kept: set[str] = set()
    shelf = mirror / layout.STAFF
    try:
        for slug, index in listed(mirror, prefix).items():
            if is_staff(slug) and not index.withdrawn:
                kept |= {index.manifest, *(bundle.sha256 for bundle in index.bundles)}
                data = FolderFetch(shelf).read(object_path(index.manifest), MAX_MANIFEST)
                kept |= {file.sha256 for file in parse_manifest(data).files}
    except EduboxError:
        return
    for path in [*shelf.glob(f"{BUNDLES}/??/*"), *shelf.glob(f"{OBJECTS}/??/*")]:
        if path.name not in kept:
            path.unlink(missing_ok=True)


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
