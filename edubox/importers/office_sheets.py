"""Excel (.xlsx): each sheet a table of what its cells show; formulas come as their last result. Hidden sheets stay out."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime, timedelta

from edubox.importers.office_archive import events, members, relations
from edubox.importers.office_page import OfficePage

WORKBOOK = "xl/workbook.xml"
_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
#: Rows and columns of a sheet that are shown, sheets of one file, characters of all its shared texts.
_MOST_ROWS, _MOST_COLUMNS, _MOST_SHEETS, _MOST_TEXT = 2000, 100, 50, 8_000_000
#: Formats of dates that every file has without naming them.
_DATES = frozenset({*range(14, 23), *range(45, 48)})
_DATE = re.compile(r"[ymd]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_CELL = re.compile(r"([A-Z]{1,3})\d+\Z")
_FIRST_DAY = datetime(1899, 12, 30, tzinfo=UTC)


def read_sheets(page: OfficePage) -> None:
    """Write the workbook of ``page.archive`` to *page*. Raises BadArchive, BadXml."""
    known = members(page.archive)
    listed = relations(page.archive, WORKBOOK)
    strings = _shared(page.archive) if _STRINGS in known else []
    dates = _date_styles(page.archive) if _STYLES in known else set()
    sheets = [
        (attributes.get("name", ""), listed.get(attributes.get("r:id", ""), ""))
        for what, tag, attributes in events(page.archive, WORKBOOK)
        if what == "start" and tag == "sheet" and attributes.get("state", "visible") == "visible"
    ]
    for name, part in [one for one in sheets if one[1] in known][:_MOST_SHEETS]:
        page.block("h2", page.words(name))
        page.tag("<table>\n")
        _read_sheet(page, part, strings, dates)
        page.tag("</table>\n")


def has_remarks(archive: zipfile.ZipFile) -> bool:
    """Whether it holds comments."""
    return any(name.startswith(("xl/comments", "xl/threadedComments/")) for name in members(archive))


def _read_sheet(page: OfficePage, part: str, strings: list[str], dates: set[int]) -> None:
    row = column = 0
    kind = style = value = ""
    cells: list[str] = []
    speaks = False
    for what, tag, attributes in events(page.archive, part):
        if what == "text":
            value += tag if speaks and len(value) < _MOST_TEXT else ""
        elif what == "start":
            speaks = tag in {"v", "t"}
            if tag == "row":
                cells = []
            elif tag == "c":
                kind, style, value = attributes.get("t", "n"), attributes.get("s", ""), ""
                place = _CELL.match(attributes.get("r", ""))
                column = _column(place[1]) if place else len(cells)
        else:
            speaks = False
            if tag == "c" and column < _MOST_COLUMNS:
                cells += [""] * (column - len(cells))
                cells.append(page.words(_shown(value, kind, style, strings, dates)))
            elif tag == "row" and any(cells):
                row += 1
                if row > _MOST_ROWS:
                    page.cut = True
                    return
                page.tag("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n")


def _shown(value: str, kind: str, style: str, strings: list[str], dates: set[int]) -> str:
    if kind == "s":
        return (
            strings[int(value)] if value.isdecimal() and len(value) < 9 and int(value) < len(strings) else ""
        )
    if kind == "b":
        return {"1": "✓", "0": "✗"}.get(value, value)
    if kind == "n" and style.isdecimal() and int(style) in dates:
        return _moment(value)
    if kind == "n":
        try:
            return f"{float(value):.12g}"
        except ValueError:
            return value
    return value


def _moment(value: str) -> str:
    try:
        moment = _FIRST_DAY + timedelta(days=float(value))
    except (ValueError, OverflowError):
        return value
    if float(value) < 1:
        return f"{moment:%H:%M}"
    return f"{moment:%Y-%m-%d}" if float(value).is_integer() else f"{moment:%Y-%m-%d %H:%M}"


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _shared(archive: zipfile.ZipFile) -> list[str]:
    strings: list[str] = []
    speaks, room = 0, _MOST_TEXT
    hidden = False
    for what, tag, _ in events(archive, _STRINGS):
        if what == "text":
            if speaks and not hidden and strings:
                strings[-1] += tag[:room]
                room -= len(tag[:room])
        elif tag == "si" and what == "start":
            strings.append("")
        elif tag == "rPh":  # how Japanese is read aloud
            hidden = what == "start"
        elif tag == "t":
            speaks = what == "start"
    return strings


def _date_styles(archive: zipfile.ZipFile) -> set[int]:
    """Numbers of the cell styles that show a number as a date."""
    formats: set[int] = set(_DATES)
    found: set[int] = set()
    number, listing = 0, False
    for what, tag, attributes in events(archive, _STYLES):
        said = attributes.get("numFmtId", "")
        known = int(said) if said.isdecimal() else -1
        if tag == "cellXfs":
            listing = what == "start"
        elif (
            what == "start"
            and tag == "numFmt"
            and _DATE.search(_QUOTED.sub("", attributes.get("formatCode", "")))
        ):
            formats.add(known)
        elif what == "start" and tag == "xf" and listing:
            if known in formats:
                found.add(number)
            number += 1
    return found
