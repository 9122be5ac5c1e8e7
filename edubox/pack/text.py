"""Characters out of bytes whose author did not say how they are written."""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})""")


def decode(data: bytes, *, page: bool = False, cut: bool = False) -> str:
    """*data* as text; for a web *page*, what it says of itself is believed when it fits.

    *cut* when only the beginning of a file was read, perhaps to the middle of a character.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if cut and error.start >= len(data) - 3:
            return data[: error.start].decode("utf-8")
    said = (_META.search(data[:2048]) or _XML.match(data)) if page else None
    name = said[1].decode("ascii") if said else "cp1252"
    try:
        return data.decode(name, "replace")
    except (LookupError, ValueError):
        return data.decode("cp1252", "replace")
