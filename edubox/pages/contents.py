"""A manifest's table of contents as pages walk it."""

from __future__ import annotations

from edubox.pack.manifest import Item, Manifest
from edubox.pack.media_types import media_type
from edubox.pages.model import Part


def parts(manifest: Manifest) -> list[Part]:
    """Chapters and things to open, in reading order; the latter are numbered from 1."""
    found: list[Part] = []
    for item in manifest.toc:
        _add(item, 0, manifest, found)
    return found


def odd_types(manifest: Manifest) -> dict[str, str]:
    """Path → media type of the files whose names alone would tell another type."""
    return {file.path: file.type for file in manifest.files if file.type != media_type(file.path)}


def _add(item: Item, depth: int, manifest: Manifest, found: list[Part]) -> None:
    file = manifest.file(item.entry) if item.entry is not None else None
    if file is None:
        found.append(Part(0, item.title, "chapter", depth))
    else:
        number = 1 + max((part.number for part in found), default=0)
        others = ((path, other.type) for path in item.alternatives if (other := manifest.file(path)))
        found.append(
            Part(number, item.title, item.type, depth, file.path, file.type, file.size, tuple(others))
        )
    for child in item.items:
        _add(child, depth + 1, manifest, found)
