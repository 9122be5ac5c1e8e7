"""A publisher's own TUF repository: its root and one writer key for targets, snapshot and timestamp.

Self-managed: nobody above it signs anything in it, and it works before any authority knows of it. The
directory's record only says which root is its newest. Its targets are the indexes of its lessons.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Signer
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from edubox.errors import HashMismatch, MissingFile, NotTrusted, Unreachable
from edubox.trust.editor import ROOT_DAYS, SCHOOL_ROOT_DAYS, TARGETS_DAYS, Editor, new
from edubox.trust.fetch import Fetch, FolderFetch
from edubox.trust.record import Record, split

#: Bytes of the largest root read, python-tuf's own limit.
MAX_ROOT = 512_000
#: The authority of schools that none has enrolled yet, and how much of its first root's hash such a school is named by:
#: 130 bits, so the name pins the root.
LOCAL, _LOCAL_CHARACTERS = "local", 26
_UNNAMED = f"{LOCAL}/unnamed"
#: The roles that the writer key signs.
_WRITERS = ("targets", "snapshot", "timestamp")


def prefix(publisher: str) -> str:
    """Where the repository of *publisher* lies in a mirror; raises BadIdentifier."""
    authority, name = split(publisher)
    return f"publishers/{authority}/{name}"


def create(publisher: str, kind: str, root: Signer, writer: Signer, now: datetime) -> dict[str, bytes]:
    """A new repository's files in the order to write them; a *kind* of ``school`` has a root for 20 years."""
    where = prefix(publisher)
    days = SCHOOL_ROOT_DAYS if kind == "school" else ROOT_DAYS
    editor = new(where, _roles(root, writer), {}, now, root_days=days, online_days=TARGETS_DAYS)
    editor.sign("targets", [writer], now)
    return editor.release([writer], [writer], now)


def local_id(first_root: bytes) -> str:
    """The id of the school whose own repository begins with this root: ``local/<26 characters of its hash>``."""
    digest = base64.b32encode(hashlib.sha256(first_root).digest()).decode("ascii").lower()
    return f"{LOCAL}/{digest[:_LOCAL_CHARACTERS]}"


def create_local(root: Signer, writer: Signer, now: datetime) -> tuple[str, dict[str, bytes]]:
    """A school's own repository, named by its first root: its id, and its files in the order to write them."""
    begin = prefix(_UNNAMED)
    files = create(_UNNAMED, "school", root, writer, now)
    name = local_id(files[f"{begin}/metadata/1.root.json"])
    return name, {prefix(name) + path.removeprefix(begin): data for path, data in files.items()}


def is_root_key(fetch: Fetch, publisher: str, root: Signer) -> bool:
    """Whether *root* signs the newest root of *publisher*'s repository. Raises MissingFile, NotTrusted, BadIdentifier."""
    editor = Editor.open(fetch, prefix(publisher), TARGETS_DAYS)
    return root.public_key.keyid in editor.root.roles["root"].keyids


def ends(fetch: Fetch, publisher: str) -> datetime:
    """When the first signature of the writer key ends (UTC). Raises MissingFile, NotTrusted, BadIdentifier."""
    editor = Editor.open(fetch, prefix(publisher), TARGETS_DAYS)
    return min(editor.expires(role) for role in _WRITERS)


def rekey(fetch: Fetch, publisher: str, root: Signer, writer: Signer, now: datetime) -> dict[str, bytes]:
    """Give the repository of a school a new *writer* key in place of one that was lost; returns the files to write.

    The next root, signed with the same *root* key, names the new key; every index is signed again as it is. Clients
    follow the chain of roots and go on upwards. Raises NotTrusted (the mirror holds something that the old keys did not
    sign, or *root* is not its root key), MissingFile, BadIdentifier.
    """
    editor = Editor.open(fetch, prefix(publisher), TARGETS_DAYS)
    for role in _WRITERS:
        editor.hand_over(role, writer)
    editor.sign_root([root], now, SCHOOL_ROOT_DAYS)
    editor.sign("targets", [writer], now)
    return editor.release([writer], [writer], now)


def describe(fetch: Fetch, publisher: str, label: str, kind: str) -> Record:
    """The record that an authority enters for a repository: it pins the newest root there.

    Raises BadIdentifier, MissingFile, NotTrusted (damaged).
    """
    version = Editor.open(fetch, prefix(publisher), TARGETS_DAYS).root.version
    root = fetch.read(f"{prefix(publisher)}/metadata/{version}.root.json", MAX_ROOT)
    return Record(publisher, label, kind, version, hashlib.sha256(root).hexdigest())


def current(fetch: Fetch, publisher: str, name: str) -> bytes | None:
    """The bytes of the target *name* as published, None if there is none.

    For the publisher itself, in its own mirror: hashes are checked, signatures are not (``change`` does). Raises
    BadIdentifier, MissingFile, HashMismatch, NotTrusted (damaged).
    """
    return Editor.open(fetch, prefix(publisher), TARGETS_DAYS).target(name)


def change(
    fetch: Fetch, publisher: str, targets: Mapping[str, bytes], writer: Signer, now: datetime
) -> dict[str, bytes]:
    """Put *targets* (name → bytes) into the repository; returns the files to write, the timestamp last.

    Raises NotTrusted if the mirror holds something that *writer* did not sign, MissingFile, BadIdentifier.
    """
    editor = Editor.open(fetch, prefix(publisher), TARGETS_DAYS)
    for name, data in targets.items():
        editor.put(name, data)
    editor.sign("targets", [writer], now)
    return editor.release([writer], [writer], now)


def rotate(
    fetch: Fetch, publisher: str, old: tuple[Signer, Signer], new: tuple[Signer, Signer], now: datetime,
    days: int = ROOT_DAYS,
) -> dict[str, bytes]:  # fmt: skip
    """Give the repository other keys: *old* and *new* are its root and its writer, either of which may stay.

    *days* is how long the new root lasts. Returns the files to write, the new root last; enter its record again
    afterwards. Raises NotTrusted if the mirror holds something that *old* did not sign, MissingFile, BadIdentifier.
    """
    editor = Editor.open(fetch, prefix(publisher), TARGETS_DAYS)
    return editor.rotate(_roles(*old), _roles(*new), now, days=days)


def _roles(root: Signer, writer: Signer) -> dict[str, list[Signer]]:
    return {"root": [root], "targets": [writer], "snapshot": [writer], "timestamp": [writer]}


def pinned_root(record: Record, mirror: Path, fetch: Fetch) -> bytes:
    """The root that *record* pins, where a client begins: from the own *mirror* if it is there, else from *fetch*.

    Raises NotTrusted if the own mirror already trusts another root of that version (a fork), HashMismatch if the
    source's is another one, MissingFile, Unreachable, BadIdentifier.
    """
    path = f"{prefix(record.id)}/metadata/{record.root_version}.root.json"
    here = _read(FolderFetch(mirror), path)
    if hashlib.sha256(here).hexdigest() == record.root_sha256:
        return here
    # A root that a worn card damaged is no fork, or the box would refuse this publisher for ever.
    known = signed_root(here)
    data = fetch.read(path, MAX_ROOT) if known is None else _read(fetch, path)
    pinned = hashlib.sha256(data).hexdigest() == record.root_sha256
    if known is not None and not (pinned and signed_root(data) == known):
        raise NotTrusted(
            reason=f"the directory names another root {record.root_version} of {record.id} than the one known here"
        )
    if not pinned:
        raise HashMismatch(what=path)
    return data


def signed_root(data: bytes) -> bytes | None:
    """What the root *data* says, if its own keys signed it; None if it is damaged or none."""
    try:
        root = Metadata[Root].from_bytes(data)
        root.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    except (RepositoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return root.signed_bytes


def _read(fetch: Fetch, path: str) -> bytes:
    """The root at *path*, or nothing."""
    try:
        return fetch.read(path, MAX_ROOT)
    except (MissingFile, NotTrusted, Unreachable):
        return b""
