"""Style sheets: nothing to open, but what they load belongs to the pages and may lie on another site."""

from __future__ import annotations

from edubox.importers.html import CSS_LOADS, LOOK, Scan, follow
from edubox.importers.workshop import Imported, Workshop
from edubox.pack.text import decode

EXTENSIONS = ("css",)


def read(path: str, workshop: Workshop) -> Imported:
    """Import the style sheet *path*; warns as for pages."""
    loads = CSS_LOADS.findall(decode(workshop.data(path, LOOK)))
    uses, _, _ = follow(path, Scan(loads=loads), workshop)
    return Imported("file", path, path, uses=uses)
