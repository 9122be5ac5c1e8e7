"""A list of schools from somebody's spreadsheet: one row a card, looked at whole before any card is touched.

The first row names the columns, as the lines of ``edubox.toml`` are called: ``name``, ``hostname``, ``languages``,
``wifi.name`` (``wifi name`` and ``Wifi_Name`` are the same). The spreadsheet chose the letters (UTF-8, UTF-16, Windows), the
sign between cells (comma, semicolon, tab) and how it writes yes and no. An empty cell says nothing: the image's own
``edubox.toml`` counts, then the default. Every value is looked at by whoever will read it on the box, so that a card that was
written is not refused forty kilometres away.
"""

from __future__ import annotations

import csv
import dataclasses
import difflib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import BadCard, BadSchools, NotFound, UnreadableSource
from edubox.hardware.card.decoding import LARGEST, decode
from edubox.hardware.card.fields import BY_KEY, FIELDS, Field, dump
from edubox.hardware.card.request import understand
from edubox.hardware.flash import codes

#: Rows, and mistakes that are told.
MOST, MOST_TOLD = 500, 30
_SPREADSHEET_SAYS = {
    "true": True, "yes": True, "on": True, "oui": True, "vrai": True, "1": True, "x": True,
    "false": False, "no": False, "off": False, "non": False, "faux": False, "0": False,
}  # fmt: skip
#: A name that begins so would be a formula where the list of codes is opened.
_FORMULA = "=+-@"
_OWN_CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\Z")
#: ``reset`` is for a box that was in use.
_COLUMNS = {re.sub(r"[ ._-]", "", field.key): field for field in FIELDS if field.key != "reset"}


@dataclass(frozen=True, slots=True)
class School:
    """One row: its line in the list (from 1) and what it says, by key. *values* has a name always."""

    line: int
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The school's name, by which a row is known."""
        return str(self.values["name"])


@dataclass(frozen=True, slots=True)
class Schools:
    """A list: its rows, and the columns that say nothing about a card."""

    rows: tuple[School, ...]
    strange: tuple[str, ...]


def read(path: Path, base: Mapping[str, Any]) -> Schools:
    """The list in the file *path*; *base* is what the image says itself, by key.

    Raises BadSchools with every mistake, NotFound, UnreadableSource.
    """
    try:
        with path.open("rb") as handle:
            data = handle.read(LARGEST + 1)
    except FileNotFoundError:
        raise NotFound(what=f"The list {path}") from None
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None
    if len(data) > LARGEST:
        raise _refuse(path, [f"It is longer than {LARGEST // 1024} kB. Make two lists of it."])
    try:
        table = list(cells(decode(data).text))
    except BadCard as error:
        raise _refuse(path, [mistake.said("en") for mistake in error.details["mistakes"]]) from None  # type: ignore[attr-defined]
    except csv.Error as error:
        raise _refuse(
            path, [f"It is not a table that can be read ({error}). Save it as CSV UTF-8."]
        ) from None
    if not table:
        raise _refuse(path, ["It is empty."])
    columns, strange, mistakes = _columns(table[0][1])
    rows = []
    for line, row in table[1 : MOST + 1]:
        values, wrong = _row(columns, row, base)
        mistakes += [f"Line {line}: {one}" for one in wrong]
        rows.append(School(line, values))
    if len(table) > MOST + 1:
        mistakes.append(f"It has more than {MOST} schools. Make two lists of it.")
    if not rows and not mistakes:
        mistakes.append("It names no school below the first row.")
    mistakes += _twice(rows)
    if mistakes:
        raise _refuse(path, mistakes)
    return Schools(tuple(rows), strange)


def cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a spreadsheet's *text* that say anything, each with the line it begins in. Raises csv.Error."""
    lines = list(io.StringIO(text, newline=""))
    if lines and re.fullmatch(r"\"?sep=.\"?\s*", lines[0], re.IGNORECASE):
        lines[0] = "\n"  # a line for Excel, which nobody sees there
    head = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=max(";\t,", key=head.count), strict=True)
    begin = 1
    for row in reader:
        tidy = [" ".join(cell.split()) for cell in row]
        if any(tidy):
            yield begin, tidy
        begin = reader.line_num + 1


def _columns(head: list[str]) -> tuple[list[Field | None], tuple[str, ...], list[str]]:
    """What each column says; the names of those that say nothing about a card; and what is wrong with them."""
    columns: list[Field | None] = []
    strange, mistakes = [], []
    for title in head:
        plain = re.sub(r"[ ._-]", "", title.lower())
        found = _COLUMNS.get(plain)
        columns.append(found)
        if found is not None and found in columns[:-1]:
            mistakes.append(f"Line 1: there are two columns {found.key}. Delete one of the two.")
        elif found is None and (near := difflib.get_close_matches(plain, _COLUMNS, 1, 0.8)):
            mistakes.append(f"Line 1: there is no column {title[:40]!r}. Write: {_COLUMNS[near[0]].key}")
        elif found is None and title:
            strange.append(title[:40])
    if BY_KEY["name"] not in columns:
        mistakes.insert(0, "Line 1: it names the columns, and one of them must be: name")
    return columns, tuple(strange), mistakes


def _row(
    columns: list[Field | None], row: list[str], base: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """What a *row* says by key, and what is wrong with it."""
    values: dict[str, Any] = {}
    mistakes = []
    if any(row[len(columns) :]):
        mistakes.append(
            "it has more cells than there are columns. Put a text with commas between two quotes."
        )
    for field, cell in zip(columns, row, strict=False):
        if field is not None and cell:
            value = _value(field, cell)
            if value is None:
                mistakes.append(f"{field.key} cannot be {cell[:40]!r}.")
            else:
                values[field.key] = value
    name = values.setdefault("name", "")
    if not name:
        mistakes.append("the school has no name.")
    elif name[0] in _FORMULA:
        mistakes.append(f"the name of a school cannot begin with {name[0]}")
    if _OWN_CODE.match(code := values.get("code", "")) and not codes.is_ours(code):
        mistakes.append("the code has a slip in it. Copy it again, or leave the cell empty for a new one.")
    if name:
        try:
            understand(edubox_toml(base, values))
        except BadCard as error:
            told: Any = error.details["mistakes"]
            mistakes += [dataclasses.replace(one, line=0).said("en") for one in told]
    return values, mistakes


def edubox_toml(base: Mapping[str, Any], values: Mapping[str, Any]) -> bytes:
    """The ``edubox.toml`` of a card: what a school's *values* say, then what the image says itself."""
    said = dict(base) | dict(values)
    if said.get("wifi.open") is True and "wifi.password" not in values:
        said.pop(
            "wifi.password", None
        )  # the image's own password was not meant for a school with an open network
    return dump(said)


def _value(field: Field, cell: str) -> Any:
    """What *cell* says for *field*; None when it cannot be that."""
    if isinstance(field.default, bool):
        return _SPREADSHEET_SAYS.get(cell.lower())
    if isinstance(field.default, int):
        return int(cell) if re.fullmatch(r"[0-9]{1,6}", cell) else None
    if isinstance(field.default, list):
        # Names of levels have spaces in them: where there are commas, they alone part them.
        between = r"\s*[,;]\s*" if field.key == "levels" and re.search("[,;]", cell) else r"[\s,;]+"
        return [one for one in re.split(between, cell) if one]
    return cell


def _twice(rows: list[School]) -> list[str]:
    """What two schools cannot both be called: an envelope, a box on a network and an academy's list need it alone."""
    mistakes = []
    for key, advice in (("name", "Add the town."), ("hostname", ""), ("code", "")):
        seen: dict[str, int] = {}
        for school in rows:
            value = str(school.values.get(key, "")).casefold()
            if value and value in seen:
                mistakes.append(
                    f"Line {school.line}: the {key} is that of line {seen[value]} already. {advice}".strip()
                )
            seen.setdefault(value, school.line)
    return mistakes


def _refuse(path: Path, mistakes: list[str]) -> BadSchools:
    told = mistakes[:MOST_TOLD]
    if len(mistakes) > MOST_TOLD:
        told.append(f"… and {len(mistakes) - MOST_TOLD} more.")
    return BadSchools(path=path.name, list="\n".join(told))
