"""What the directory says of a publisher: canonical JSON, the target ``pub/<authority>/<name>.json``.

It pins the publisher's newest root by version and hash: that root, not the first, is where a client begins,
so that whoever stole an old root key cannot fork the chain for a fresh box. A move between authorities takes two
records, each signed by its own authority: the old one says ``moved_to``, the new one ``moved_from``; either alone
is believed by nobody.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edubox.errors import BadIdentifier, NotFound, NotTrusted

FORMAT = 1
#: Bytes of the largest record read; characters of the longest label.
MAX_RECORD, MAX_LABEL = 64 * 1024, 500
#: Moves of one publisher that are followed at once.
MAX_MOVES = 3
STATUSES = ("active", "suspended", "moved")
#: The name in whose place an authority's follow lists lie (``follow_lists``): no publisher has it.
FOLLOW_LISTS = "follow--lists"
_PART = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_BIN = re.compile(r"-bin-[0-9a-f]+\Z")
#: TUF's own roles: an authority of that name would stand in their place.
_TOP_LEVEL = {"root", "targets", "snapshot", "timestamp"}


@dataclass(frozen=True, slots=True)
class Record:
    """One publisher. *kind* is a tier of the country file."""

    id: str
    label: str
    kind: str
    root_version: int
    root_sha256: str
    status: str = "active"
    epoch: int = 1
    #: The id under which a publisher that moved goes on, in the record that it left.
    moved_to: str | None = None
    #: The id that it had before, in the record where it arrived.
    moved_from: str | None = None

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces; the label in NFC."""
        value: dict[str, Any] = {
            "format": FORMAT, "id": self.id, "label": unicodedata.normalize("NFC", self.label), "kind": self.kind, "status": self.status,
            "epoch": self.epoch, "root": {"version": self.root_version, "sha256": self.root_sha256},
        }  # fmt: skip
        moves = {"moved_to": self.moved_to, "moved_from": self.moved_from}
        value |= {key: other for key, other in moves.items() if other is not None}
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse(data: bytes, expected_id: str) -> Record:
    """Read the record that was found where *expected_id* belongs; raises NotTrusted."""
    try:
        value: dict[str, Any] = json.loads(data)
        if value["format"] != FORMAT:
            raise NotTrusted(reason=f"the record of {expected_id} has an unknown format; update this box")
        record = Record(
            id=value["id"], label=value["label"], kind=value["kind"], root_version=value["root"]["version"],
            root_sha256=value["root"]["sha256"], status=value["status"], epoch=value["epoch"],
            moved_to=value.get("moved_to"), moved_from=value.get("moved_from"),
        )  # fmt: skip
        whole = record.to_bytes() == data
        texts = all(_is_line(text) for text in (record.label, record.kind))
        numbers = all(
            type(number) is int and 0 < number < 2**31 for number in (record.root_version, record.epoch)
        )
        hashed = isinstance(record.root_sha256, str) and _SHA256.match(record.root_sha256) is not None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotTrusted(reason=f"the record of {expected_id} cannot be read") from None
    moves = _is_other(record.moved_to, record.id) and _is_other(record.moved_from, record.id)
    if (record.status == "moved") != (record.moved_to is not None):
        raise NotTrusted(reason=f"the record of {expected_id} does not say where it moved")
    if not (whole and texts and numbers and hashed and moves and record.status in STATUSES):
        raise NotTrusted(reason=f"the record of {expected_id} is not valid")
    if record.id != expected_id:
        raise NotTrusted(reason=f"the record of {expected_id} speaks of {record.id!r}")
    return record


def _is_other(publisher: object, own: object) -> bool:
    """Whether *publisher* is absent, or the id of somebody else than *own*."""
    if publisher is None:
        return True
    try:
        return isinstance(publisher, str) and bool(split(publisher)) and publisher != own
    except BadIdentifier:
        return False


def _is_line(text: object) -> bool:
    """Whether a terminal or a page can show *text* in one line: no control characters."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= MAX_LABEL
        and bool(text.strip())
        and not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text)
    )


def check_label(label: str) -> str:
    """Return *label* if a record can carry it; raises BadIdentifier."""
    if not _is_line(label):
        raise BadIdentifier(value=label, reason=f"use one line of at most {MAX_LABEL} characters")
    return label


def record_name(publisher: str) -> str:
    """The target that holds *publisher*'s record; raises BadIdentifier."""
    authority, name = split(publisher)
    return f"pub/{authority}/{name}.json"


def split(publisher: str) -> tuple[str, str]:
    """``authority/name`` in its two parts; raises BadIdentifier."""
    authority, slash, name = publisher.partition("/")
    if not slash or not _PART.match(authority) or not _PART.match(name):
        raise BadIdentifier(
            value=publisher, reason="write it as authority/name, in small letters, digits and hyphens"
        )
    check_authority(authority)
    if name == FOLLOW_LISTS:
        raise BadIdentifier(value=publisher, reason="the directory needs this name for itself")
    return authority, name


def is_part(text: object) -> bool:
    """Whether *text* may be one part of an id."""
    return isinstance(text, str) and _PART.match(text) is not None


def check_authority(authority: str) -> str:
    """Return *authority* if a TUF role may be called so; raises BadIdentifier."""
    if not _PART.match(authority):
        raise BadIdentifier(value=authority, reason="use small letters, digits and hyphens")
    if authority in _TOP_LEVEL or _BIN.search(authority):
        raise BadIdentifier(value=authority, reason="the directory needs this name for itself")
    return authority


def follow(publisher: str, record_of: Callable[[str], Record]) -> tuple[Record, list[str]]:
    """The record under which *publisher* goes on, and the names that it had before, as *record_of* tells.

    A move that only one side tells of is none: the record is then still ``moved``, and nothing new is taken
    from it. Raises what *record_of* raises, but NotFound only for *publisher* itself.
    """
    record = record_of(publisher)
    names: list[str] = []
    while record.moved_to is not None and len(names) < MAX_MOVES:
        try:
            arrived = record_of(record.moved_to)
        except NotFound:
            break
        if arrived.moved_from != record.id:
            break
        names.append(record.id)
        record = arrived
    return record, names
