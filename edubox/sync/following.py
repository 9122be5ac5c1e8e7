"""Whose lessons this box keeps: those that a person named, those that its academy proposes, without those that a person dropped.

A box that was taken in reads its academy's lists in the directory (``trust.follow_lists``) with every synchronisation; what they
propose to a school of its kind and levels is remembered in ``data/proposed.json``, so that the next run, want lists and pages
know it without a line. Who chose here wins: ``follow`` in the settings adds, ``unfollow`` drops, whatever is proposed.

    {"format": 1, "authority": "ac-nord", "publishers": ["ministry/starter"]}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import BadIdentifier
from edubox.pack.names import check_publisher
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic
from edubox.sync.enrolment import ACCEPTED, read_enrolment

NAME = "proposed.json"
#: Publishers of the note that are looked at (``trust.follow_lists`` proposes no more).
_MOST = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """What *authority* proposes to this box; empty: this box belongs to none, or that proposes nothing."""

    authority: str = ""
    publishers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose lists to read: those of the *authority* that took the box in as *id*; *levels* are those that the school teaches."""

    authority: str = ""
    id: str = ""
    levels: tuple[str, ...] = ()
    #: What a person dropped.
    without: frozenset[str] = frozenset()


#: There is nobody to ask.
NOBODY = Ask()


def ask_of(data: Path, settings: Mapping[str, Any]) -> Ask:
    """What the box in *data* has to ask. An authority is believed once the directory itself has said that it took the box in."""
    known = read_enrolment(data)
    if known.state != ACCEPTED:
        return NOBODY
    return Ask(
        known.id.partition("/")[0], known.id, tuple(settings.get("levels", ())),
        frozenset(settings.get("unfollow", ())),
    )  # fmt: skip


def read_proposal(data: Path) -> Proposal:
    """What was proposed last; nothing if that cannot be read."""
    try:
        value = read_note(data / NAME)
        if value["format"] != 1 or not isinstance(value["publishers"], list):
            return Proposal()
        names = tuple(check_publisher(one) and str(one) for one in value["publishers"][:_MOST])
        return Proposal(str(value["authority"]), names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, BadIdentifier):
        return Proposal()


def write_proposal(data: Path, proposal: Proposal) -> None:
    """Remember *proposal* if it is new. Raises NoRoom."""
    if proposal != read_proposal(data):
        value = {"format": 1, "authority": proposal.authority, "publishers": list(proposal.publishers)}
        write_atomic(data / NAME, json.dumps(value).encode())


def current_proposal(data: Path) -> Proposal:
    """What was proposed last, if it is of the authority that the box belongs to now."""
    proposal, authority = read_proposal(data), ask_of(data, {}).authority
    return proposal if authority and proposal.authority == authority else Proposal()


def followed(data: Path, settings: Mapping[str, Any]) -> list[str]:
    """Every publisher whose lessons the box in *data* keeps, those that a person named first."""
    return together(settings, current_proposal(data).publishers)


def together(settings: Mapping[str, Any], proposed: Sequence[str]) -> list[str]:
    """What a person named and what is *proposed*, without what a person dropped. Who names and drops the same keeps it."""
    dropped = set(settings.get("unfollow", ()))
    return list(dict.fromkeys([*settings["follow"], *(one for one in proposed if one not in dropped)]))
