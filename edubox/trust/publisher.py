"""A publisher's own TUF repository: its root and one writer key for targets, snapshot and timestamp.

Self-managed: nobody above it signs anything in it, and it works before any authority knows of it. The
directory's record only says which root is its newest. Its targets are the indexes of its lessons.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Signer

from edubox.errors import HashMismatch, MissingFile, NotTrusted
from edubox.trust.editor import ROOT_DAYS, SCHOOL_ROOT_DAYS, TARGETS_DAYS, Editor, new
from edubox.trust.fetch import Fetch, FolderFetch
from edubox.trust.record import Record, split

#: Bytes of the largest root read, python-tuf's own limit.
MAX_ROOT = 512_000


def prefix(publisher: str) -> str:
    """Where the repository of *publisher* lies in a mirror; raises BadIdentifier."""
    authority, name = split(publisher)
    return f"publishers/{authority}/{name}"


def create(publisher: str, kind: str, root: Signer, writer: Signer, now: datetime) -> dict[str, bytes]:
    """A new repository's files in the order to write them; a *kind* of ``school`` has a root for 20 years."""
    where = prefix(publisher)
    keys = {"root": [root], "targets": [writer], "snapshot": [writer], "timestamp": [writer]}
    days = SCHOOL_ROOT_DAYS if kind == "school" else ROOT_DAYS
    editor = new(where, keys, {}, now, root_days=days, online_days=TARGETS_DAYS)
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


def pinned_root(record: Record, mirror: Path, fetch: Fetch) -> bytes:
    """The root that *record* pins, where a client begins: from the own *mirror* if it is there, else from *fetch*.

    Raises NotTrusted if the own mirror already trusts another root of that version (a fork), HashMismatch if the
    source's is another one, MissingFile, Unreachable, BadIdentifier.
    """
    path = f"{prefix(record.id)}/metadata/{record.root_version}.root.json"
    try:
        data, known = FolderFetch(mirror).read(path, MAX_ROOT), True
    except MissingFile:
        data, known = fetch.read(path, MAX_ROOT), False
    if hashlib.sha256(data).hexdigest() != record.root_sha256:
        if known:
            raise NotTrusted(
                reason=f"the directory names another root {record.root_version} of {record.id} than the one known here"
            )
        raise HashMismatch(what=path)
    return data
