"""Lessons that are on the box and wait for their moment: ``not_before`` is a curtain, not a lock.

A country's lessons of Monday travel nights before. They are whole on this box, films too, and pupils go on with the
version they had, until the moment comes or a person at the school says *open now* (``opened.json``, addresses with their
version). ``curtains.json`` is what a synchronisation leaves of this for the serving process: which lessons wait and for
when. A box that does not know the time opens when the country's signatures are of that time, or a person says so.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from edubox.pack.index import Index
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic

_CURTAINS, _OPENED = "curtains.json", "opened.json"
#: Lessons that are listed, and wishes that are kept.
MOST = 200


@dataclass(frozen=True, slots=True)
class Curtain:
    """The *version* of the lesson at *address*, which is shown from *moment* on (seconds since 1970); *ready*: all of it is here."""

    address: str
    version: int
    title: str
    moment: int
    ready: bool = True


def is_closed(index: Index, address: str, now: datetime, opened: set[str]) -> bool:
    """Whether the version of *index* waits for its moment at *now* (UTC) and nobody has *opened* it."""
    return (
        index.not_before is not None
        and f"{now:%Y-%m-%dT%H:%MZ}" < index.not_before
        and f"{address}@{index.version}" not in opened
    )


def moment(index: Index) -> int:
    """When the version of *index* is shown, seconds since 1970; 0 for at once."""
    if index.not_before is None:
        return 0
    return int(datetime.strptime(index.not_before, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC).timestamp())


def write_curtains(data: Path, curtains: list[Curtain]) -> None:
    """Leave word of the lessons that wait. Raises NoRoom."""
    if curtains != read_curtains(data):
        write_atomic(data / _CURTAINS, json.dumps([asdict(one) for one in curtains[:MOST]]).encode())


def read_curtains(data: Path) -> list[Curtain]:
    """The lessons that wait, the first to open first; none when nobody said or the file is damaged."""
    try:
        found = [Curtain(**one) for one in read_note(data / _CURTAINS)]
        return sorted(found, key=lambda one: (int(one.moment), str(one.address)))
    except (OSError, ValueError, TypeError):
        return []


def read_opened(data: Path) -> set[str]:
    """What persons said to open now, each as ``<address>@<version>``."""
    try:
        found = read_note(data / _OPENED)
    except (OSError, ValueError):
        return set()
    return {one for one in found if isinstance(one, str)} if isinstance(found, list) else set()


def open_now(data: Path, address: str, version: int) -> None:
    """Remember that a person wants the *version* of the lesson at *address* now. Raises NoRoom."""
    still = {f"{one.address}@{one.version}" for one in read_curtains(data)}
    wishes = sorted((read_opened(data) & still) | {f"{address}@{version}"})
    write_atomic(data / _OPENED, json.dumps(wishes[:MOST]).encode())
