"""Which lessons a static site shows: those of ministry and academies, never the school's own unless its teacher said so.

The lessons come from a data folder: a box's, or one that an export keeps for itself and synchronises from a mirror like any
box, so that a hostile mirror is met by what meets it everywhere. The school's own lessons are in no list and no folder
that can be guessed: only in the folder of a class whose home link a teacher switched on, and only those that were given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edubox.box.library import Library
from edubox.box.school.classes import of_code
from edubox.box.school.database import SchoolFile
from edubox.errors import NotFound
from edubox.pages.classroom import SchoolClass
from edubox.pages.export import site
from edubox.pages.export.folder import Folder
from edubox.pages.export.shelf import Chosen
from edubox.pages.model import Card
from edubox.sync.collections import schools
from edubox.sync.local import manifest_in
from edubox.sync.own import own_publisher


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did: pages of the site, files written and removed, and the classes' secret folders by code."""

    pages: int
    written: int
    removed: int
    homes: dict[str, str]


def export(
    data: Path, out: Folder, wishes: site.Wishes, codes: Iterable[str], step: Callable[[int, int], None]
) -> Exported:
    """Write the site of the data folder *data* into *out*; with class *codes*, only what was given to those classes.

    Raises NotFound (a class that is not there), DamagedCatalogue, NoRoom.
    """
    library = Library(data)
    kept = site.Kept(
        data / "site", partial(manifest_in, data / "mirror"), lambda one: (library.to_take(one) or (0, {}))[1]
    )
    classes = [_class(data, code) for code in codes]
    private = schools(data / "mirror", {publisher_of(card) for card in library.cards()}, own_publisher(data))
    given = {one.lesson for found in classes for one in found.given if not one.withdrawn}

    def public(card: Card) -> bool:
        return publisher_of(card) not in private and (not classes or card.address in given)

    pages = site.export(Chosen(library, public), kept, out, wishes, step)
    homes = {}
    for found in classes:
        if found.home:
            of_class = {one.lesson for one in found.given if not one.withdrawn}
            shelf = Chosen(library, lambda card, of_class=of_class: card.address in of_class)  # type: ignore[misc]
            pages += site.export(shelf, kept, out, wishes, step, f"/{found.home}")
            homes[found.code] = f"{wishes.address}/{found.home}/"
    out.finish()
    return Exported(pages, out.written, out.removed, homes)


def publisher_of(card: Card) -> str:
    """Who publishes the lesson of *card*."""
    return card.address.rpartition("/")[0]


def _class(data: Path, code: str) -> SchoolClass:
    found = of_code(SchoolFile(data), code)
    if found is None:
        raise NotFound(what=f"A class with the code {code}")
    return found
