"""The page that office files become: readers of each format say what comes, this writes HTML.

Every word is escaped here and every tag is ours, so the page is clean by construction. Pictures are taken out of the file
one at a time, lose what they say about place and author (``stripping``), and lie beside the page.
"""

from __future__ import annotations

import posixpath
import zipfile
from html import escape
from urllib.parse import quote

from edubox.importers import stripping
from edubox.importers.html import is_external
from edubox.importers.office_archive import read_part
from edubox.importers.workshop import Workshop
from edubox.pack.media_types import extension
from edubox.pack.names import printable

#: Characters, pictures of one page: a thick book has a million characters.
_MOST_TEXT, _MOST_PICTURES = 4_000_000, 1000
_SHOWN = frozenset({"png", "jpg", "jpeg", "gif", "webp"})
_MARKS = {"bold": "strong", "italic": "em", "up": "sup", "down": "sub"}


class OfficePage:
    """HTML in the making, for the document *path*; *lost* counts what cannot be shown, *cut* says that it was too long."""

    def __init__(self, path: str, archive: zipfile.ZipFile, workshop: Workshop) -> None:
        self.path, self.archive, self.workshop = path, archive, workshop
        self.shown = workshop.beside(path, ".html")
        self.lost, self.cut, self.title = 0, False, ""
        self.pictures: list[str] = []
        self.links: dict[str, None] = {}
        self._parts: list[str] = []
        self._lists: list[str] = []
        self._room = _MOST_TEXT
        self._known: dict[str, str | None] = {}

    @property
    def html(self) -> str:
        """All that was written, lists closed."""
        self.list_level(0)
        return "".join(self._parts)

    def tag(self, markup: str) -> None:
        """Add our own *markup*, nothing from outside."""
        if self._room > 0:
            self._parts.append(markup)

    def block(self, tag: str, inside: str) -> None:
        """A paragraph or heading around *inside*, which ``words``, ``link`` and ``picture`` gave; none if it is empty."""
        if inside.strip():
            self.list_level(0)
            self.tag(f"<{tag}>{inside}</{tag}>\n")

    def item(self, inside: str, level: int, *, ordered: bool = False) -> None:
        """An entry of a list at *level* (1 is the outermost)."""
        if inside.strip():
            self.list_level(min(level, 6), "ol" if ordered else "ul")
            self.tag(f"<li>{inside}</li>\n")

    def list_level(self, level: int, kind: str = "ul") -> None:
        """Open or close lists until *level* of them are open; the last one opened is of *kind*."""
        while len(self._lists) > level:
            self._parts.append(f"</{self._lists.pop()}>\n")
        while len(self._lists) < level:
            self._lists.append(kind)
            self._parts.append(f"<{kind}>\n")

    def words(self, text: str, marks: frozenset[str] | set[str] = frozenset()) -> str:
        """*text* as HTML, with *marks* of bold, italic, up and down."""
        self._room -= len(text)
        if self._room < 0:
            self.cut = True
            return ""
        shown = escape("".join(" " if letter in "\n\t\xa0" else letter for letter in text))
        shown = printable(shown)
        if text.strip():
            for mark in sorted(marks & _MARKS.keys()):
                shown = f"<{_MARKS[mark]}>{shown}</{_MARKS[mark]}>"
        return shown

    def link(self, address: str, inside: str) -> str:
        """*inside* as a link to another site; as plain words if it leads elsewhere."""
        if not is_external(address) or address.startswith("//") or len(address) > 2000 or not inside.strip():
            return inside
        self.links[address] = None
        return f'<a href="{escape(printable(address))}">{inside}</a>'

    def picture(self, name: str, description: str) -> str:
        """The picture in the member *name*, or nothing, counted as lost, if phones do not show it."""
        if name not in self._known:
            self._known[name] = self._placed(name)
        path = self._known[name]
        if path is None:
            self.lost += 1
            return ""
        start = posixpath.dirname(self.shown) or "."
        return f'<img src="{quote(posixpath.relpath(path, start))}" alt="{escape(printable(description[:500]))}">'

    def _placed(self, name: str) -> str | None:
        kind = extension(name)
        if kind not in _SHOWN or len(self.pictures) >= _MOST_PICTURES:
            return None
        data = read_part(self.archive, name)
        if data is None:
            return None
        kept = stripping.stripped(data)
        path = self.workshop.add(
            f"{self.path}.d/{len(self.pictures) + 1}.{kind}", data if kept is None else kept
        )
        self.pictures.append(path)
        return path
