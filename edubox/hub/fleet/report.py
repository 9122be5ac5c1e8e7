"""A check-in as it arrives, read with the suspicion of what any box might send: sizes, ranges, words. See docs/formats/check-in.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edubox.errors import EduboxError
from edubox.hub.errors import Malformed
from edubox.pack.names import check_publisher, check_slug

#: Bytes of the longest check-in, and entries of its lists.
MAX_REPORT, MAX_HEALTH, MAX_SPREADING = 16 * 1024, 64, 100
#: Worst last, as in the box's health.
LEVELS = ("good", "note", "warning", "broken")
#: States of a version that spreads, and those of them that mean that it did not work.
STATES = ("ready", "full", "delta", "same", "objects", "waiting", "closed", "waits", "later", "withdrawn", "nothing", "erased", "failed")  # fmt: skip
FAILED = "failed"
#: A box may lack a number (-1); none is larger.
_LARGEST = 2**53
_WORD = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,39}\Z")
_NUMBERS = ("system", "disk_free", "disk_total", "files_free", "lessons", "waiting", "own", "success_ago", "failures", "clock", "month_hub", "month_near")  # fmt: skip
_FIELDS = {"format", "version", "board", "failure", "clock_believed", "health", "spreading", *_NUMBERS}
#: A column of 32 bits holds no more.
_COUNTS = {"lessons", "waiting", "own", "failures"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a box said. *numbers* by their field; *health* has checks that are not good; *spreading* address, version and state."""

    version: str
    board: str
    failure: str
    clock_believed: bool
    numbers: Mapping[str, int]
    health: Mapping[str, str]
    spreading: tuple[tuple[str, int, str], ...]

    @property
    def level(self) -> str:
        """The worst that a check says."""
        return max(self.health.values(), key=LEVELS.index, default=LEVELS[0])


def read(body: bytes) -> Report:
    """The check-in in *body*. Raises Malformed."""
    if len(body) > MAX_REPORT:
        raise Malformed(reason=f"it is larger than {MAX_REPORT} bytes")
    try:
        value = json.loads(body)
        if not isinstance(value, dict) or value.keys() != _FIELDS or value["format"] != 1:
            raise Malformed(reason="it has other fields than a check-in, or another format")
        return Report(
            _word(value["version"]), _word(value["board"]), _word(value["failure"]), value["clock_believed"] is True,
            {name: _number(value[name], name) for name in _NUMBERS}, _health(value["health"]), _spreading(value["spreading"]),
        )  # fmt: skip
    except (ValueError, TypeError, RecursionError):
        raise Malformed(reason="it is no check-in") from None


def _word(value: Any) -> str:
    if value == "":
        return ""
    if not isinstance(value, str) or not _WORD.match(value):
        raise ValueError
    return value


def _number(value: Any, name: str) -> int:
    if type(value) is not int or not -1 <= value <= (2**31 - 1 if name in _COUNTS else _LARGEST):
        raise ValueError
    return value


def _health(value: Any) -> dict[str, str]:
    if (
        not isinstance(value, dict)
        or len(value) > MAX_HEALTH
        or not all(one in LEVELS for one in value.values())
    ):
        raise ValueError
    return {_word(name): level for name, level in value.items()}


def _spreading(value: Any) -> tuple[tuple[str, int, str], ...]:
    if not isinstance(value, list) or len(value) > MAX_SPREADING:
        raise ValueError
    found = []
    for one in value:
        if (
            not isinstance(one, dict)
            or one.keys() != {"pack", "version", "state"}
            or one["state"] not in STATES
        ):
            raise ValueError
        publisher, _, slug = str(one["pack"]).rpartition("/")
        try:
            check_publisher(publisher)
            check_slug(slug)
        except EduboxError:
            raise ValueError from None
        found.append((f"{publisher}/{slug}", _number(one["version"], "version"), str(one["state"])))
    return tuple(found)
