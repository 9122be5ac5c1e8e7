"""Compressed twins: ``page.html.gz`` beside ``page.html``, made once for each content.

On ``http://`` gzip is what browsers accept, and a class shares one slow radio: compressing while serving
would cost the box's processor what it needs for pages. Twins live in ``twins/<aa>/<sha256 of the plain
file>`` of the data folder and are linked into every tree that holds the file.
"""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

from edubox.store.platform import full_disk_is_no_room, make_folder

#: Bytes below which one network packet carries the plain file as well.
SMALLEST = 1024
_TYPES = {
    "application/javascript", "application/json", "application/manifest+json", "application/wasm",
    "application/xml", "font/otf", "font/ttf", "image/bmp", "image/svg+xml", "image/x-icon",
}  # fmt: skip
_LEVEL = 9
_READ_ONLY = 0o444
_BLOCK = 64 * 1024
#: A twin that saves less than a twentieth is not worth its inode.
_WORTH = 0.95


def wants_twin(media_type: str, size: int) -> bool:
    """Whether a file of this type and *size* in bytes is worth compressing."""
    return size >= SMALLEST and (
        media_type.startswith("text/") or media_type in _TYPES or media_type.endswith(("+xml", "+json"))
    )


def twin(twins: Path, sha256: str, plain: Path) -> Path | None:
    """The twin of the file *plain*, made if it is not there; None if compressing saves nothing. Raises NoRoom."""
    target = twins / sha256[:2] / sha256
    size = plain.stat().st_size
    if _is_whole(target, size):
        return target
    with full_disk_is_no_room(twins):
        make_folder(target.parent)
        beside = target.with_name(f".{sha256}.new")
        try:
            # No name and no time in its header: the same file has the same twin everywhere.
            with (
                plain.open("rb") as source,
                beside.open("wb") as out,
                gzip.GzipFile("", "wb", _LEVEL, out, mtime=0) as press,
            ):
                shutil.copyfileobj(source, press, _BLOCK)
            if beside.stat().st_size > size * _WORTH:
                return None
            beside.chmod(_READ_ONLY)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    return target


def sweep(twins: Path) -> None:
    """Remove twins that no tree links any more."""
    for path in twins.glob("[0-9a-f][0-9a-f]/*"):
        if path.stat().st_nlink == 1:
            path.unlink()


def _is_whole(path: Path, size: int) -> bool:
    """Whether a twin ends as it must: it is not synced when made, so a power cut may have left it empty."""
    try:
        with path.open("rb") as handle:
            handle.seek(-4, os.SEEK_END)
            # RFC 1952 §2.3.1: a gzip member ends with the plain size modulo 2^32.
            return int.from_bytes(handle.read(4), "little") == size & 0xFFFFFFFF
    except OSError:
        return False
