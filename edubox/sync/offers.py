"""Lessons that teachers offer to their academy: a queue of small files that waits for a line, and what came back.

``data/offers/<slug>.json`` says which version of which lesson is offered, how far that is, and what those who look at it
said. The box writes ``waiting``; whoever carries an offer to the hub writes the other states and the comments. Nothing of a
lesson leaves because of a file here, and what is for teachers only is never part of an offer.

    {"format": 1, "lesson": "local/…/la-lune", "version": 2, "at": 1804289383, "state": "waiting", "comments": []}

An offer that a teacher took back is gone from the queue at once; ``data/offers-withdrawn.json`` remembers it until the hub knows.

    {"format": 1, "lessons": ["local/…/la-lune"]}
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edubox.errors import BadIdentifier
from edubox.pack.names import check_slug
from edubox.store.lock import lock
from edubox.store.notes import read_note
from edubox.store.platform import full_disk_is_no_room, make_folder, sync_folder, write_atomic

FOLDER, WITHDRAWN = "offers", "offers-withdrawn.json"
#: How far an offer is, in the order in which it goes; RETURNED: its teacher is asked for changes; REFUSED: it ends here.
WAITING, RECEIVED, REVIEW, ACCEPTED, RETURNED, REFUSED = (
    "waiting", "received", "review", "accepted", "returned", "refused",
)  # fmt: skip
STATES = (WAITING, RECEIVED, REVIEW, ACCEPTED, RETURNED, REFUSED)
#: Comments that are shown, and characters of one.
COMMENTS, COMMENT = 20, 1000
#: A file of the queue in a backup.
NAMED = re.compile(rf"{FOLDER}/[a-z0-9][a-z0-9-]{{0,62}}\.json\Z")
#: Offers that are looked at: a school that offers more waits with the rest.
MOST = 500
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
    with _alone(data), full_disk_is_no_room(data):
        make_folder(data / FOLDER)
        _write(data, slug, Offer(f"{publisher}/{slug}", version, now))
        _forget(data, f"{publisher}/{slug}")


def take_back(data: Path, slug: str) -> None:
    """Take the offer of the lesson *slug* out of the queue; the hub is told next time. One that is not there is no error.

    Raises NoRoom, Busy.
    """
    place = _place(data, slug)
    if not place.parent.is_dir():
        return
    with _alone(data), full_disk_is_no_room(data):
        known = of_slug(data, slug)
        if known is not None:
            _write_withdrawn(data, [*withdrawn(data), known.lesson])
        place.unlink(missing_ok=True)
        sync_folder(place.parent)


def withdrawn(data: Path) -> list[str]:
    """Addresses of lessons whose offer was taken back, and whose hub has not heard of that yet."""
    try:
        value = read_note(data / WITHDRAWN)
        told = value["lessons"] if value["format"] == 1 else []
        return [one for one in told if isinstance(one, str)][:MOST]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def withdrawal_heard(data: Path, lesson: str) -> None:
    """The hub knows that the offer of *lesson* (an address) was taken back. Raises NoRoom, Busy."""
    with _alone(data), full_disk_is_no_room(data):
        _forget(data, lesson)


def _forget(data: Path, lesson: str) -> None:
    known = withdrawn(data)
    if lesson in known:
        _write_withdrawn(data, [one for one in known if one != lesson])


def _write_withdrawn(data: Path, lessons: Sequence[str]) -> None:
    value = {"format": 1, "lessons": list(dict.fromkeys(lessons))[-MOST:]}
    write_atomic(data / WITHDRAWN, json.dumps(value).encode(), _SECRET)


def hear(data: Path, slug: str, version: int, state: str, comments: Sequence[str]) -> None:
    """Keep what the academy says of the *version* of *slug* that is offered. Raises NoRoom, Busy.

    A teacher who took the offer back, or offers a newer version by now, hears nothing of it: the words were for another one.
    """
    with _alone(data), full_disk_is_no_room(data):
        known = of_slug(data, slug)
        if known is None or known.version != version or state not in STATES:
            return
        said = replace(known, state=state, comments=tuple(one[:COMMENT] for one in comments)[-COMMENTS:])
        if said != known:
            _write(data, slug, said)


def queue(data: Path) -> dict[str, Offer]:
    """Every offer of the box in *data* by its slug, those first that wait the longest; what cannot be read is left out."""
    names = sorted(path.name.removesuffix(".json") for path in (data / FOLDER).glob("*.json"))[:MOST]
    found = {slug: one for slug in names if (one := of_slug(data, slug)) is not None}
    return dict(sorted(found.items(), key=lambda pair: (pair[1].at, pair[0])))


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


def _write(data: Path, slug: str, one: Offer) -> None:
    write_atomic(_place(data, slug), json.dumps(asdict(one) | {"format": 1}).encode(), _SECRET)


def _alone(data: Path) -> AbstractContextManager[None]:
    """Nobody else writes the queue: a teacher's hand and the academy's words may come at one moment."""
    return lock(data / "staging" / "locks" / "offers.lock")


def _place(data: Path, slug: str) -> Path:
    return data / FOLDER / f"{check_slug(slug)}.json"
