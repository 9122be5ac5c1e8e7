"""Whose lessons of a mirror are for everybody: those of ministry and academies, as the directory says; a school's own are not.

A country has some hundred such collections among 60,000 schools, so a mirror is asked who is no school before anything is cut off.
Nothing is verified here: who reads the lessons does that (``sync.trusted``).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from edubox.errors import EduboxError
from edubox.pack.names import check_part
from edubox.store.layout import DIRECTORY, PUBLISHERS
from edubox.sync.own import KIND
from edubox.trust.fetch import FolderFetch
from edubox.trust.named import read_named
from edubox.trust.record import MAX_RECORD, parse, record_name

#: Collections of one country, and publishers of a mirror that are asked at all.
MOST, ASKED = 2_000, 100_000
#: Schools that no academy has entered.
_LOCAL = "local/"


def collections_in(mirror: Path) -> tuple[list[str], int]:
    """The collections of *mirror*, and how many publishers of it were left out because there are more than MOST or ASKED."""
    every = publishers_of(mirror, ASKED + 1)
    private = schools(mirror, every[:ASKED])
    found = [one for one in every[:ASKED] if one not in private]
    return found[:MOST], len(found[MOST:]) + len(every[ASKED:])


def publishers_of(mirror: Path, most: int = ASKED) -> list[str]:
    """The publishers that have a folder in *mirror*, at most *most*, in order; names that are none of ours are left out.

    A stick may have been made by anybody, and a card of another system may show small letters as large ones.
    """
    every = (
        f"{authority}/{name}"
        for authority in _parts(mirror / PUBLISHERS, most)
        for name in _parts(mirror / PUBLISHERS / authority, most)
    )
    return list(islice(every, most))


def schools(mirror: Path, publishers: Iterable[str], own: str | None = None) -> set[str]:
    """Those of *publishers* that are schools, as the directory in *mirror* says; one it does not name is taken for one."""
    try:
        directory = read_named(mirror, DIRECTORY)
    except EduboxError:
        return set(publishers)
    targets = {name: target for _, _, listed in directory.roles.values() for name, target in listed.items()}
    fetch, found = FolderFetch(mirror), set()
    for publisher in publishers:
        try:
            target = targets.get(record_name(publisher))
            kind = KIND if target is None else parse(fetch.read(target.path, MAX_RECORD), publisher).kind
        except EduboxError:
            kind = KIND
        if kind == KIND or publisher == own or publisher.startswith(_LOCAL):
            found.add(publisher)
    return found


def _parts(folder: Path, most: int) -> list[str]:
    """Names in *folder* that can be part of a publisher's, in their order."""
    try:
        names = {path.name.lower() for path in islice(folder.iterdir(), most)}
    except OSError:
        return []
    return sorted(name for name in names if _is_part(name))


def _is_part(name: str) -> bool:
    try:
        return bool(check_part(name))
    except EduboxError:
        return False
