"""Pictures that only some phones show, as JPEG or PNG: TIFF and AVIF with Pillow, HEIC where pi-heif is installed too."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from edubox.importers.pictures import decoded
from edubox.importers.workshop import Workshop
from edubox.pack.media_types import extension

if TYPE_CHECKING:
    from PIL.Image import Image

#: Extension → what Pillow may take the picture for.
_READ = {
    "heic": "HEIF", "heif": "HEIF", "avif": "AVIF", "tif": "TIFF", "tiff": "TIFF",
    "jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "apng": "PNG", "webp": "WEBP",
}  # fmt: skip
#: Bytes of the largest file, and pixels of the longer side afterwards: a projector has 1920.
_LARGEST, _LONGEST = 48 * 1024 * 1024, 2560
_QUALITY = 85


def converted(path: str, workshop: Workshop) -> str | None:
    """A new file of the lesson with the pixels of the picture *path* and nothing else; None if it cannot be read."""
    image = _image(path, workshop)
    if image is None:
        return None
    image.thumbnail((_LONGEST, _LONGEST))
    image.info.clear()
    out = io.BytesIO()
    clear = image.mode == "RGBA"
    if clear:
        image.save(out, "PNG", optimize=False)
    else:
        image.save(out, "JPEG", quality=_QUALITY, optimize=True)
    stem = path[: -len(extension(path)) - 1]
    return workshop.add(f"{stem}.{'png' if clear else 'jpg'}", out.getvalue())


def _image(path: str, workshop: Workshop) -> Image | None:
    kind = _READ.get(extension(path))
    if kind is None or workshop.files[path].size > _LARGEST:
        return None
    if kind == "HEIF" and not _has_heif():
        return None
    return decoded(workshop.data(path, _LARGEST), (kind,))


def _has_heif() -> bool:
    try:
        from pi_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener(thumbnails=False)
    return True
