"""What the timestamp of a mirror names: every file of a repository that somebody has to carry, by hashes and versions alone.

No signature is checked here. Whoever carries a mirror need not believe it, and whoever receives it believes the
signatures and nothing else; but a copy is worth its room only when it is whole, so each file is read and compared with
the version or hash by which another file names it. A file that is not there, or another one, is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from edubox.errors import EduboxError, MissingFile, NotTrusted
from edubox.trust.fetch import MAX_METADATA, Fetch, FolderFetch, ensure_no_bomb

#: Bytes of the largest files of signatures that boxes read, as python-tuf has them.
MAX_ROOT, MAX_TIMESTAMP, MAX_SNAPSHOT, MAX_ROLE = 512_000, 16_384, 2_000_000, 5_000_000
#: Bytes of the largest target that repositories of ours have (an index, the country file), and entries of a folder looked at.
MAX_TARGET, _MOST_ENTRIES = 1024 * 1024, 100_000
_ROOT = re.compile(r"([1-9]\d{0,9})\.root\.json\Z")
_ROLE = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*\.json\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """A target that is there and whole: its *path* in the mirror and its *size* in bytes."""

    path: str
    size: int


@dataclass(slots=True)
class Named:
    """One repository as its timestamp names it. Paths are those of the mirror, sizes are bytes."""

    prefix: str
    version: int
    timestamp: bytes
    roots: dict[str, int] = field(default_factory=dict)
    #: Role → path and size of its metadata, and the targets that it lists.
    roles: dict[str, tuple[str, int, Mapping[str, Target]]] = field(default_factory=dict)
    snapshot: tuple[str, int] = ("", 0)

    def target(self, name: str) -> Target | None:
        """The target *name*, if it is here."""
        return next((targets[name] for _, _, targets in self.roles.values() if name in targets), None)

    def files(self, wanted: Callable[[str], bool] = lambda _: True) -> dict[str, int]:
        """Path → size in the order to write, all but the timestamp, with the targets that are *wanted*.

        A role that lists targets and none that is wanted is left out: a country has a thousand hash bins.
        """
        targets: dict[str, int] = {}
        roles: dict[str, int] = {}
        for path, size, listed in self.roles.values():
            chosen = {one.path: one.size for name, one in listed.items() if wanted(name)}
            if chosen or not listed or path.endswith(".targets.json"):
                roles[path] = size
            targets |= chosen
        return self.roots | targets | roles | dict([self.snapshot])


def timestamp_path(prefix: str) -> str:
    """The only file of a repository that changes."""
    return f"{prefix}/metadata/timestamp.json"


def version_of(timestamp: bytes) -> int:
    """The version that a timestamp claims, 0 if it is none (torn, or something else)."""
    if len(timestamp) > MAX_TIMESTAMP:
        return 0
    try:
        version = _signed(timestamp, "timestamp")["version"]
    except (EduboxError, KeyError):
        return 0
    return version if type(version) is int and version > 0 else 0


def vouches(root: bytes, timestamp: bytes) -> bool:
    """Whether *timestamp* is signed as *root*, the repository's newest, asks for it."""
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata, Root, Timestamp

    if len(timestamp) > MAX_TIMESTAMP:
        return False
    try:
        signer: Root = Metadata[Root].from_bytes(root).signed
        found = Metadata[Timestamp].from_bytes(timestamp)
        signer.verify_delegate(Timestamp.type, found.signed_bytes, found.signatures)
    except (RepositoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    return True


def read_named(mirror: Path, prefix: str, *, below: Fetch | None = None) -> Named:
    """Read the repository at *prefix* of *mirror*; files that it lacks are looked for in *below*.

    Raises MissingFile (there is no such repository), NotTrusted (what its timestamp names is not there), Unreachable.
    """
    own = FolderFetch(mirror)
    fetch = own if below is None else _Either(own, below)
    timestamp = own.read(timestamp_path(prefix), MAX_TIMESTAMP)
    named = Named(prefix, version_of(timestamp), timestamp)
    for name in _listing(mirror / prefix / "metadata"):
        if _ROOT.match(name):
            path = f"{prefix}/metadata/{name}"
            named.roots[path] = len(own.read(path, MAX_ROOT))
    try:
        version = _signed(timestamp, "timestamp")["meta"]["snapshot.json"]["version"]
        path = f"{prefix}/metadata/{int(version)}.snapshot.json"
        data = fetch.read(path, MAX_SNAPSHOT)
        named.snapshot = path, len(data)
        lines = dict(_signed(data, "snapshot")["meta"])
        room = MAX_METADATA - len(data)
        for line, told in lines.items():
            room -= _read_role(named, fetch, str(line).removesuffix(".json"), int(told["version"]), room)
    except (KeyError, TypeError, ValueError, AttributeError, MissingFile):
        raise NotTrusted(reason=f"{prefix} is not whole in {mirror}") from None
    if "targets" not in named.roles or not named.version:
        raise NotTrusted(reason=f"{prefix} is not whole in {mirror}")
    return named


def _read_role(named: Named, fetch: Fetch, role: str, version: int, room: int) -> int:
    """Add *role* if it is here; returns the bytes read."""
    path = f"{named.prefix}/metadata/{version}.{role}.json"
    if not _ROLE.match(role):
        return 0
    try:
        data = fetch.read(path, max(min(room, MAX_ROLE), 0))
        signed = _signed(data, "targets")
        if signed["version"] != version:
            return len(data)
        listed = dict(_targets(named.prefix, fetch, signed["targets"]))
    except MissingFile:
        return 0  # a box has only the bins of those it follows
    named.roles[role] = path, len(data), listed
    return len(data)


def _targets(prefix: str, fetch: Fetch, listed: Any) -> Iterator[tuple[str, Target]]:
    for name, told in dict(listed).items():
        sha256, size = told["hashes"].get("sha256", ""), told["length"]
        if not (
            _NAME.match(name) and _SHA256.match(sha256) and type(size) is int and 0 <= size <= MAX_TARGET
        ):
            continue
        folder, slash, last = name.rpartition("/")
        path = f"{prefix}/targets/{folder}{slash}{sha256}.{last}"
        try:
            data = fetch.read(path, size)
        except (MissingFile, NotTrusted):
            continue
        if len(data) == size and hashlib.sha256(data).hexdigest() == sha256:
            yield name, Target(path, size)


def _signed(data: bytes, kind: str) -> dict[str, Any]:
    ensure_no_bomb(data)
    try:
        signed = json.loads(data)["signed"]
        found = dict(signed)
    except (ValueError, KeyError, TypeError, RecursionError):
        found = {}
    if found.get("_type") != kind:
        raise NotTrusted(reason=f"a file of the role {kind} is damaged")
    return found


def _listing(folder: Path) -> list[str]:
    try:
        return sorted((path.name.lower() for path in islice(folder.iterdir(), _MOST_ENTRIES)), key=_by_number)
    except OSError:
        return []


def _by_number(name: str) -> tuple[int, str]:
    match = _ROOT.match(name)
    return (int(match[1]) if match else 0, name)


class _Either:
    """One mirror over another."""

    def __init__(self, first: Fetch, second: Fetch) -> None:
        self._first, self._second = first, second

    def read(self, path: str, limit: int) -> bytes:
        """See Fetch."""
        try:
            return self._first.read(path, limit)
        except (MissingFile, NotTrusted):
            return self._second.read(path, limit)
