"""What a reviewer sees beside the lesson itself: the checks' notices, what changed, and where else the same lesson is.

All of it is plain data for pages. Comparing is bounded: of a lesson with a thousand pages the first that changed are read.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from edubox.errors import EduboxError
from edubox.hub.hub import Hub
from edubox.hub.review import arrivals, trees
from edubox.hub.review.arrivals import Arrival
from edubox.hub.tables import arrival_files
from edubox.hub.tables import arrivals as table
from edubox.pack.manifest import File, Manifest
from edubox.pack.text import decode
from edubox.pages.passages import page_text
from edubox.publishing.deletion import current
from edubox.publishing.deletion import versions as published_versions

#: Share of a lesson's bytes that another one must have to be called the same.
SAME = 0.8
#: Files whose words are compared, bytes of one, lines of one that are compared, and passages that are shown.
MOST_FILES, MOST_BYTES, MOST_LINES, MOST_PASSAGES = 40, 512 * 1024, 4000, 60
_LONGEST = 400
_PAGES = {"text/html", "application/xhtml+xml"}
_TEXTS = {"text/plain", "text/markdown", "text/csv"}
DUPLICATES = 20


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that is new (*before* is 0), gone (*size* is 0) or another one; sizes in bytes."""

    path: str
    size: int
    before: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A line of text of the file *path*: *sign* is ``+`` (new) or ``-`` (gone)."""

    path: str
    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What an arrival has other than the version *since* (an arrival's version; 0: all of it is new)."""

    since: int
    added: list[FileChange] = field(default_factory=list)
    removed: list[FileChange] = field(default_factory=list)
    changed: list[FileChange] = field(default_factory=list)
    #: Words that came and went, as far as texts were compared.
    words_added: int = 0
    words_removed: int = 0
    passages: list[Passage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another lesson that is the same (*share* 1) or nearly: an *arrival* (0 for one that is published), its address and state."""

    address: str
    name: str
    share: float
    arrival: int = 0
    state: str = ""


def notices(connection: Connection, number: int) -> list[dict[str, Any]]:
    """What the checks said of an arrival, as ``Notice.as_json`` gives it; say each with ``pages.notices.sentence``."""
    said = connection.execute(select(table.c.findings).where(table.c.id == number)).scalar()
    found = json.loads(said) if said else []
    return found if isinstance(found, list) else []


def previous(connection: Connection, one: Arrival) -> Arrival | None:
    """The version to compare with: the last one that was accepted, else the last one that came before."""
    older = [other for other in arrivals.versions(connection, one) if other.version < one.version]
    return next((other for other in older if other.state == arrivals.ACCEPTED), older[0] if older else None)


def changes(hub: Hub, one: Arrival, before: Arrival | None) -> Changes:
    """Compare an arrival with an earlier one; None: all is new. Raises GoneLesson, StoreAway, NoRoom.

    Of an earlier version whose files have left only the list of files is compared, or nothing.
    """
    now = trees.manifest_of(hub, one)
    if before is None:
        return Changes(0, added=[FileChange(file.path, file.size, 0) for file in now.files])
    try:
        then = trees.manifest_of(hub, before)
    except EduboxError:
        return Changes(0, added=[FileChange(file.path, file.size, 0) for file in now.files])
    old, new = {file.path: file for file in then.files}, {file.path: file for file in now.files}
    found = Changes(
        before.version,
        [FileChange(path, new[path].size, 0) for path in sorted(new.keys() - old.keys())],
        [FileChange(path, 0, old[path].size) for path in sorted(old.keys() - new.keys())],
        [
            FileChange(path, new[path].size, old[path].size)
            for path in sorted(new.keys() & old.keys()) if new[path].sha256 != old[path].sha256
        ],
    )  # fmt: skip
    if not (found.added or found.removed or found.changed):
        return found
    try:
        places = trees.tree(hub, before), trees.tree(hub, one)
    except EduboxError:
        return found
    return _words(found, then, now, places)


def _words(found: Changes, then: Manifest, now: Manifest, places: tuple[Path, Path]) -> Changes:
    """*found*, with what was said before and is now."""
    touched = [change.path for change in (*found.changed, *found.added, *found.removed)]
    texts = [path for path in touched if _kind(then, path) or _kind(now, path)][:MOST_FILES]
    passages: list[Passage] = []
    counts = {"+": 0, "-": 0}
    for path in texts:
        before, after = (
            _text(place, manifest.file(path)) for place, manifest in zip(places, (then, now), strict=True)
        )
        for line in (
            difflib.ndiff(before, after) if len(before) * len(after) < 250_000 else _roughly(before, after)
        ):
            sign, text = line[0], line[2:].strip()
            if sign in counts and text:
                counts[sign] += len(text.split())
                if len(passages) < MOST_PASSAGES:
                    passages.append(Passage(path, sign, text[:_LONGEST]))
    return Changes(found.since, found.added, found.removed, found.changed, counts["+"], counts["-"], passages)


def _roughly(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Lines that one has and the other has not: for texts that are too long to be laid beside each other."""
    old, new = set(before), set(after)
    return [f"- {line}" for line in before if line not in new] + [
        f"+ {line}" for line in after if line not in old
    ]


def _kind(manifest: Manifest, path: str) -> bool:
    file = manifest.file(path)
    return file is not None and file.type in _PAGES | _TEXTS and file.size <= MOST_BYTES


def _text(place: Path, file: File | None) -> list[str]:
    if file is None or file.type not in _PAGES | _TEXTS or file.size > MOST_BYTES:
        return []
    try:
        said = decode((place / file.path).read_bytes(), page=file.type in _PAGES)
    except OSError:
        return []
    return (page_text(said)[1] if file.type in _PAGES else said).splitlines()[:MOST_LINES]


def duplicates(hub: Hub, connection: Connection, one: Arrival) -> list[Duplicate]:
    """Where else the same lesson is: another school's offer, or what a collection publishes; the most alike first.

    The same manifest, or SAME of its bytes in the same files.
    """
    mine = select(arrival_files.c.sha256).where(arrival_files.c.arrival == one.id)
    shared = func.sum(arrival_files.c.size)
    alike = connection.execute(
        select(arrival_files.c.arrival, shared.label("bytes"))
        .join(table, table.c.id == arrival_files.c.arrival)
        .where(arrival_files.c.sha256.in_(mine) & ((table.c.box != one.box) | (table.c.slug != one.slug)))
        .group_by(arrival_files.c.arrival)
        .having(shared >= SAME * max(_distinct(connection, one.id), 1))
        .order_by(shared.desc()).limit(5 * DUPLICATES)
    ).all()  # fmt: skip
    whole = max(_distinct(connection, one.id), 1)
    found: dict[str, Duplicate] = {}
    for number, size in alike:
        other = arrivals.get(connection, number)
        share = 1.0 if other.manifest == one.manifest else min(float(size) / whole, 0.99)
        known = found.get(other.address)
        if known is None or known.share < share:
            found[other.address] = Duplicate(other.address, other.name, share, other.id, other.state)
    for version in current(list(published_versions(hub.mirror))):
        if version.index.manifest == one.manifest:
            address = f"{version.publisher}/{version.slug}"
            found[address] = Duplicate(address, version.index.name, 1.0, state="published")
    return sorted(found.values(), key=lambda each: (-each.share, each.address))[:DUPLICATES]


def _distinct(connection: Connection, number: int) -> int:
    """Bytes of the different files of an arrival."""
    size = connection.execute(
        select(func.sum(arrival_files.c.size)).where(arrival_files.c.arrival == number)
    ).scalar()
    return int(size or 0)
