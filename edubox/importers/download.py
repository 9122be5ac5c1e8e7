"""Everything that no other importer knows: offered as a download, unchanged.

Where a pupil's phone will probably not open it, its author hears what would.
"""

from __future__ import annotations

from edubox.importers.workshop import Imported, Workshop
from edubox.pack.media_types import extension

_OFFICE = "many phones have no program for it; save it as PDF"
#: Extension → what its author should know.
_ADVICE = {
    "svgz": "phones do not show it; save the drawing as .svg",
    **dict.fromkeys(("doc", "docx", "odt", "rtf", "ppt", "pptx", "odp", "xls", "xlsx", "ods"), _OFFICE),
    "mbz": "it is a backup of a Moodle course, which does not open here yet; it may hold the names and work of its users, "
    "so look into it before you give it to anyone",
    "zim": "it is a library of pages (ZIM), which does not open here yet",
}


def read(path: str, workshop: Workshop) -> Imported:
    """Import *path*; a download is called what its author called the file."""
    name = workshop.given[path].rpartition("/")[2]
    if advice := _ADVICE.get(extension(path)):
        workshop.warn(f"{path} is offered as a download only: {advice}.")
    return Imported("file", path, name)
