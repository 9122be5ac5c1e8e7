"""MP4 and its kin (.mov, .m4v, .m4a, .3gp) looked at box by box: what they are coded in, and what they tell of their maker.

A phone writes the place (``©xyz``, ``loci``) and its own model into ``udta`` and ``meta`` boxes. ``without_private`` gives
each of them another name that players pass over (``free``) and zeros for content: no box moves, so a film of 2 GB is
copied once and nothing in it has to be counted anew.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

#: Boxes that hold boxes on the way to what is looked for.
_FOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_PRIVATE = frozenset({b"udta", b"meta", b"uuid", b"XMP_"})
#: Boxes that are looked at, and bytes of one list of codecs.
_MOST, _LARGEST = 20_000, 64 * 1024
#: What phones of the last ten years play in such a file.
PLAYED = frozenset({
    "avc1", "avc3", "vp08", "vp09", "mp4a", ".mp3", "Opus", "fLaC", "text", "tx3g", "tmcd", "wvtt", "stpp", "jpeg", "rtp ",
    "mebx", "c608", "gpmd",
})  # fmt: skip


@dataclass(slots=True)
class Film:
    """*codecs* are four letters each; *late* when the list of pictures comes after them; *private* are (offset, size)."""

    codecs: set[str] = field(default_factory=set)
    late: bool = False
    private: list[tuple[int, int]] = field(default_factory=list)

    @property
    def unplayed(self) -> list[str]:
        """Codecs that older phones do not play, sorted."""
        return sorted(self.codecs - PLAYED)


def look(path: Path) -> Film | None:
    """What the film at *path* is; None if it is no MP4 or its boxes cannot be walked."""
    film = Film()
    with path.open("rb") as handle:
        size = handle.seek(0, 2)
        handle.seek(0)
        if handle.read(8)[4:] not in {b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip"}:
            return None
        order = [kind for kind, _, _ in _walk(handle, 0, size, film, [_MOST])]
    if b"moov" not in order:
        return None
    film.late = b"mdat" in order and order.index(b"mdat") < order.index(b"moov")
    return film


def without_private(source: Path, target: Path, film: Film) -> int:
    """Copy *source* to *target* without the *film*'s private boxes; its size in bytes."""
    shutil.copyfile(source, target)
    with target.open("r+b") as handle:
        for offset, size in film.private:
            handle.seek(offset + 4)
            handle.write(b"free")
            left = size - 8
            while left > 0:
                handle.write(bytes(min(left, 1024 * 1024)))
                left -= min(left, 1024 * 1024)
    return target.stat().st_size


def _walk(
    handle: BinaryIO, at: int, end: int, film: Film, left: list[int]
) -> Iterator[tuple[bytes, int, int]]:
    """The boxes from *at* to *end*: (kind, offset, size); what is in them goes to *film*."""
    while at + 8 <= end and left[0] > 0:
        left[0] -= 1
        handle.seek(at)
        size, kind = struct.unpack(">I4s", handle.read(8))
        header = 8
        if size == 1:
            (size,) = struct.unpack(">Q", handle.read(8).ljust(8, b"\0"))
            header = 16
        elif size == 0:
            size = end - at
        if size < header or at + size > end:
            return
        if kind in _PRIVATE:
            if header == 8:
                film.private.append((at, size))
        elif kind in _FOLDERS:
            list(_walk(handle, at + header, at + size, film, left))
        elif kind == b"stsd":
            film.codecs |= _codecs(handle.read(min(size - header, _LARGEST)))
        yield kind, at, size
        at += size


def _codecs(data: bytes) -> set[str]:
    found: set[str] = set()
    at = 8
    while at + 8 <= len(data) and len(found) < 16:
        size, kind = struct.unpack_from(">I4s", data, at)
        found.add(kind.decode("latin-1"))
        if size < 8:
            break
        at += size
    return found
