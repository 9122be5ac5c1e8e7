"""What a box says when it offers a lesson: one canonical JSON that proves itself, the same over a line and in a courier.

It holds the signatures of the school's own repository, the index of that one lesson and its manifest; the bytes of the
lesson are named there and travel beside it. ``docs/formats/push.md`` describes it. A box writes it, a hub reads it, so what
either may believe of it is said here once: nothing but its form. No other lesson's index is in it, and none of what is for
teachers only; the list of the school's lessons, which their signature covers, is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import BadInput, NotFound
from edubox.pack.erasure import ERASE_LIST
from edubox.pack.index import MAX_INDEX, Index
from edubox.pack.index import parse as parse_index
from edubox.pack.manifest import MAX_MANIFEST, Manifest
from edubox.pack.manifest import parse as parse_manifest
from edubox.pack.names import check_publisher, check_slug, is_staff
from edubox.store.layout import publisher_prefix
from edubox.sync.local import manifest_in
from edubox.trust.fetch import MAX_METADATA, FolderFetch, ensure_no_bomb
from edubox.trust.named import read_named, timestamp_path

FORMAT = 1
#: Bytes of the longest letter, files of signatures in it, and bytes of those together.
MAX_LETTER, MAX_PARTS, MAX_SIGNATURES = 8 * 1024 * 1024, 200, 4 * 1024 * 1024
_FIELDS = {"format", "publisher", "slug", "files", "manifest"}
#: The publisher's list of what it erased, which travels with every offer.
_ERASED = "targets/erase/"
_PART = re.compile(
    r"(?:metadata/(?:[1-9]\d{0,9}\.(?:root|targets|snapshot)|timestamp)|targets/[0-9a-f]{64}\.[a-z0-9][a-z0-9-]{0,62}|targets/erase/[0-9a-f]{64}\.list)\.json\Z"
)


@dataclass(frozen=True)
class Letter:
    """An offer of the lesson *slug* of *publisher*; *files* are its repository's, path below the repository → bytes."""

    publisher: str
    slug: str
    files: Mapping[str, bytes]
    manifest: Manifest
    index: Index

    @property
    def prefix(self) -> str:
        """Where its files belong in a mirror."""
        return publisher_prefix(*check_publisher(self.publisher))

    @property
    def id(self) -> str:
        """32 characters that name this offer: the same whenever the same version is offered."""
        told = f"{self.publisher}/{self.slug} {hashlib.sha256(self.index.to_bytes()).hexdigest()}"
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def mirror_files(self) -> dict[str, bytes]:
        """Path in a mirror → bytes."""
        return {f"{self.prefix}/{path}": data for path, data in self.files.items()}

    def to_bytes(self) -> bytes:
        """The letter as it travels."""
        value = {
            "format": FORMAT, "publisher": self.publisher, "slug": self.slug,
            "files": {path: _text(data) for path, data in self.files.items()},
            "manifest": _text(self.manifest.to_bytes()),
        }  # fmt: skip
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def write(mirror: Path, publisher: str, slug: str) -> Letter:
    """The letter that offers the current version of the lesson *slug* of *publisher*, out of its own *mirror*.

    Raises NotFound (no such lesson, or taken back), MissingFile, NotTrusted (the mirror is not whole), BadIdentifier.
    """
    prefix = publisher_prefix(*check_publisher(publisher))
    wanted, fetch = f"{check_slug(slug)}.json", FolderFetch(mirror)
    named = read_named(mirror, prefix)
    target = named.target(wanted)
    index = None if target is None or is_staff(slug) else parse_index(fetch.read(target.path, MAX_INDEX))
    if index is None or index.withdrawn:
        raise NotFound(what=f"The lesson {publisher}/{slug}")
    manifest = manifest_in(mirror, index.manifest)
    if manifest is None:
        raise NotFound(what=f"The list of files of {publisher}/{slug}")
    paths = named.files(lambda name: name in {wanted, ERASE_LIST})
    files = {path.removeprefix(f"{prefix}/"): fetch.read(path, size) for path, size in paths.items()}
    files[timestamp_path(prefix).removeprefix(f"{prefix}/")] = named.timestamp
    return Letter(publisher, slug, files, manifest, index)


def read(data: bytes) -> Letter:
    """The letter *data*, a stranger's. Raises BadInput and its kin; whether it is true is not looked at."""
    if len(data) > MAX_LETTER:
        raise BadInput(reason=f"an offer has at most {MAX_LETTER} bytes")
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise BadInput(reason="the offer is no JSON") from None
    if not isinstance(value, dict) or value.keys() != _FIELDS or value["format"] != FORMAT:
        raise BadInput(reason="the offer has unknown or missing fields")
    publisher, slug, told = value["publisher"], value["slug"], value["files"]
    if not isinstance(publisher, str) or not isinstance(slug, str) or not isinstance(told, dict):
        raise BadInput(reason="the offer does not say whose it is")
    check_publisher(publisher)
    if is_staff(check_slug(slug)):
        raise BadInput(reason="what is for teachers only is never offered")
    if not 0 < len(told) <= MAX_PARTS:
        raise BadInput(reason=f"an offer has 1 to {MAX_PARTS} files of signatures")
    files = {path: _bytes(text, path) for path, text in told.items() if _PART.match(path)}
    if len(files) != len(told) or sum(map(len, files.values())) > min(MAX_SIGNATURES, MAX_METADATA):
        raise BadInput(reason="the offer holds files that belong to no offer, or too large ones")
    for path, content in files.items():
        if path.startswith("metadata/"):
            ensure_no_bomb(content)
    manifest = parse_manifest(_bounded(_bytes(value["manifest"], "manifest"), MAX_MANIFEST))
    return Letter(publisher, slug, files, manifest, _index(files, slug, manifest))


def _index(files: Mapping[str, bytes], slug: str, manifest: Manifest) -> Index:
    """The one index in *files*; there is no other lesson's, and it is of *manifest*."""
    found = [path for path in files if path.startswith("targets/") and not path.startswith(_ERASED)]
    if len(found) != 1 or found[0].partition(".")[2] != f"{slug}.json":
        raise BadInput(reason="the offer must hold the index of its lesson and no other one")
    data = files[found[0]]
    if hashlib.sha256(data).hexdigest() != found[0].removeprefix("targets/").partition(".")[0]:
        raise BadInput(reason="the index in the offer is not the one that it is named after")
    index = parse_index(data)
    if index.withdrawn or index.full is None or index.system is not None:
        raise BadInput(reason="there is no lesson at what is offered")
    if (index.manifest, index.manifest_size, index.size) != (
        manifest.id,
        len(manifest.to_bytes()),
        manifest.size,
    ):
        raise BadInput(reason="the list of files in the offer is not the one that was signed")
    return index


def _bounded(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise BadInput(reason=f"a list of files has at most {most} bytes")
    return data


def _bytes(text: object, what: str) -> bytes:
    try:
        return base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(reason=f"{what[:80]!r} of the offer is not base64") from None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
