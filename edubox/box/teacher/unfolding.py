"""The files of a lesson's author, found again in the lesson that was made of them.

A lesson is not what its author gave: exercises and books were opened (``importers.containers``), pages were made of texts,
pictures and films have light twins, PDF a text beside them. Building makes all that again, so a copy is taken of what it is
made of: the text a page was made of, the exercise that a folder was, the picture without its twin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from edubox.box.teacher.draft import MAX_ENTRIES, Entry
from edubox.pack.manifest import Item, Manifest

#: What the folder of an opened container ends with, and the endings that a container may have.
_OPENED, _CONTAINERS = ".d/", (".h5p", ".epub", ".zip", ".imscc", ".elp", ".pif")
_TWIN, _COVER, _POSTER = ".webp", ".cover.webp", ".poster.webp"


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What an author gave: *files* that lie in the lesson as they were, *containers* to be closed again, and the contents."""

    files: tuple[str, ...]
    #: The name of each container, and the folder that it was opened into, with a slash at its end.
    containers: dict[str, str] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    aside: tuple[str, ...] = ()
    #: The picture that stands for it.
    cover: str = ""


def unfold(manifest: Manifest, below: str = "") -> Unfolded:
    """What the author of the lesson *manifest* gave, of what lies in its folder *below* (with a slash; empty: all of it)."""
    known = {file.path for file in manifest.files if file.path.startswith(below)}
    toc = tuple(_inside(manifest.toc, below))
    items = [item for one in toc for item in one.walk() if item.entry is not None]
    folders = {folder: name for item in items if (folder := _folder(item)) and (name := _name(folder))}
    sources = {str(item.entry): _source(item) for item in items}
    made = {entry: source for entry, source in sources.items() if source != entry}
    kept = [
        path for path in sorted(known)
        if not path.startswith(tuple(folders)) and not _is_made(path, known, set(made.values()))
    ]  # fmt: skip
    closed = {name: folder for folder, name in folders.items() if name not in known}
    entries = tuple(_entries(toc, folders, sources))[:MAX_ENTRIES]
    shown = {one.path for one in entries}
    return Unfolded(
        tuple(kept),
        closed,
        entries,
        tuple(path for path in kept if path not in shown),
        _cover(manifest, set(kept)),
    )


def _inside(items: tuple[Item, ...], below: str) -> Iterator[Item]:
    """The topmost of *items* that open nothing but what lies *below*."""
    for item in items:
        if all(str(one.entry).startswith(below) for one in item.walk() if one.entry is not None):
            yield item
        else:
            yield from _inside(item.items, below)


def _folder(item: Item) -> str:
    """The folder of the container that *item* is in, with a slash; empty if it is in none."""
    head, opened, _ = str(item.entry).partition(_OPENED)
    return head + opened if opened and item.type in {"h5p", "epub", "scorm"} else ""


def _name(folder: str) -> str:
    """What the container was called that was opened into *folder*; empty if that cannot be told."""
    name = folder.removesuffix(_OPENED)
    return name if name.lower().endswith(_CONTAINERS) else ""


def _source(item: Item) -> str:
    """The file that *item* was made of, or its own."""
    entry = str(item.entry)
    return next((one for one in item.alternatives if entry.startswith(f"{one}.")), entry)


def _is_made(path: str, known: set[str], sources: set[str]) -> bool:
    """Whether building makes *path* again out of something else."""
    if any(path.startswith(f"{source}.") for source in sources):
        return True
    if path.endswith((_COVER, _POSTER)):
        return True
    stem = path.removesuffix(_TWIN)
    return (stem != path and stem in known) or (path.endswith(".pdf.txt") and path[:-4] in known)


def _entries(
    items: tuple[Item, ...], folders: dict[str, str], sources: dict[str, str], above: str = ""
) -> Iterator[Entry]:
    """*items*, which are under the heading *above*, as a composer's flat list: what a container brought is one line.

    A heading within another says both; what follows it has the outer one again.
    """
    left = False
    for item in items:
        inside = {_folder(one) for one in item.walk() if one.entry is not None}
        name = folders.get(next(iter(inside))) if len(inside) == 1 else None
        if name is None and item.entry is None:
            heading = f"{above} – {item.title}" if above else item.title
            yield Entry("", heading)
            yield from _entries(item.items, folders, sources, heading)
            left = True
            continue
        if left and above:
            yield Entry("", above)
        left = False
        yield Entry(name or sources[str(item.entry)], item.title)
        if name is None:
            yield from _entries(item.items, folders, sources, above)


def _cover(manifest: Manifest, kept: set[str]) -> str:
    image = manifest.image or ""
    return next(
        (one for one in (image, image.removesuffix(_COVER), image.removesuffix(_TWIN)) if one in kept), ""
    )
