"""From files on a disk to a manifest: what a lesson is made of, decided the same way on every machine.

``describe`` reads each file once: its hash, its size, its media type, and whether it travels alone. ``assemble``
puts the description, the table of contents and the files together and reads the result as every box will, so
that nothing is ever built that a box refuses.
"""

from __future__ import annotations

import lzma
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

from edubox.pack.archive import BLOCK
from edubox.pack.canonical import nfc
from edubox.pack.manifest import File, Item, Manifest, parse
from edubox.pack.media_types import media_type
from edubox.pack.opening import Found
from edubox.pack.pieces import PieceHasher

#: Files from this size on travel alone if compression gains nothing (DESIGN, Pack).
MEDIA_FROM = 256 * 1000
#: Files from this size on travel alone whatever compression gains: nobody waits a quarter of an hour for a box to
#: compress an hour of WAV, a large file should resume by itself, and a lesson's text should not wait for it. Neither is
#: such a file, however empty, the bomb that its bundle would look like to a reader (``edpack.MAX_RATIO``).
LARGE = 64 * 1024 * 1024
#: Between the two samples decide, since compressing all of a file only to learn that would double the time of a build:
#: how many, and bytes of each.
_SAMPLES, _SAMPLE = 7, 32 * 1024
#: A gain below this share of a sample is none: text should not wait for it.
_GAIN = 20

#: Option of the command line and key of lesson.toml → field of the manifest.
FIELDS = {
    "description": "description", "level": "educationalLevel", "subject": "about", "licence": "license",
    "author": "author", "duration": "timeRequired", "keyword": "keywords",
    "based": "isBasedOn",
}  # fmt: skip


def describe(files: Sequence[Found], progress: Callable[[str, int, int], None]) -> tuple[File, ...]:
    """Hash *files* and decide how each travels; their paths are safe already.

    *progress* gets (what, bytes done, bytes in all). Raises UnreadableSource.
    """
    total, done = sum(found.size for found in files), 0
    described = []
    for found in sorted(files, key=lambda one: one.path):
        hasher = PieceHasher()
        with found.open() as handle:
            while block := handle.read(BLOCK):
                hasher.update(block)
                done += len(block)
                progress("reading", done, total)
            alone = _travels_alone(handle, hasher.size)
        described.append(
            File(found.path, hasher.sha256, hasher.size, media_type(found.path), alone, hasher.pieces)
        )
    return tuple(described)


def _travels_alone(handle: BinaryIO, size: int) -> bool:
    return size >= LARGE or (size >= MEDIA_FROM and not _gains(handle, size))


def _gains(handle: BinaryIO, size: int) -> bool:
    """Whether xz makes the middle one of some samples noticeably smaller.

    The middle one, because a film begins with a table that compresses well and a PDF has both kinds of bytes.
    """
    saved = []
    for number in range(_SAMPLES):
        handle.seek((size - _SAMPLE) * number // (_SAMPLES - 1))
        sample = handle.read(_SAMPLE)
        saved.append(len(sample) - len(lzma.compress(sample, preset=1)))
    return sorted(saved)[_SAMPLES // 2] * _GAIN > _SAMPLE


def assemble(
    name: str, language: str, toc: Sequence[Item], files: tuple[File, ...], described: dict[str, Any],
    original: str | None = None, libs: Sequence[str] = (), image: str | None = None,
) -> Manifest:  # fmt: skip
    """The manifest of a lesson; *described* has the keys of FIELDS, empty values are left out.

    Raises BadManifest, with the reason in words, when a box would refuse it.
    """
    metadata = {FIELDS[key]: _nfc(value) for key, value in described.items() if key in FIELDS and value}
    manifest = Manifest(nfc(name), language, tuple(toc), files, metadata, tuple(libs), original, image)
    return parse(manifest.to_bytes())


def _nfc(value: Any) -> Any:
    if isinstance(value, list):
        return [nfc(str(one)) for one in value]
    return nfc(str(value))
