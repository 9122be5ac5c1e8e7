"""EPUB 2 and 3: the book becomes one part, opened at its package document (.opf), which the player reads.

The table of contents, fixed or flowing pages and scrambled fonts are the player's work; the search reads the book's own
pages. A book with a digital lock (DRM) was bought by one reader: it stays a download.
"""

from __future__ import annotations

import posixpath
import re

from edubox.importers.container import MAX_AUTHORS, Container
from edubox.importers.html import language_of
from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.importers.xml_tree import BadXml, Element, read_xml, unreadable

CONTAINER = "META-INF/container.xml"
_OPF = "application/oebps-package+xml"
_ENCRYPTION = "META-INF/encryption.xml"
#: What only locked books hold: Adobe's rights, Readium LCP, Apple FairPlay.
_LOCKS = ("META-INF/rights.xml", "META-INF/license.lcpl", "META-INF/sinf.xml")
#: Fonts may be scrambled with the book's own identifier, which players undo.
_FONT_SCRAMBLING = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_MAX_XML = 4 * 1024 * 1024
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses/([a-z-]+)/(\d\.\d)|publicdomain/(zero|mark))"
)
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "image/svg+xml"})


def read(book: Container, workshop: Workshop) -> Imported:
    """Import the opened *book*. Raises Unplayable if it is locked or has no page to read."""
    _check_locks(book)
    entry = _entry(book)
    package = _xml(book, entry)
    base = posixpath.dirname(entry)
    listed = {item.attributes.get("id", ""): item for item in _under(package, "manifest", "item")}
    spine = [listed.get(one.attributes.get("idref", "")) for one in _under(package, "spine", "itemref")]
    pages = [item for item in spine if item and item.attributes.get("media-type", "") in _PAGES]
    found = [item for item in pages if book.named(base, item.attributes.get("href", ""))]
    if not found:
        raise book.unplayable(Notice("it has no page to read"))
    if len(found) < len(pages):
        workshop.warn(
            Notice(
                "%(path)s is not whole: %(number)s of its pages are missing.",
                path=book.path,
                number=len(pages) - len(found),
            )
        )
    metadata = package.first("metadata") or Element("metadata", {})
    # EPUB 2 of the first years put the Dublin Core one level deeper.
    said = metadata.walk()
    if any(
        one.attributes.get("property") == "rendition:layout" and one.text.strip() == "pre-paginated"
        for one in said
    ):
        workshop.warn(
            Notice("%(path)s has pages of a fixed size, which are small on a phone.", path=book.path)
        )
    cover = _cover(listed, said)
    links = book.links(workshop)
    paths = workshop.place(book.path, book.files)
    return Imported(
        "epub", paths[entry], _title(said) or spoken(workshop.given[book.path]),
        language=next((code for one in said if one.name == "language" and (code := language_of(one.text))), None),
        links=links, cover=paths.get(book.named(base, cover) or "") if cover else None, licence=_licence(said),
        authors=tuple(name for one in said if one.name == "creator" and (name := title_of(one.text)))[:MAX_AUTHORS],
    )  # fmt: skip


def _xml(book: Container, name: str) -> Element:
    try:
        return read_xml(book.data(name, _MAX_XML))
    except BadXml as error:
        raise book.unplayable(unreadable(name, error)) from None


def _check_locks(book: Container) -> None:
    lock = Notice("it has a digital lock (DRM) and opens only for the reader who bought it")
    if any(name in book.files for name in _LOCKS):
        raise book.unplayable(lock)
    if _ENCRYPTION in book.files:
        methods = [one for one in _xml(book, _ENCRYPTION).walk() if one.name == "EncryptionMethod"]
        if any(one.attributes.get("Algorithm") not in _FONT_SCRAMBLING for one in methods):
            raise book.unplayable(lock)


def _entry(book: Container) -> str:
    for rootfile in _xml(book, CONTAINER).walk():
        path = rootfile.attributes.get("full-path", "")
        if rootfile.attributes.get("media-type") == _OPF and (name := book.named("", path)):
            return name
    raise book.unplayable(Notice("the list of its pages (.opf) is missing"))


def _under(package: Element, parent: str, name: str) -> list[Element]:
    found = package.first(parent)
    return found.all(name) if found else []


def _title(said: list[Element]) -> str:
    """The main title, which EPUB 3 may mark among several; else the first."""
    titles = [
        (one.attributes.get("id"), title)
        for one in said
        if one.name == "title" and (title := title_of(one.text))
    ]
    main = {
        one.attributes.get("refines", "").removeprefix("#")
        for one in said if one.attributes.get("property") == "title-type" and one.text.strip() == "main"
    }  # fmt: skip
    return next((title for name, title in titles if name in main), titles[0][1] if titles else "")


def _cover(listed: dict[str, Element], said: list[Element]) -> str | None:
    """The address of the picture on the cover, if one is named."""
    named = [
        item for item in listed.values() if "cover-image" in item.attributes.get("properties", "").split()
    ]
    for one in said:
        if one.name == "meta" and one.attributes.get("name") == "cover":
            named += filter(None, [listed.get(one.attributes.get("content", ""))])
    pictures = [item for item in named if item.attributes.get("media-type", "").startswith("image/")]
    return pictures[0].attributes.get("href") if pictures else None


def _licence(said: list[Element]) -> str | None:
    """A Creative Commons licence by its short name, else the words of the book."""
    rights = [one for one in said if one.name == "rights"]
    links = [one for one in said if one.name == "link" and one.attributes.get("rel", "").endswith(":license")]
    for text in (*(one.attributes.get("href", "") for one in links), *(one.text for one in rights)):
        if found := _CREATIVE_COMMONS.search(text):
            public = {"zero": "CC0-1.0", "mark": "PDM-1.0"}
            return public[found[3]] if found[3] else f"CC-{found[1].upper()}-{found[2]}"
    return next((words for one in rights if (words := title_of(one.text))), None)
