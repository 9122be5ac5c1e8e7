"""PowerPoint (.pptx): slides one after another: title, words, tables and pictures. Notes and hidden slides stay out."""

from __future__ import annotations

import zipfile

from edubox.importers.office_archive import events, members, relations
from edubox.importers.office_page import OfficePage

PRESENTATION = "ppt/presentation.xml"
#: Slides of one presentation.
_MOST = 1000


def read_slides(page: OfficePage) -> None:
    """Write the presentation of ``page.archive`` to *page*. Raises BadArchive, BadXml."""
    for name in _slides(page.archive):
        _read_slide(page, name)


def has_remarks(archive: zipfile.ZipFile) -> bool:
    """Whether it holds notes for who presents, or comments."""
    return any(name.startswith(("ppt/notesSlides/", "ppt/comments/")) for name in members(archive))


def _slides(archive: zipfile.ZipFile) -> list[str]:
    """The names of the slides' parts, in order."""
    listed = relations(archive, PRESENTATION)
    ids = [
        attributes.get("r:id", "")
        for what, tag, attributes in events(archive, PRESENTATION)
        if what == "start" and tag == "sldId"
    ]
    return [listed[one] for one in ids if listed.get(one) in members(archive)][:_MOST]


def _read_slide(page: OfficePage, name: str) -> None:
    listed = relations(page.archive, name)
    inside: list[str] = []
    marks: set[str] = set()
    title = speaks = in_table = False
    unseen = depth = 0
    described = address = ""
    for what, tag, attributes in events(page.archive, name):
        if what == "start" and tag == "sld":
            if attributes.get("show") == "0":
                return
            page.list_level(0)
            page.tag("<section>\n")
        elif what == "start" and (unseen or tag == "Fallback"):
            unseen += 1
        elif what == "end" and unseen:
            unseen -= 1
        elif unseen:
            continue
        elif what == "text":
            if speaks:
                shown = page.words(tag, marks)
                inside.append(page.link(address, shown) if address else shown)
        elif what == "start":
            speaks = tag == "t"
            if tag in {"sp", "pic", "graphicFrame"}:
                title = False
            elif tag == "cNvPr":
                described = attributes.get("descr", "")
            elif tag == "ph":
                title = attributes.get("type") in {"title", "ctrTitle"}
            elif tag == "pPr":
                level = attributes.get("lvl", "0")
                depth = int(level) if level.isdecimal() else 0
            elif tag == "r":
                marks, address = set(), ""
            elif tag == "rPr":
                marks = {
                    mark
                    for key, mark in (("b", "bold"), ("i", "italic"))
                    if attributes.get(key) in {"1", "true"}
                }
            elif tag == "hlinkClick":
                address = listed.get(attributes.get("r:id", ""), "")
            elif tag == "br":
                inside.append("<br>")
            elif tag == "blip":
                page.block("p", page.picture(listed.get(attributes.get("r:embed", ""), ""), described))
            elif tag in {"tbl", "tr", "tc"}:
                in_table = True
                page.list_level(0)
                page.tag({"tbl": "<table>\n", "tr": "<tr>", "tc": "<td>"}[tag])
        else:
            speaks = False
            if tag == "p":
                shown = "".join(inside)
                if title:
                    page.title = page.title or shown
                    page.block("h2", shown)
                elif in_table or depth == 0:
                    page.block("p", shown)
                else:
                    page.item(shown, depth)
                inside, depth = [], 0
            elif tag in {"tbl", "tr", "tc"}:
                in_table = tag != "tbl"
                page.list_level(0)
                page.tag({"tbl": "</table>\n", "tr": "</tr>\n", "tc": "</td>"}[tag])
    page.list_level(0)
    page.tag("</section>\n<hr>\n")
