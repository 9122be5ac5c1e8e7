"""Everything that no other importer knows: offered as a download, unchanged."""

from __future__ import annotations

from edubox.importers.workshop import Imported, Workshop
from edubox.pack.media_types import extension


def read(path: str, workshop: Workshop) -> Imported:
    """Import *path*; a download is called what its author called the file."""
    name = workshop.given[path].rpartition("/")[2]
    if extension(path) == "svgz":
        workshop.warn(f"{path} cannot be shown: save the drawing as .svg.")
    return Imported("file", path, name)
