"""``lesson.toml``: what an author says of a lesson, in a file beside its pages that is no part of the lesson.

Texts: title, language, description, licence, duration, image (the path of a picture that shows what the lesson is
about). Lists of texts: level, subject, author, keyword. And, in reading order, ``[[item]]`` tables with title and
entry (a path), which may hold ``[[item.item]]`` tables.
"""

from __future__ import annotations

import tomllib
from typing import Any

from edubox.errors import BadInput
from edubox.importers.contents import item_of
from edubox.importers.workshop import Imported, Workshop, title_of
from edubox.pack.manifest import Item
from edubox.pack.opening import Found

LESSON_TOML = "lesson.toml"
_LARGEST = 1024 * 1024
_TEXTS = frozenset({"title", "language", "description", "licence", "duration", "image"})
_LISTS = frozenset({"level", "subject", "author", "keyword"})


def read_lesson_toml(found: Found) -> dict[str, Any]:
    """Read and check it; raises BadInput with the line or the key."""
    with found.open() as handle:
        data = handle.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise _wrong("it is larger than 1 MiB")
    try:
        told = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _wrong(str(error)) from None
    for key, value in told.items():
        if key in _TEXTS:
            if not isinstance(value, str):
                raise _wrong(f"{key} must be a text in quotes")
        elif key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise _wrong(f'{key} must be a list such as ["…"]')
        elif key == "item":
            _check_items(value)
        else:
            raise _wrong(f"it has no key called {key!r}")
    return told


def told_contents(
    items: list[dict[str, Any]], parts: dict[str, Imported], workshop: Workshop
) -> tuple[Item, ...]:
    """The table of contents as its author wrote it. Raises BadInput for a file that is not in the lesson."""
    return tuple(_told_item(item, parts, workshop) for item in items)


def _told_item(item: dict[str, Any], parts: dict[str, Imported], workshop: Workshop) -> Item:
    below = told_contents(item.get("item", []), parts, workshop)
    title = title_of(item["title"]) if "title" in item else None
    if "entry" not in item:
        return Item(str(title), items=below)
    path = workshop.named(item["entry"])
    if path is None:
        raise _wrong(f"the lesson has no file {item['entry']!r}")
    return item_of(parts[path], title, below)


def _check_items(items: Any) -> None:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _wrong("write items as [[item]] tables")
    for item in items:
        if unknown := item.keys() - {"title", "entry", "item"}:
            raise _wrong(f"an item has no key called {min(unknown)!r}")
        if not all(isinstance(item[key], str) for key in item.keys() & {"title", "entry"}):
            raise _wrong("title and entry of an item must be texts in quotes")
        if "entry" not in item and not ("title" in item and item.get("item")):
            raise _wrong("an item needs an entry, or a title and items of its own")
        _check_items(item.get("item", []))


def _wrong(reason: str) -> BadInput:
    return BadInput(reason=f"{LESSON_TOML}: {reason}")
