"""What is seen before anything is opened: a light form of each picture, a poster for each film, the lesson's cover.

Done when the table of contents is known, so that nothing is made for what only an author's own pages show. All three
are files of the lesson: the first two are alternatives of their item with an ``image/*`` type, the cover is the
manifest's ``image``. A child who cannot read finds the lesson by it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from edubox.errors import BadInput
from edubox.importers import html
from edubox.importers.frames import frame
from edubox.importers.notices import Notice
from edubox.importers.pictures import cover, dimensions, poster, smaller
from edubox.importers.workshop import Imported, Workshop
from edubox.pack.manifest import Item
from edubox.pack.media_types import extension, media_type
from edubox.pack.text import decode

#: Names, without extension, by which authors call the picture of a whole lesson.
NAMES = frozenset({"cover", "couverture"})
#: Parts that are looked through for a picture, and the smallest one that says what a lesson is about.
_LOOK, _WIDE, _HIGH = 12, 240, 160
_PAGES = frozenset({"html", "markdown", "notebook"})


def is_cover(path: str) -> bool:
    """Whether the file *path* is a picture that its author called the cover."""
    stem, _, _ = path.rpartition("/")[2].rpartition(".")
    return stem.casefold() in NAMES and _is_picture(path)


def with_posters(toc: Sequence[Item], workshop: Workshop) -> tuple[Item, ...]:
    """*toc*, its pictures with a light form and its films with a poster as an alternative, where that can be."""
    return tuple(
        replace(_with_poster(item, workshop), items=with_posters(item.items, workshop)) for item in toc
    )


def cover_of(
    told: dict[str, Any], toc: Sequence[Item], parts: dict[str, Imported], workshop: Workshop
) -> str | None:
    """Path of the cover: made of what lesson.toml names (*told*), else of the best picture there is; None without one.

    Raises BadInput if lesson.toml names no picture of the lesson.
    """
    if named := told.get("image"):
        path = workshop.named(named)
        if path is None or not _is_picture(path):
            raise BadInput(reason=f"lesson.toml: image: the lesson has no picture {named!r}")
        found = cover(path, workshop)
        if found is None:
            workshop.warn(
                Notice("%(path)s cannot be made into the lesson's cover: save it as .jpg or .png.", path=path)
            )
        return found
    return next(
        (found for path in _candidates(toc, parts, workshop) if (found := cover(path, workshop))), None
    )


def _candidates(toc: Sequence[Item], parts: dict[str, Imported], workshop: Workshop) -> Iterator[str]:
    yield from sorted(filter(is_cover, workshop.given), key=lambda path: (path.count("/"), path))
    items = [found for item in toc for found in item.walk() if found.entry is not None]
    for item in items[:_LOOK]:
        if item.type in _PAGES:
            yield from _large_pictures(str(item.entry), workshop)
    yield from (part.cover for part in parts.values() if part.cover is not None)
    for item in items:
        if item.type in {"image", "video"}:
            yield from (path for path in (item.entry, *item.alternatives) if path and _is_picture(path))


def _large_pictures(page: str, workshop: Workshop) -> Iterator[str]:
    """The pictures in *page* that are large enough to be seen, in its order."""
    for reference in html.scan(decode(workshop.data(page, html.LOOK), page=True, cut=True)).loads:
        path = posixpath.normpath(
            posixpath.join(posixpath.dirname(page), unquote(reference.partition("#")[0]))
        )
        size = dimensions(path, workshop) if path in workshop.files else None
        if size and size[0] >= _WIDE and size[1] >= _HIGH:
            yield path


def _with_poster(item: Item, workshop: Workshop) -> Item:
    entry = str(item.entry)
    if item.type == "image":
        light = smaller(entry, workshop)
    elif item.type == "video" and not any(map(_is_picture, item.alternatives)):
        still = frame(workshop.files[entry].location)
        light = poster(still, f"{entry}.poster.webp", workshop) if still else None
    else:
        light = None
    return replace(item, alternatives=(*item.alternatives, light)) if light else item


def _is_picture(path: str) -> bool:
    return media_type(path).startswith("image/") and extension(path) not in {"tif", "tiff", "heic", "heif"}
