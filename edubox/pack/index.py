"""The index: what a publisher signs for one lesson; a TUF target called ``<slug>.json``.

It says which manifest is current, how to get there (bundles) and who speaks. It is small because every
box fetches it on every change. A withdrawn lesson keeps an index that says so, since its version number
must never be used again. An index of format 2 is of a system: it says the board, so that whoever has another one, or
none, knows before fetching anything. See ``docs/formats/index.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from edubox.errors import BadManifest
from edubox.pack import canonical
from edubox.pack.manifest import (
    FORMAT,
    MAX_FILE_SIZE,
    MAX_FILES,
    MAX_MANIFEST,
    SYSTEM_FORMAT,
    board_of,
    check_pieces,
    is_text,
)
from edubox.pack.names import is_sha256

#: Bytes of the largest index read; a lesson with 16 bundles of 1 GiB stays far below.
MAX_INDEX = 1024 * 1024
MAX_BUNDLES = 32
_MOMENT = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]Z\Z")
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9-]{0,62}(?:/[a-z0-9][a-z0-9-]{0,62}){2}\Z")
_REQUIRED = {"format", "name", "inLanguage", "version", "published"}
_OPTIONAL = {
    "manifest", "manifest_size", "size", "bundles", "author", "not_before", "stages", "withdrawn", "system",
    "source",
}  # fmt: skip
#: Steps of the longest spreading, and the share that ends each: every box.
MAX_STAGES, ALL = 8, 1000


@dataclass(frozen=True, slots=True)
class Bundle:
    """One file that carries objects: all of them (*base* is None) or what changed since manifest *base*.

    *size*: bytes of the bundle; *unpacked*: bytes of the objects it makes; *files*: how many objects.
    """

    sha256: str
    size: int
    unpacked: int
    files: int
    base: str | None = None
    pieces: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The index's spelling of this bundle."""
        value: dict[str, Any] = {
            "sha256": self.sha256, "size": self.size, "unpacked": self.unpacked, "files": self.files,
        }  # fmt: skip
        if self.base is not None:
            value["from"] = self.base
        if self.pieces:
            value["pieces"] = list(self.pieces)
        return value


@dataclass(frozen=True)
class Index:
    """The current version of a lesson. *published* and *not_before* are UTC, ``2026-11-24T08:00Z``."""

    name: str
    language: str
    version: int
    published: str
    manifest: str = ""
    manifest_size: int = 0
    size: int = 0
    bundles: tuple[Bundle, ...] = ()
    author: str | None = None
    not_before: str | None = None
    withdrawn: bool = False
    #: As of Manifest.
    system: str | None = None
    #: From which moments (as *not_before*) how many boxes in a thousand may have this version; empty: all, at once.
    stages: tuple[tuple[str, int], ...] = ()
    #: The address ``<authority>/<name>/<slug>`` of the lesson that a collection took this one from, whose author this is.
    source: str | None = None

    def to_bytes(self) -> bytes:
        """Canonical bytes, the TUF target."""
        value: dict[str, Any] = {
            "format": FORMAT if self.system is None else SYSTEM_FORMAT,
            "name": self.name,
            "inLanguage": self.language,
            "version": self.version,
            "published": self.published,
        }
        if self.withdrawn:
            value["withdrawn"] = True
        else:
            value |= {
                "manifest": self.manifest,
                "manifest_size": self.manifest_size,
                "size": self.size,
                "bundles": [bundle.to_json() for bundle in self.bundles],
            }
        for key in ("author", "not_before", "system", "source"):
            if getattr(self, key) is not None:
                value[key] = getattr(self, key)
        if self.stages:
            value["stages"] = [list(stage) for stage in self.stages]
        return canonical.write(value)

    @property
    def full(self) -> Bundle | None:
        """The bundle that needs nothing before it."""
        return next((bundle for bundle in self.bundles if bundle.base is None), None)

    def ways(self, held: Callable[[str], bool]) -> tuple[Bundle, ...]:
        """The bundles that lead to this version, the smallest first; *held* says if the version of a manifest is here."""
        possible = [bundle for bundle in self.bundles if bundle.base is None or held(bundle.base)]
        if self.system is not None:
            # A slot is written whole: a bundle that says that its file stays where it was makes nothing to write.
            possible = [bundle for bundle in possible if (bundle.files, bundle.unpacked) == (1, self.size)]
        # At the same price the full bundle, which needs nothing that could be damaged.
        return tuple(sorted(possible, key=lambda bundle: (bundle.size, bundle.base is not None)))


def parse(data: bytes) -> Index:
    """Read an index; its signature was checked, its content was not. Raises BadManifest, UnknownFormat."""
    if len(data) > MAX_INDEX:
        raise BadManifest(reason="its index is larger than 1 MiB")
    value = canonical.read(data, what="the lesson's index", known=SYSTEM_FORMAT)
    if value.keys() - _REQUIRED - _OPTIONAL or _REQUIRED - value.keys():
        raise BadManifest(reason="its index has unknown or missing fields")
    for key in ("name", "inLanguage", "author"):
        if key in value and not is_text(value[key]):
            raise BadManifest(reason=f"{key} of its index must be a text")
    for key in ("published", "not_before"):
        if key in value and not (isinstance(value[key], str) and _is_moment(value[key])):
            raise BadManifest(reason=f"{key} of its index is not a date")
    if "source" in value and not (isinstance(value["source"], str) and _ADDRESS.match(value["source"])):
        raise BadManifest(reason="source of its index is no address of a lesson")
    withdrawn = value.get("withdrawn", False)
    version = _number(value, "version", 2**53)
    if version < 1 or (withdrawn is not True and "withdrawn" in value):
        raise BadManifest(reason="its index has no possible version")
    common = {
        "name": value["name"], "language": value["inLanguage"], "version": version, "published": value["published"],
        "author": value.get("author"), "not_before": value.get("not_before"), "system": board_of(value),
        "source": value.get("source"),
    }  # fmt: skip
    if withdrawn:
        index = Index(**common, withdrawn=True)
    else:
        if not is_sha256(value.get("manifest")):
            raise BadManifest(reason="its index names no manifest")
        bundles = value.get("bundles")
        if not isinstance(bundles, list) or not 1 <= len(bundles) <= MAX_BUNDLES:
            raise BadManifest(reason="its index lists no bundle, or too many")
        index = Index(
            **common, manifest=value["manifest"], manifest_size=_number(value, "manifest_size", MAX_MANIFEST),
            size=_number(value, "size", MAX_FILES * MAX_FILE_SIZE), bundles=tuple(_bundle(one) for one in bundles),
            stages=_stages(value),
        )  # fmt: skip
        if sum(bundle.base is None for bundle in index.bundles) != 1:
            raise BadManifest(reason="its index must list exactly one full bundle")
    if index.to_bytes() != data:
        raise BadManifest(reason="its index spells something in two ways")
    return index


def check_times(not_before: str | None, stages: tuple[tuple[str, int], ...]) -> None:
    """Raise BadManifest unless an index can say this."""
    if not_before is not None and not _is_moment(not_before):
        raise BadManifest(reason=f"{not_before!r} is not a moment such as 2026-11-30T06:00Z")
    _stages({"stages": [list(stage) for stage in stages]} if stages else {})


def _stages(value: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """The steps of a spreading: later and larger each, and the last one for every box, so that none is left out for ever."""
    if "stages" not in value:
        return ()
    pairs: Any = value["stages"]
    whole = isinstance(pairs, list) and 1 <= len(pairs) <= MAX_STAGES and all(_is_stage(one) for one in pairs)
    if not whole or pairs[-1][1] != ALL:
        raise BadManifest(
            reason="the stages of its index are not pairs of a date and boxes in a thousand, up to all"
        )
    if any(late[0] <= early[0] or late[1] <= early[1] for early, late in pairwise(pairs)):
        raise BadManifest(reason="the stages of its index do not grow")
    return tuple((moment, share) for moment, share in pairs)


def _is_stage(value: Any) -> bool:
    if not isinstance(value, list) or [type(one) for one in value] != [str, int]:
        return False
    return _is_moment(value[0]) and 0 < value[1] <= ALL


def _is_moment(text: str) -> bool:
    if not _MOMENT.match(text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def _bundle(value: Any) -> Bundle:
    if not isinstance(value, dict) or value.keys() - {
        "sha256",
        "size",
        "unpacked",
        "files",
        "from",
        "pieces",
    }:
        raise BadManifest(reason="a bundle of its index has unknown fields")
    base, pieces = value.get("from"), value.get("pieces", [])
    if not is_sha256(value.get("sha256")) or (base is not None and not is_sha256(base)):
        raise BadManifest(reason="a bundle of its index has no SHA-256")
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise BadManifest(reason="the pieces of a bundle must be a list")
    size = _number(value, "size", MAX_FILE_SIZE)
    check_pieces(tuple(pieces), size, "bundle")
    return Bundle(
        value["sha256"], size, _number(value, "unpacked", MAX_FILES * MAX_FILE_SIZE),
        _number(value, "files", MAX_FILES), base, tuple(pieces),
    )  # fmt: skip


def _number(value: dict[str, Any], key: str, limit: int) -> int:
    found = value.get(key)
    if type(found) is not int or not 0 <= found <= limit:
        raise BadManifest(reason=f"{key} of its index is not a possible number")
    return found
