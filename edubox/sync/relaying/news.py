"""Files of signatures and what they list, as readers get them: what is kept for good, or what the mirror behind says this minute.

| asked for | answered with |
| --- | --- |
| a version that was verified | the file, for ever |
| any other version | what the mirror behind has, for a minute: boxes judge |
| ``timestamp.json`` | what the mirror behind says this minute; what is kept where that is older, was refused, or does not come |
| a list or an index, named by its hash | the file, for ever, when the hash holds |
| a next root while nobody answers | that there is none: what is kept goes with the roots that are kept |
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from edubox.errors import EduboxError, HashMismatch, MissingFile, NotTrusted, Unreachable
from edubox.store.folder import FolderStore
from edubox.sync.relaying.line import Line
from edubox.sync.relaying.notary import Notary
from edubox.sync.relaying.room import Room
from edubox.sync.relaying.small import PATIENCE, Small
from edubox.trust.delegated import vouched
from edubox.trust.fetch import FolderFetch, ensure_no_bomb
from edubox.trust.named import (
    MAX_ROLE,
    MAX_ROOT,
    MAX_SNAPSHOT,
    MAX_TARGET,
    MAX_TIMESTAMP,
    timestamp_path,
    version_of,
)
from edubox.trust.state import newest_root

#: Seconds that a new timestamp waits for the notary where an older one is kept: boxes had rather that one than a wrong one.
VERDICT = 5.0
_METADATA = re.compile(r"(?P<prefix>.+)/metadata/(?P<version>\d{1,10})\.(?P<role>[a-z0-9-]{1,80})\.json\Z")
_TARGET = re.compile(
    r"(?P<prefix>.+)/targets/(?:[a-z0-9-]+/){0,4}(?P<sha256>[0-9a-f]{64})\.[a-z0-9-]+\.json\Z"
)
_LIMITS = {"root": MAX_ROOT, "snapshot": MAX_SNAPSHOT, "timestamp": MAX_TIMESTAMP}
_ROLES = {"root", "snapshot"}
_TOP = {"root", "snapshot", "targets"}


class News:
    """See the module; shared by all threads."""

    def __init__(self, mirror: Path, line: Line, small: Small, notary: Notary, room: Room) -> None:
        self._mirror, self._line, self._small, self._notary, self._room = mirror, line, small, notary, room
        self._store = FolderStore(mirror)

    def timestamp(self, prefix: str, patience: float = PATIENCE) -> bytes:
        """The timestamp of the repository at *prefix*. Raises MissingFile, NotTrusted, Unreachable."""
        path = timestamp_path(prefix)
        try:
            kept: bytes | None = FolderFetch(self._mirror).read(path, MAX_TIMESTAMP)
        except EduboxError:
            kept = None
        try:
            data = self._stamp(path, patience)
        except (Unreachable, NotTrusted) as error:
            if kept is None:
                raise
            if not isinstance(error, Unreachable) or isinstance(error, MissingFile):
                self._line.complain(path, error)
            return kept
        if data == kept:
            return data
        if kept is not None and version_of(data) <= version_of(kept):
            self._line.complain(
                path,
                NotTrusted(
                    reason=f"{self._line.name} offers one that is not newer than the one kept here, and not the same"
                ),
            )
            return kept
        if kept is not None and not self._notary.refuses(prefix, data):
            self._notary.judge(prefix, VERDICT)
        elif kept is None:
            self._notary.look(prefix)
        return kept if kept is not None and self._notary.refuses(prefix, data) else data

    def _stamp(self, path: str, patience: float) -> bytes:
        data = self._small.read(path, MAX_TIMESTAMP, patience)
        if not version_of(data):
            raise NotTrusted(reason=f"{path} of {self._line.name} is no timestamp")
        return data

    def file(self, path: str) -> bytes | None:
        """The bytes of *path* as the mirror behind has them; None when it is kept here now. Raises as ``timestamp``."""
        target = _TARGET.match(path)
        if target:
            data = self._small.read(path, MAX_TARGET)
            if hashlib.sha256(data).hexdigest() != target["sha256"]:
                raise self._wrong(path, HashMismatch(what=f"{path} from {self._line.name}"))
            return None if self._keep(path, data) else data
        match = _METADATA.match(path)
        if match is None:
            raise MissingFile(source=self._line.name, path=path)
        return self._version(path, match["prefix"], int(match["version"]), match["role"])

    def _version(self, path: str, prefix: str, version: int, role: str) -> bytes | None:
        try:
            data = self._small.read(path, _LIMITS.get(role, MAX_ROLE))
        except MissingFile:
            raise
        except Unreachable:
            here = newest_root(self._mirror, prefix)
            if role == "root" and version == here + 1 and (self._mirror / timestamp_path(prefix)).exists():
                raise MissingFile(source=self._line.name, path=path) from None
            raise
        if _said(data) != (role if role in _ROLES else "targets", version):
            raise self._wrong(path, NotTrusted(reason=f"{path} of {self._line.name} is another file"))
        if role not in _TOP and vouched(self._mirror, prefix, role, data):
            return None if self._keep(path, data) else data
        return data

    def _keep(self, path: str, data: bytes) -> bool:
        """Write *path*, unless the disk does not take it; whether it is kept."""
        try:
            if not (self._mirror / path).exists():
                # Not write_atomic: the notary may be writing the same file.
                self._store.put_bytes(path, data)
                self._room.count(len(data))
        except EduboxError as error:
            self._line.complain("the disk", error)
            return False
        return True

    def _wrong(self, path: str, error: EduboxError) -> EduboxError:
        self._line.complain(path, error)
        return error


def _said(data: bytes) -> tuple[str, int] | None:
    """Role and version that a file of signatures claims; None if it is none."""
    try:
        ensure_no_bomb(data)
        signed = json.loads(data)["signed"]
        return str(signed["_type"]), int(signed["version"])
    except (EduboxError, ValueError, KeyError, TypeError, RecursionError):
        return None
