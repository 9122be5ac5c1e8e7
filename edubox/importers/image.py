"""Pictures: shown as they are."""

from __future__ import annotations

from edubox.importers.workshop import Imported, Workshop, spoken
from edubox.pack.media_types import extension

SHOWN = frozenset({"png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "apng"})
EXTENSIONS = (*sorted(SHOWN), "heic", "heif", "tif", "tiff")


def read(path: str, workshop: Workshop) -> Imported:
    """Import the picture *path*; one that phones do not show becomes a download, with a warning."""
    if extension(path) in SHOWN:
        return Imported("image", path, spoken(workshop.given[path]))
    workshop.warn(f"{path} is a kind of picture that most phones do not show: save it as .jpg or .png.")
    return Imported("file", path, spoken(workshop.given[path]))
