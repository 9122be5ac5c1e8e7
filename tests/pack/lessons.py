"""Lessons in memory, for tests of the pack room."""

from __future__ import annotations

import hashlib
import io

from edubox.pack.manifest import PIECE, PIECES_ABOVE, File, Item, Manifest


def lesson(contents: dict[str, bytes], media: frozenset[str] = frozenset(), name: str = "Leçon") -> Manifest:
    """The manifest of *contents* (path → bytes)."""
    files = tuple(
        File(
            path, hashlib.sha256(data).hexdigest(), len(data), "text/html", path in media,
            tuple(
                hashlib.sha256(data[at : at + PIECE]).hexdigest() for at in range(0, len(data), PIECE)
            ) if len(data) > PIECES_ABOVE else (),
        )
        for path, data in sorted(contents.items())
    )  # fmt: skip
    return Manifest(name, "fr", (Item(name, "html", files[0].path),), files)


def opener(contents: dict[str, bytes]):
    """``open`` for the files of *contents*."""
    return lambda file: io.BytesIO(contents[file.path])
