"""Lessons that teachers offer to their academy: a queue of small files that waits for a line, and what came back.

``data/offers/<slug>.json`` says which version of which lesson is offered, how far that is, and what those who look at it
said. The box writes ``waiting``; whoever carries an offer to the hub writes the other states and the comments. Nothing of a
lesson leaves because of a file here, and what is for teachers only is never part of an offer.

    {"format": 1, "lesson": "local/…/la-lune", "version": 2, "at": 1804289383, "state": "waiting", "comments": []}
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edubox.errors import BadIdentifier
from edubox.pack.names import check_slug
from edubox.store.notes import read_note
from edubox.store.platform import full_disk_is_no_room, make_folder, sync_folder, write_atomic

FOLDER = "offers"
#: How far an offer is, in the order in which it goes; RETURNED: its teacher is asked for changes.
WAITING, RECEIVED, REVIEW, ACCEPTED, RETURNED = "waiting", "received", "review", "accepted", "returned"
STATES = (WAITING, RECEIVED, REVIEW, ACCEPTED, RETURNED)
#: Comments that are shown, and characters of one.
COMMENTS, COMMENT = 20, 1000
#: A file of the queue in a backup.
NAMED = re.compile(rf"{FOLDER}/[a-z0-9][a-z0-9-]{{0,62}}\.json\Z")
_SECRET = 0o600


@dataclass(frozen=True, slots=True)
class Offer:
    """The *version* of *lesson* (an address) that is offered since *at* (seconds since 1970); *state* is one of STATES."""

    lesson: str
    version: int
    at: int
    state: str = WAITING
    comments: tuple[str, ...] = ()


def offer(data: Path, slug: str, version: int, publisher: str, now: int) -> None:
    """Put the *version* of *publisher*'s lesson *slug* into the queue at *now* (seconds since 1970). Raises NoRoom."""
    with full_disk_is_no_room(data):
        make_folder(data / FOLDER)
        made = asdict(Offer(f"{publisher}/{slug}", version, now)) | {"format": 1}
        write_atomic(_place(data, slug), json.dumps(made).encode(), _SECRET)


def take_back(data: Path, slug: str) -> None:
    """Take the offer of the lesson *slug* out of the queue. One that is not there is no error."""
    place = _place(data, slug)
    place.unlink(missing_ok=True)
    if place.parent.is_dir():
        sync_folder(place.parent)


def of_slug(data: Path, slug: str) -> Offer | None:
    """What became of the offer of the lesson *slug*; None: it is not offered, or that cannot be read."""
    try:
        value = read_note(_place(data, slug))
    except (OSError, ValueError, BadIdentifier):
        return None
    return _offer(value) if isinstance(value, dict) and value.get("format") == 1 else None


def _offer(value: dict[str, Any]) -> Offer | None:
    lesson, version, at, state = (value.get(key) for key in ("lesson", "version", "at", "state"))
    said = value.get("comments")
    if not (isinstance(lesson, str) and isinstance(version, int) and isinstance(at, int) and state in STATES):
        return None
    told = [one[:COMMENT] for one in said if isinstance(one, str)] if isinstance(said, list) else []
    return Offer(lesson, version, at, state, tuple(told[-COMMENTS:]))


def _place(data: Path, slug: str) -> Path:
    return data / FOLDER / f"{check_slug(slug)}.json"
