"""PDF: shown by the browser's own reader; its text is kept beside it for the search.

pypdf reads title and text where it is installed (the extra ``importers``). A PDF that it cannot read may still
open on a phone, so nothing here refuses one.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.pack.canonical import nfc

EXTENSIONS = ("pdf",)
#: Pages and characters read for the search, and bytes of the largest PDF that is read at all.
MAX_PAGES, MAX_TEXT, MAX_BYTES = 2000, 4_000_000, 256 * 1024 * 1024
# What programs write as a title when nobody gave one.
_NO_TITLE = re.compile(r"microsoft |untitled|sans titre|diapositive 1|slide 1|.*\.(docx?|odt|pptx?|odp|tex|dvi|indd)$",
                       re.IGNORECASE)  # fmt: skip


def read(path: str, workshop: Workshop) -> Imported:
    """Import the PDF *path*, beside it the office files it was made from; warns when its text cannot be searched."""
    from edubox.importers.office import twins

    title, text, fault = _look_inside(path, workshop)
    if fault:
        workshop.warn(Notice("The text of %(path)s cannot be searched: %(reason)s.", path=path, reason=fault))
    kept = workshop.make(workshop.beside(path, ".txt"), text.encode("utf-8")) if text else None
    shown = title or spoken(workshop.given[path])
    return Imported("pdf", path, shown, text=kept, alternatives=twins(path, workshop))


def _look_inside(path: str, workshop: Workshop) -> tuple[str, str, Notice | None]:
    """Title, text, and why there is no text; title and text may be empty."""
    try:
        import pypdf
    except ImportError:
        return "", "", Notice("this edubox was installed without the extra “importers”")
    if workshop.files[path].size > MAX_BYTES:
        return "", "", Notice("it is very large")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it comments on every flaw of a file
    with workshop.files[path].open() as handle:
        try:
            reader = pypdf.PdfReader(handle)
            if reader.is_encrypted and not reader.decrypt(""):
                return "", "", Notice("it is closed with a password")
            title = _title(reader)
            text = _text(reader)
        except Exception:  # noqa: BLE001 - pypdf raises anything on damaged files; the PDF is kept all the same
            return "", "", Notice("it is damaged or closed")
    return title, text, None if text else Notice("it holds pictures of pages, no text")


def _title(reader: Any) -> str:
    found = reader.metadata.title if reader.metadata else None
    title = title_of(str(found or ""))
    return "" if _NO_TITLE.match(title) else title


def _text(reader: Any) -> str:
    pages: list[str] = []
    room = MAX_TEXT
    for page in reader.pages[:MAX_PAGES]:
        words = page.extract_text().encode("utf-8", "ignore").decode("utf-8").replace("\0", "")
        pages.append(words[:room])
        room -= len(words)
        if room <= 0:
            break
    # A form feed between pages, as in every text made from a PDF.
    return nfc("\f".join(pages)) if any(page.strip() for page in pages) else ""
