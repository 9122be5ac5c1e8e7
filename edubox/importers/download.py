"""Everything that no other importer knows: offered as a download, unchanged.

Where a pupil's phone will probably not open it, its author hears what would.
"""

from __future__ import annotations

from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop
from edubox.pack.media_types import extension

#: Extension → what its author should know.
_ADVICE = {
    "svgz": Notice("phones do not show it; save the drawing as .svg"),
}


def read(path: str, workshop: Workshop) -> Imported:
    """Import *path*; a download is called what its author called the file."""
    name = workshop.given[path].rpartition("/")[2]
    if advice := _ADVICE.get(extension(path)):
        workshop.warn(Notice("%(path)s is offered as a download only: %(reason)s.", path=path, reason=advice))
    return Imported("file", path, name)
