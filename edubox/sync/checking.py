"""The check-in: what a box tells its hub of itself once a synchronisation, in one small request, and what the hub answers.

Only a box that was enrolled checks in. It says how it is (version, disk, clock, how fetching went, which checks of the doctor
complain) and which versions that spread in stages it took; nothing about a person, and no name but the lessons'. The answer
says when the hub would like to hear from it again and which versions had better wait: ``hub-answer.json``, believed in
bounds and for DAYS. Nothing depends on it: a hub that does not answer changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edubox.errors import EduboxError
from edubox.pack.names import check_publisher, check_slug
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic

_ANSWER, _SPREADING = "hub-answer.json", "spreading.json"
FORMAT = 1
#: Seconds between two looks that a hub may ask for, least and most.
SOONEST, LATEST = 900, 2 * 86_400
#: Seconds for which an answer counts; a hub that fell silent does not hold a version back for ever.
HOLDS = 14 * 86_400
#: Versions that a hub may ask to wait with, and that a box tells of.
MOST = 100


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """What the hub said at *at* (seconds since 1970): *next* seconds until it would be asked again, *hold* lessons and versions."""

    at: float = 0.0
    next: int = 0
    hold: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Spread:
    """How one version that spreads in stages went here: *state* as in the report of a run."""

    pack: str
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What the box says; sizes are MB, times seconds. *health* has the level of every check that is not good."""

    version: str
    board: str = ""
    system: int = 0
    disk_free: int = 0
    disk_total: int = 0
    files_free: int = 0
    lessons: int = 0
    waiting: int = 0
    own: int = 0
    #: Seconds since the last run that went well, -1 if there was none; failures in a row, and the code of the last.
    success_ago: int = -1
    failures: int = 0
    failure: str = ""
    clock: int = 0
    clock_believed: bool = False
    month_hub: int = 0
    month_near: int = 0
    health: Mapping[str, str] = field(default_factory=dict)
    spreading: tuple[Spread, ...] = ()

    def to_bytes(self) -> bytes:
        """JSON, as ``docs/formats/check-in.md`` has it."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True, separators=(",", ":")).encode()


def read_answer(data: Path, now: float | None = None) -> HubAnswer:
    """The hub's last answer; with *now* (seconds since 1970) only if it still counts. Nothing if there is none, or it is damaged."""
    try:
        return _answer(read_note(data / _ANSWER), now)
    except (OSError, ValueError, KeyError, TypeError, EduboxError):
        return HubAnswer()


def _answer(value: Any, now: float | None) -> HubAnswer:
    at, until_next, hold = float(value["at"]), int(value["next"]), value["hold"]
    if not isinstance(hold, list) or (now is not None and not at - HOLDS < now < at + HOLDS):
        return HubAnswer()
    held = frozenset((_checked(address), int(version)) for address, version in hold[:MOST])
    return HubAnswer(at, min(max(until_next, SOONEST), LATEST) if until_next else 0, held)


def _checked(address: str) -> str:
    publisher, _, slug = address.rpartition("/")
    check_publisher(publisher)
    check_slug(slug)
    return address


def keep_answer(data: Path, said: Any, now: float) -> None:
    """Remember what the hub *said* at *now* (seconds since 1970); what is not an answer changes nothing. Raises NoRoom."""
    try:
        value = {"format": FORMAT, "at": now, "next": said["next"], "hold": said["hold"]}
        _answer(value, None)
    except (ValueError, KeyError, TypeError, AttributeError, EduboxError):
        return
    write_atomic(data / _ANSWER, json.dumps(value).encode())


def note_spreading(data: Path, took: list[dict[str, Any]]) -> None:
    """Remember how versions that spread in stages went, for the next check-in. Raises NoRoom."""
    if took:
        known = {one.pack: asdict(one) for one in read_spreading(data)} | {one["pack"]: one for one in took}
        write_atomic(data / _SPREADING, json.dumps(list(known.values())[-MOST:]).encode())


def read_spreading(data: Path) -> tuple[Spread, ...]:
    """How versions that spread in stages went here; none when the file is damaged."""
    try:
        return tuple(Spread(str(one["pack"]), int(one["version"]), str(one["state"])) for one in read_note(data / _SPREADING))  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return ()
