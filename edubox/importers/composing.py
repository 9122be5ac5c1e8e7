"""The table of contents of a draft: in the order of who composes it, and what of it came from which file.

A composer keeps a flat list, as people write one: files, and headings over what follows them. Files that came since
stand at its end until somebody moves them; what was put aside, or is no longer there, is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from edubox.importers.contents import contents, item_of
from edubox.importers.workshop import Imported, Workshop, title_of
from edubox.pack.manifest import Item


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a composer's list: the file called *path*, or a heading (no path) called *title*.

    *type* is that of what opens, *number* the place of its first part among all (0: nothing), *parts* how many it has.
    """

    path: str
    title: str
    type: str = "chapter"
    number: int = 0
    parts: int = 0


def ordered(
    order: Sequence[tuple[str, str]], aside: Collection[str], parts: dict[str, Imported], workshop: Workshop
) -> tuple[Item, ...]:
    """The contents in the *order* of (path, title); (no path, title) is a heading, an empty title the one that is found.

    Paths are as the author named them. What *order* does not name comes last, but for the files put *aside*.
    """
    groups: list[tuple[str, list[Item]]] = [("", [])]
    named = {found for path in (*(path for path, _ in order), *aside) if (found := workshop.named(path))}
    for path, title in order:
        found = workshop.named(path) if path else None
        if not path:
            groups.append((title_of(title), []))
        elif found in parts:
            groups[-1][1].append(item_of(parts[found], title_of(title) or None))
    for line in lines(contents(parts), parts, workshop):
        found = workshop.named(line.path) if line.path else None
        if found is not None and found not in named:
            groups[-1][1].append(item_of(parts[found], line.title))
    top = groups[0][1]
    return (*top, *(Item(title, items=tuple(items)) for title, items in groups[1:] if items))


def lines(toc: Sequence[Item], parts: dict[str, Imported], workshop: Workshop) -> list[Line]:
    """*toc*, made of *parts*, as a composer's list."""
    origin = {entry: path for path, part in parts.items() for entry in (part.entry, *_entries(part.items))}
    found: list[Line] = []
    number = 1
    for item, path in _units(toc, parts, origin):
        opened = _entries([item])
        if not path:
            found.append(Line("", item.title))
            continue
        kind = next(one.type for one in item.walk() if one.entry is not None)
        found.append(Line(workshop.given.get(path, path), item.title, kind, number, len(opened)))
        number += len(opened)
    return found


def _units(
    items: Sequence[Item], parts: dict[str, Imported], origin: dict[str, str]
) -> Iterator[tuple[Item, str]]:
    """What one file brought, with its path, and headings (without one), in reading order."""
    for item in items:
        path = next((origin.get(entry, "") for entry in _entries([item])), "")
        brought = parts[path].items if path else ()
        if item.entry is None and brought and item.items[: len(brought)] == brought:
            # A course, and what was put below it.
            yield Item(item.title, items=brought), path
            below = item.items[len(brought) :]
        else:
            yield (
                (replace(item, items=()), origin.get(item.entry, ""))
                if item.entry
                else (Item(item.title), "")
            )
            below = item.items
        yield from _units(below, parts, origin)


def _entries(items: Sequence[Item]) -> list[str]:
    return [one.entry for item in items for one in item.walk() if one.entry is not None]
