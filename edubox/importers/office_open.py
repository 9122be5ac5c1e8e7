"""OpenDocument (.odt, .odp, .ods): texts, slides and sheets of LibreOffice, which share one language.

Left out: notes of who presents, comments, tracked changes, which stand at the beginning of a document.
"""

from __future__ import annotations

import zipfile

from edubox.importers.office_archive import events
from edubox.importers.office_page import OfficePage

CONTENT = "content.xml"
_UNSEEN = frozenset({
    "notes", "annotation", "tracked-changes", "forms", "sequence-decls", "object-ole", "desc", "title", "binary-data",
    "shapes", "note-citation",
})  # fmt: skip
_REMARKS = frozenset({"annotation", "changed-region"})
#: Cells and rows that a file may ask to be repeated, and those of a sheet that are shown.
_MOST_REPEATED, _MOST_COLUMNS, _MOST_ROWS = 30, 100, 2000


def read_open(page: OfficePage) -> None:
    """Write the document of ``page.archive`` to *page*. Raises BadArchive, BadXml."""
    _Reader(page).read()


def has_remarks(archive: zipfile.ZipFile) -> bool:
    """Whether it holds comments, tracked changes or words among the notes of a slide. Raises BadArchive, BadXml."""
    notes = 0
    for what, tag, _ in events(archive, CONTENT):
        if tag == "notes" and what != "text":
            notes += 1 if what == "start" else -1
        elif (what == "start" and tag in _REMARKS) or (what == "text" and notes and tag.strip()):
            return True
    return False


class _Reader:
    def __init__(self, page: OfficePage) -> None:
        self._page = page
        self._inside: list[str] = []
        self._styles: dict[str, set[str]] = {}
        self._style = ""
        self._marks: list[set[str]] = [set()]
        self._heading, self._lists, self._paragraphs = 0, 0, 0
        self._cells = self._rows = self._repeated = 0
        self._links: list[tuple[str, int]] = []

    def read(self) -> None:
        unseen = 0
        for what, tag, attributes in events(self._page.archive, CONTENT):
            if what == "start" and (unseen or tag in _UNSEEN):
                unseen += 1
            elif what == "end" and unseen:
                unseen -= 1
            elif unseen:
                continue
            elif what == "start":
                self._start(tag, attributes)
            elif what == "end":
                self._end(tag)
            elif self._paragraphs:
                self._inside.append(self._page.words(tag, self._marks[-1]))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        page = self._page
        if tag == "style":
            self._style = attributes.get("style:name", "")
        elif tag == "text-properties":
            self._styles[self._style] = _marks(attributes)
        elif tag in {"p", "h"}:
            self._paragraphs += 1
            level = attributes.get("text:outline-level", "1")
            self._heading = min(int(level), 6) if tag == "h" and level.isdecimal() and level != "0" else 0
            self._marks.append(self._styles.get(attributes.get("text:style-name", ""), set()))
        elif tag == "span":
            own = self._styles.get(attributes.get("text:style-name", ""), set())
            self._marks.append(self._marks[-1] | own)
        elif tag in {"s", "tab"}:
            self._inside.append(" ")
        elif tag == "line-break":
            self._inside.append("<br>")
        elif tag == "a":
            self._links.append((attributes.get("xlink:href", ""), len(self._inside)))
        elif tag == "list":
            self._lists += 1
        elif tag == "image":
            shown = page.picture(attributes.get("xlink:href", "").removeprefix("./"), "")
            self._inside.append(shown)
            if not self._paragraphs:
                self._flush()
        elif tag == "page":
            page.list_level(0)
            page.tag("<section>\n")
        elif tag == "table":
            page.list_level(0)
            if self._page.path.lower().endswith((".ods", ".fods")):
                page.block("h2", page.words(attributes.get("table:name", "")))
            page.tag("<table>\n")
            self._rows = 0
        elif tag == "table-row":
            self._rows += 1
            self._cells = 0
            self._row("<tr>")
        elif tag in {"table-cell", "covered-table-cell"}:
            said = attributes.get("table:number-columns-repeated", "1")
            # An empty sheet ends with one cell that is repeated a thousand times.
            self._repeated = min(int(said), _MOST_REPEATED) if said.isdecimal() and len(said) < 5 else 1
            self._cells += 1
            self._row("<td>")

    def _row(self, markup: str) -> None:
        if self._rows <= _MOST_ROWS and self._cells <= _MOST_COLUMNS:
            self._page.tag(markup)
        else:
            self._page.cut = True

    def _end(self, tag: str) -> None:
        page = self._page
        if tag in {"p", "h"} and self._paragraphs:
            self._paragraphs -= 1
            self._marks.pop()
            if not self._paragraphs:
                self._flush()
        elif tag == "span" and len(self._marks) > 1:
            self._marks.pop()
        elif tag == "a" and self._links:
            address, begin = self._links.pop()
            self._inside[begin:] = [page.link(address, "".join(self._inside[begin:]))]
        elif tag == "list":
            self._lists -= 1
        elif tag == "page":
            page.list_level(0)
            page.tag("</section>\n<hr>\n")
        elif tag in {"table", "table-row", "table-cell", "covered-table-cell"}:
            page.list_level(0)
            if tag == "table":
                page.tag("</table>\n")
            else:
                self._row("</tr>\n" if tag == "table-row" else "</td>" + "<td></td>" * (self._repeated - 1))

    def _flush(self) -> None:
        inside = "".join(self._inside)
        self._inside, self._links = [], []
        if self._lists and not self._heading:
            self._page.item(inside, self._lists)
            return
        if self._heading and not self._page.title:
            self._page.title = inside
        self._page.block(f"h{self._heading}" if self._heading else "p", inside)


def _marks(attributes: dict[str, str]) -> set[str]:
    marks = set()
    if attributes.get("fo:font-weight") == "bold":
        marks.add("bold")
    if attributes.get("fo:font-style") == "italic":
        marks.add("italic")
    position = attributes.get("style:text-position", "")
    if position.startswith(("super", "sub")):
        marks.add("up" if position.startswith("super") else "down")
    return marks
