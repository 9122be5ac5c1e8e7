"""What an authority proposes to its schools: whose lessons a box keeps unless somebody there says otherwise.

One target of the directory for each authority, ``pub/<authority>/follow--lists.json``, signed by the authority as its records
are. It is a list of lists: each names publishers, and for which levels and kinds of schools; an empty restriction is none. Who
chose on the box itself wins over it (``sync.following``). A reader that does not know it never asks for it. It is never taken
away, since what a directory once listed stays listed; an authority that proposes nothing any more publishes no lists in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from edubox.errors import BadIdentifier, NotTrusted
from edubox.trust.record import FOLLOW_LISTS, check_authority, is_part, split

FORMAT = 1
#: Bytes of the file; lists in it; publishers of a list, and what it may be restricted to.
MAX_FILE, MAX_LISTS, MAX_NAMES = 64 * 1024, 50, 100
#: Publishers that a box lets an authority propose.
MAX_PROPOSED = 100
_FIELDS = {"publishers", "levels", "kinds"}


@dataclass(frozen=True, slots=True)
class FollowList:
    """*publishers* for schools that teach one of *levels* and are of one of *kinds* (tiers), ids of the country file; empty: all."""

    publishers: tuple[str, ...]
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def lists_name(authority: str) -> str:
    """The target that holds the lists of *authority*. Raises BadIdentifier."""
    return f"pub/{check_authority(authority)}/{FOLLOW_LISTS}.json"


def to_bytes(lists: Iterable[FollowList]) -> bytes:
    """Canonical JSON: sorted keys, no spaces."""
    told = [
        {"publishers": list(one.publishers), "levels": list(one.levels), "kinds": list(one.kinds)}
        for one in lists
    ]
    return json.dumps({"format": FORMAT, "lists": told}, sort_keys=True, separators=(",", ":")).encode()


def mark(lists: Iterable[FollowList]) -> str:
    """What tells *lists* from any others, as HTTP's ``ETag`` does: the SHA-256 of their file."""
    return hashlib.sha256(to_bytes(lists)).hexdigest()


def parse(data: bytes) -> tuple[FollowList, ...]:
    """Read the lists of an authority; raises NotTrusted."""
    try:
        if len(data) > MAX_FILE:
            raise NotTrusted(reason=f"follow lists have at most {MAX_FILE} bytes")
        value: Any = json.loads(data)
        if value["format"] != FORMAT:
            raise NotTrusted(reason="the follow lists have an unknown format; update this box")
        told = value["lists"]
        if not isinstance(told, list) or len(told) > MAX_LISTS or any(one.keys() != _FIELDS for one in told):
            raise NotTrusted(reason="the follow lists have other fields than theirs, or too many lists")
        lists = tuple(
            FollowList(*(_names(one[field]) for field in ("publishers", "levels", "kinds"))) for one in told
        )
        valid = to_bytes(lists) == data and all(_is_valid(one) for one in lists)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadIdentifier):
        valid = False
    if not valid:
        raise NotTrusted(reason="the follow lists are not valid")
    return lists


def proposed(lists: Sequence[FollowList], kind: str, levels: Collection[str]) -> list[str]:
    """The publishers that *lists* propose to a school of *kind* that teaches *levels*; empty: it said none, so any fits."""
    found = [
        publisher
        for one in lists
        if (not one.kinds or kind in one.kinds) and (not one.levels or not levels or not set(levels).isdisjoint(one.levels))
        for publisher in one.publishers
    ]  # fmt: skip
    return list(dict.fromkeys(found))[:MAX_PROPOSED]


def _is_valid(one: FollowList) -> bool:
    """Raises BadIdentifier."""
    parts = all(is_part(name) for name in (*one.levels, *one.kinds))
    return parts and bool(one.publishers) and all(split(publisher) for publisher in one.publishers)


def _names(value: Any) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or len(value) > MAX_NAMES
        or not all(isinstance(one, str) for one in value)
    ):
        raise ValueError
    if len(set(value)) != len(value):
        raise ValueError
    return tuple(value)
