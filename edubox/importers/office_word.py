"""Word (.docx): headings, paragraphs, lists, tables, links and pictures, in their order.

Left out: what was struck out in a tracked change, comments, headers and footers. Formulas come as their signs.
"""

from __future__ import annotations

import re
import zipfile

from edubox.importers.office_archive import events, members, relations
from edubox.importers.office_page import OfficePage

DOCUMENT = "word/document.xml"
_STYLES, _NUMBERING = "word/styles.xml", "word/numbering.xml"
_HEADING = re.compile(r"(?:heading|titre|überschrift|título)\s*([1-6])\Z", re.IGNORECASE)
_UNSEEN = frozenset({"del", "moveFrom", "Fallback", "delText", "instrText"})
_OFF = frozenset({"0", "false", "none", "off"})


def read_word(page: OfficePage) -> None:
    """Write the document of ``page.archive`` to *page*. Raises BadArchive, BadXml."""
    _Reader(page).read()


def has_remarks(archive: zipfile.ZipFile) -> bool:
    """Whether it holds comments or tracked changes, which nobody means to give away. Raises BadArchive, BadXml."""
    if "word/comments.xml" in members(archive):
        return True
    return any(
        what == "start" and tag in {"ins", "del", "moveFrom", "moveTo"}
        for what, tag, _ in events(archive, DOCUMENT)
    )


class _Reader:
    def __init__(self, page: OfficePage) -> None:
        self._page = page
        self._relations = relations(page.archive, DOCUMENT)
        known = members(page.archive)
        self._levels = _heading_levels(page.archive) if _STYLES in known else {}
        self._ordered = _ordered_lists(page.archive) if _NUMBERING in known else set()
        self._inside: list[str] = []  # of the paragraph that is read; a text box is read within another
        self._marks: set[str] = set()
        self._style, self._list, self._depth = "", "", 0
        self._described, self._address, self._link_from = "", "", 0

    def read(self) -> None:
        unseen = 0
        speaks = False
        for what, tag, attributes in events(self._page.archive, DOCUMENT):
            if what == "start" and (unseen or tag in _UNSEEN):
                unseen += 1
            elif what == "end" and unseen:
                unseen -= 1
            elif unseen:
                continue
            elif what == "start":
                speaks = tag == "t"
                self._start(tag, attributes)
            elif what == "end":
                speaks = False
                self._end(tag)
            elif speaks:
                self._inside.append(self._page.words(tag, self._marks))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        value = attributes.get("w:val", "")
        if tag == "p":
            self._flush()
        elif tag == "pStyle":
            self._style = value
        elif tag == "ilvl":
            self._depth = int(value) if value.isdecimal() else 0
        elif tag == "numId":
            self._list = value if value != "0" else ""
        elif tag == "r":
            self._marks = set()
        elif tag in {"b", "i"} and value not in _OFF:
            self._marks.add("bold" if tag == "b" else "italic")
        elif tag == "vertAlign":
            self._marks |= {"superscript": {"up"}, "subscript": {"down"}}.get(value, set())
        elif tag in {"br", "cr"}:
            self._inside.append("<br>")
        elif tag == "tab":
            self._inside.append(" ")
        elif tag == "docPr":
            self._described = attributes.get("descr", "")
        elif tag in {"blip", "imagedata"}:
            name = self._relations.get(attributes.get("r:embed", attributes.get("r:id", "")), "")
            self._inside.append(self._page.picture(name, self._described))
            self._described = ""
        elif tag == "hyperlink":
            self._address = self._relations.get(attributes.get("r:id", ""), "")
            self._link_from = len(self._inside)
        elif tag in {"tbl", "tr", "tc"}:
            self._flush()
            self._page.list_level(0)
            self._page.tag({"tbl": "<table>\n", "tr": "<tr>", "tc": "<td>"}[tag])

    def _end(self, tag: str) -> None:
        if tag == "p":
            self._flush()
        elif tag == "hyperlink":
            inside = "".join(self._inside[self._link_from :])
            self._inside[self._link_from :] = [self._page.link(self._address, inside)]
        elif tag in {"tbl", "tr", "tc"}:
            self._flush()
            self._page.list_level(0)
            self._page.tag({"tbl": "</table>\n", "tr": "</tr>\n", "tc": "</td>"}[tag])

    def _flush(self) -> None:
        inside, level = "".join(self._inside), self._levels.get(self._style, 0)
        if self._list and not level:
            self._page.item(inside, self._depth + 1, ordered=(self._list, self._depth) in self._ordered)
        else:
            if level and not self._page.title:
                self._page.title = inside
            self._page.block(f"h{level}" if level else "p", inside)
        self._inside, self._marks, self._style, self._list, self._depth = [], set(), "", "", 0
        self._link_from = 0


def _heading_levels(archive: zipfile.ZipFile) -> dict[str, int]:
    """Id of a style → 1 to 6, for those that make headings."""
    levels: dict[str, int] = {}
    style = ""
    for what, tag, attributes in events(archive, _STYLES):
        if what != "start":
            continue
        value = attributes.get("w:val", "")
        if tag == "style":
            style = attributes.get("w:styleId", "")
        elif tag == "name" and (found := _HEADING.match(value)):
            levels[style] = int(found[1])
        elif tag == "name" and value.lower() in {"title", "titre"}:
            levels[style] = 1
        elif tag == "outlineLvl" and value in "012345" and value and style:
            levels.setdefault(style, int(value) + 1)
    return levels


def _ordered_lists(archive: zipfile.ZipFile) -> set[tuple[str, int]]:
    """(numId, level) of the lists that are numbered."""
    abstract: dict[str, set[int]] = {}
    of_number: dict[str, str] = {}
    number, level, known = "", 0, ""
    for what, tag, attributes in events(archive, _NUMBERING):
        if what != "start":
            continue
        value = attributes.get("w:val", "")
        if tag == "abstractNum":
            known = attributes.get("w:abstractNumId", "")
        elif tag == "lvl":
            level = int(one) if (one := attributes.get("w:ilvl", "0")).isdecimal() else 0
        elif tag == "numFmt" and value not in {"bullet", "none"}:
            abstract.setdefault(known, set()).add(level)
        elif tag == "num":
            number = attributes.get("w:numId", "")
        elif tag == "abstractNumId":
            of_number[number] = value
    return {(number, level) for number, one in of_number.items() for level in abstract.get(one, ())}
