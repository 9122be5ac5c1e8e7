"""Everything that the box has of a class, as one zip that leaves while it is made: lists, and what pupils handed in.

Lists are CSV with a mark for spreadsheets (UTF-8). A cell that a spreadsheet would take for a formula begins with an
apostrophe: pupils write first names. Files lie uncompressed, most are already; no more than a block is in memory.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from edubox.box.school import handins
from edubox.box.school.database import SchoolFile
from edubox.pages.classroom import HandIn, SchoolClass

_COPY = 256 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: A zip's own earliest day.
_EARLIEST = 315_532_800


def of_class(
    school: SchoolFile, data: Path, shown: SchoolClass, openings: dict[str, int], *, mine: bool
) -> Iterator[bytes]:
    """The zip of the class *shown*, in pieces; without *mine* nothing that pupils handed in."""

    def members() -> Iterator[tuple[str, Path | bytes, int]]:
        yield "lessons.csv", _table(
            ("order", "title", "lesson", "part", "heading", "from", "for", "group", "note", "given", "withdrawn", "openings"),
            ((number, one.title, one.lesson, one.part, one.heading, one.opens, one.due, one.party, one.note, _day(one.day),
              _day(one.withdrawn), openings.get(one.lesson, 0)) for number, one in enumerate(shown.given, 1)),
        ), 0  # fmt: skip
        yield (
            "announcements.csv",
            _table(("text", "until"), ((one.text, one.until) for one in shown.announcements)),
            0,
        )
        yield "drop-boxes.csv", _table(
            ("title", "ask", "until", "erased", "hand-ins"),
            ((one.title, one.ask, one.until, one.erase, one.count) for one in shown.dropboxes),
        ), 0  # fmt: skip
        for box in shown.dropboxes if mine else ():
            yield from _members(
                data, handins.listed(school, box), f"{handins.file_name(box.title + '.', '')}-{box.id}/"
            )

    return zipped(members())


def of_box(data: Path, listed: Sequence[HandIn]) -> Iterator[bytes]:
    """The zip of what was handed in to a drop-box, in pieces."""
    return zipped(_members(data, listed, ""))


def _members(data: Path, listed: Sequence[HandIn], folder: str) -> Iterator[tuple[str, Path | bytes, int]]:
    rows = []
    for number, one in enumerate(listed, 1):
        path = handins.path_of(data, one.id)
        name = f"{number:03d} {handins.file_name(one.name + '.', '')} - {one.file}"
        rows.append(
            (
                one.name,
                name if path else "",
                one.media,
                one.size,
                datetime.fromtimestamp(one.at, UTC).isoformat(),
            )
        )
        if path is not None:
            yield folder + name, path, one.at
    yield folder + "list.csv", _table(("first name", "file", "type", "bytes", "received (UTC)"), rows), 0


def zipped(members: Iterable[tuple[str, Path | bytes, int]]) -> Iterator[bytes]:
    """A zip of *members* (path in it, file or content, seconds since 1970), in pieces; a file that has gone is left out."""
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as made:
        for name, content, at in members:
            entry = zipfile.ZipInfo(name, datetime.fromtimestamp(max(at, _EARLIEST), UTC).timetuple()[:6])
            if isinstance(content, bytes):
                made.writestr(entry, content)
                yield out.taken()
                continue
            try:
                source = content.open("rb")
            except FileNotFoundError:
                continue  # it was taken back just now
            with source, made.open(entry, "w") as target:
                while block := source.read(_COPY):
                    target.write(block)
                    yield out.taken()
    yield out.taken()


class _Pieces(io.RawIOBase):
    """What a zip writes, to be taken away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self._held += memoryview(data)  # type: ignore[arg-type]
        return memoryview(data).nbytes  # type: ignore[arg-type]

    def taken(self) -> bytes:
        """What was written since the last time."""
        piece, self._held = bytes(self._held), bytearray()
        return piece


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    for row in rows:
        writer.writerow(
            [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row]
        )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat() if moment else ""
