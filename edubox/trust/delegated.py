"""One file of a delegated role, by itself: whether it is what a mirror's own verified files ask for.

A reader goes from the timestamp to the role. Whoever only passes files on meets a bin of records alone, and holds what stands above
it: the snapshot that names its version, and the role that names its keys. What could as well be another role of the same
authority is not vouched for.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Snapshot, Targets

from edubox.errors import EduboxError
from edubox.trust.fetch import FolderFetch, ensure_no_bomb
from edubox.trust.named import MAX_ROLE, MAX_SNAPSHOT, MAX_TIMESTAMP, timestamp_path

_BIN = re.compile(r"(.+)-bin-[0-9a-f]+\Z")


def vouched(mirror: Path, prefix: str, role: str, data: bytes) -> bool:
    """Whether *data* is the delegated *role* that *mirror*, whose own files are verified, names for the repository at *prefix*."""
    here = FolderFetch(mirror)
    try:
        ensure_no_bomb(data)
        version = json.loads(here.read(timestamp_path(prefix), MAX_TIMESTAMP))["signed"]["meta"][
            "snapshot.json"
        ]["version"]
        snapshot = (
            Metadata[Snapshot]
            .from_bytes(here.read(f"{prefix}/metadata/{int(version)}.snapshot.json", MAX_SNAPSHOT))
            .signed
        )
        found = Metadata[Targets].from_bytes(data)
        if found.signed.version != snapshot.meta[f"{role}.json"].version:
            return False
        above = _BIN.match(role)
        parent = above[1] if above else "targets"
        number = snapshot.meta[f"{parent}.json"].version
        signed = (
            Metadata[Targets]
            .from_bytes(here.read(f"{prefix}/metadata/{number}.{parent}.json", MAX_ROLE))
            .signed
        )
        signed.verify_delegate(role, found.signed_bytes, found.signatures)
        return _belongs(role, found.signed, signed)
    except (EduboxError, RepositoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _belongs(role: str, found: Targets, above: Targets) -> bool:
    """Whether *found* can be *role* and no other: no file says which role it is, and an authority signs all of its with one key."""
    bins = above.delegations.succinct_roles if above.delegations else None
    if bins is None:
        below = found.delegations.succinct_roles if found.delegations else None
        return below is not None and below.name_prefix == f"{role}-bin"
    # An empty bin is like any other empty one.
    return (
        not found.delegations
        and bool(found.targets)
        and all(bins.get_role_for_target(name) == role for name in found.targets)
    )
