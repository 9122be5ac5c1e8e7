"""Pictures: shown as they are, by a light form where that saves bytes (``posters``)."""

from __future__ import annotations

from edubox.importers.workshop import Imported, Workshop, spoken
from edubox.pack.media_types import extension

SHOWN = frozenset({"png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "apng"})
EXTENSIONS = (*sorted(SHOWN), "heic", "heif", "tif", "tiff")


def read(path: str, workshop: Workshop) -> Imported:
    """Import the picture *path*; one that phones do not show becomes a download, with a warning."""
    if extension(path) in SHOWN:
        return Imported("image", path, spoken(workshop.given[path]))
    where = (
        "iPhones take such pictures unless Settings > Camera > Formats says Most Compatible; "
        if extension(path) in {"heic", "heif"} else ""
    )  # fmt: skip
    workshop.warn(
        f"{path} is a kind of picture that most phones do not show: {where}save it as .jpg or .png."
    )
    return Imported("file", path, spoken(workshop.given[path]))
