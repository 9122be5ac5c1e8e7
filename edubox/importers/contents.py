"""The table of contents, when its author wrote none: what is worth opening, in the order it is meant to be read.

Documents (pages, Markdown, notebooks, PDF, books, exercises, courses) are always worth it, unless a front page
leads to them only through other pages: then they are part of that little site. Films, sounds, pictures and downloads
are when no document uses them and they do not lie in a folder such as ``images``. Folders become chapters; a front
page comes first and its links say the order of the rest, then names in natural order (2 before 10).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from edubox.importers.posters import is_cover
from edubox.importers.workshop import INDEXES, Imported, spoken
from edubox.pack.manifest import MAX_TOC_DEPTH, Item
from edubox.pack.media_types import extension

_DOCUMENTS = frozenset({"html", "markdown", "notebook", "pdf", "epub", "h5p", "scorm", "quiz"})
#: What documents are made of; nobody opens it by itself.
_MATERIAL = frozenset({
    "css", "js", "mjs", "map", "wasm", "webmanifest", "woff", "woff2", "ttf", "otf", "ico", "vtt", "srt",
})  # fmt: skip
_MATERIAL_FOLDERS = frozenset({
    "assets", "css", "data", "figures", "files", "fonts", "icons", "images", "img", "imgs", "js", "lib", "libs",
    "media", "res", "resources", "scripts", "src", "static", "styles", "_images", "_static",
})  # fmt: skip


def contents(parts: dict[str, Imported]) -> tuple[Item, ...]:
    """The table of contents of a lesson whose files were imported as *parts* (path → what was found)."""
    chosen = _chosen(parts)
    items = _chapter("", sorted(chosen), parts, {}, 1)
    while len(items) == 1 and items[0].entry is None:
        items = list(items[0].items)
    return tuple(items)


def item_of(part: Imported, title: str | None = None, items: Iterable[Item] = ()) -> Item:
    """The entry of the table of contents that opens *part*; a course of several parts is a chapter."""
    if part.items:
        return Item(title or part.title, links=part.links, items=(*part.items, *items))
    return Item(
        title or part.title, part.type, part.entry, part.text, part.alternatives, part.links, tuple(items)
    )


def shallow(items: Iterable[Item], depth: int = 1) -> tuple[Item, ...]:
    """*items*, at *depth*, with chapters that lie deeper than a manifest holds brought up."""
    if depth < MAX_TOC_DEPTH:
        return tuple(replace(item, items=shallow(item.items, depth + 1)) for item in items)
    return tuple(replace(one, items=()) for item in items for one in item.walk() if one.entry is not None)


def _chosen(parts: dict[str, Imported]) -> list[str]:
    taken = {
        used
        for path, part in parts.items()
        for used in (*part.uses, *part.alternatives, part.text)
        if used != path  # a Markdown file is the alternative of the page made from it
        # A course is opened even where a page offers its zip.
        and not (used in parts and parts[used].type == "scorm")
    }
    documents = {path for path, part in parts.items() if part.type in _DOCUMENTS} - taken
    documents -= _inner_pages(parts, documents)
    led_to = {target for part in parts.values() for target in part.leads_to}
    documents -= {
        path
        for path in documents - led_to
        if parts[path].type == "pdf" and _is_material(path, beside_documents=len(documents) > 1)
    }
    others = [path for path, part in parts.items() if part.type not in _DOCUMENTS and path not in taken]
    offered = [path for path in others if not _is_material(path, bool(documents)) and not is_cover(path)]
    return [*documents, *offered] or others or list(parts)


def _inner_pages(parts: dict[str, Imported], documents: set[str]) -> set[str]:
    """Pages that a front page leads to, but not directly, below that front page's folder."""
    inner: set[str] = set()
    direct: set[str] = set()
    for index in filter(_is_index, sorted(documents)):
        folder = index.rpartition("/")[0]
        direct |= {index, *parts[index].leads_to}
        waiting, reached = [index], {index}
        while waiting:
            for target in parts[waiting.pop()].leads_to:
                if target in documents and target not in reached:
                    reached.add(target)
                    waiting.append(target)
        inner |= {path for path in reached if path.startswith(f"{folder}/" if folder else "")}
    return inner - direct


def _is_index(path: str) -> bool:
    return path.rpartition("/")[2].lower() in INDEXES


def _is_material(path: str, beside_documents: bool) -> bool:
    folders = path.lower().split("/")[:-1]
    return extension(path) in _MATERIAL or (beside_documents and not _MATERIAL_FOLDERS.isdisjoint(folders))


def _chapter(
    folder: str, paths: list[str], parts: dict[str, Imported], ranks: dict[str, int], depth: int
) -> list[Item]:
    """The entries for *paths*, which all lie in *folder* (``""`` or with a slash at its end).

    *ranks*: place of a document among the links of the nearest front page above.
    """
    front = next((path for path in paths if path in _front_pages(folder)), None)
    if front:
        ranks = {path: number for number, path in enumerate(parts[front].leads_to)}
    groups: dict[str, list[str]] = {}
    for path in paths:
        name, slash, _ = path[len(folder) :].partition("/")
        deepest = depth >= MAX_TOC_DEPTH - 1
        groups.setdefault(path[len(folder) :] if deepest else name + slash, []).append(path)

    def key(name: str) -> tuple[int, bool, bool, tuple[tuple[int, int, str], ...]]:
        rank = -1 if folder + name == front else min(ranks.get(path, len(ranks)) for path in groups[name])
        is_download = not name.endswith("/") and parts[folder + name].type == "file"
        return rank, is_download, not name.lower().startswith(("readme", "lisezmoi")), natural(_stem(name))

    items: list[Item] = []
    for name in sorted(groups, key=key):
        if name.endswith("/"):
            inside = _chapter(folder + name, groups[name], parts, ranks, depth + 1)
            below = next((path for path in groups[name] if path in _front_pages(folder + name)), None)
            title = parts[below].title if below else spoken(name[:-1])
            items.append(_folded(title, inside))
        else:
            items.append(item_of(parts[folder + name]))
    return _told_apart(items)


def _front_pages(folder: str) -> set[str]:
    return {folder + index for index in INDEXES}


def _folded(title: str, inside: list[Item]) -> Item:
    """A chapter, or its only entry: nobody wants to open a folder to find one thing."""
    if len(inside) > 1:
        return Item(title, items=tuple(inside))
    return inside[0] if inside[0].entry is not None else Item(title, items=inside[0].items)


def _told_apart(items: list[Item]) -> list[Item]:
    """Entries with one title get their file's name behind it, such as a pupils' and a teacher's version."""
    titles = Counter(item.title.casefold() for item in items)
    return [
        replace(item, title=f"{item.title} ({_file_name(item)})")
        if item.entry is not None and titles[item.title.casefold()] > 1
        else item
        for item in items
    ]


def _file_name(item: Item) -> str:
    entry = str(item.entry)
    if _is_index(entry):
        return spoken(entry.rpartition("/")[0]) or entry
    return spoken(entry.removesuffix(".html") if item.type in {"markdown", "notebook"} else entry)


def _stem(name: str) -> str:
    """*name* without its extension: ``film`` comes before ``film 2``, whatever they end with."""
    return name[: -len(extension(name)) - 1] if extension(name) else name


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts ``page 2`` before ``page 10``, and é beside e."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(
        (0, int(run), "") if run.isdecimal() else (1, 0, run) for run in re.split(r"(\d+)", plain) if run
    )
