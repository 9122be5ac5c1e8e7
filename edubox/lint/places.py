"""Where a photo was taken, as cameras write into it.

The importers take that out of every picture that they can read (``importers.stripping``); this looks once more at what
pupils will get, inside courses and web pages too. Only the beginning of a file is read: no picture is unpacked for this.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edubox.importers.notices import Notice
from edubox.lint.lesson import Built

_TYPES = {"image/jpeg", "image/webp", "image/png", "image/tiff", "image/heic"}
_GPS = 0x8825
#: How XMP, the other way to say it, names the position.
_XMP = (b"exif:GPSLatitude", b"exif:GPSLongitude")
#: Pictures that are opened, and bytes that are looked at for XMP: a lesson of a thousand pictures is no album of a walk.
_MOST, _BEGINNING = 300, 256 * 1024


def check(lesson: Built) -> Iterator[Notice]:
    """Tell each picture that says where it was taken."""
    pictures = [file.path for file in lesson.manifest.files if file.type in _TYPES]
    for path in pictures[:_MOST]:
        if _says_where(lesson.tree / path):
            yield Notice(
                "%(path)s says where it was taken. Save it again without its position, or send a picture of the screen.",
                path=lesson.given(path),
            )  # fmt: skip


def _says_where(picture: Path) -> bool:
    try:
        from PIL import Image

        with picture.open("rb") as file:
            beginning = file.read(_BEGINNING)
            if any(mark in beginning for mark in _XMP):
                return True
            file.seek(0)
            with Image.open(file) as opened:
                # A PNG that has no EXIF before its pixels would be unpacked to look behind them.
                if opened.format == "PNG" and "exif" not in opened.info:
                    return False
                return bool(opened.getexif().get_ifd(_GPS))
    except Exception:  # noqa: BLE001 - damaged pictures raise anything, and without Pillow nothing can be said
        return False
