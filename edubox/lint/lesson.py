"""A built lesson as checks see it: its manifest, its files, and its texts page by page.

Reading ends after READ bytes: a whole encyclopedia is no worksheet, and its teacher waits for the preview.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from edubox.importers.notices import Notice
from edubox.pack.manifest import Manifest
from edubox.pack.text import decode
from edubox.pages.contents import parts
from edubox.pages.passages import LOOK, page_text, texts

#: Bytes of texts, and of web pages, that are read of one lesson.
READ = 16 * 1024 * 1024
#: A row of a table is one line: whose mark it is must stay beside the mark.
_CELL = re.compile(r"</?t[dh]\b[^>]*>", re.IGNORECASE)
_PAGES = ("text/html", "application/xhtml+xml")
#: Files to download that anybody reads without a program of its own: class lists come as such.
_PLAIN = ("text/csv", "text/tab-separated-values", "text/plain")


@dataclass(frozen=True, slots=True)
class Said:
    """Text of a lesson. *where* is how its author finds it."""

    where: str
    text: str


@dataclass(frozen=True)
class Built:
    """The lesson of *manifest*, whose files lie in *tree*; *pupils* open it at once and share *air* kilobits a second."""

    manifest: Manifest
    tree: Path
    pupils: int = 35
    air: int = 20_000

    def pages(self) -> Iterator[tuple[str, str, str]]:
        """The web pages of the lesson: how their author calls them, the kind of their part, and their HTML."""
        kinds = {part.path: part.type for part in parts(self.manifest) if part.number}
        left = READ
        for file in self.manifest.files:
            if file.type in _PAGES and left > 0:
                page = self._content(file.path)
                left -= len(page)
                yield self.given(file.path), kinds.get(file.path, "html"), page

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """What the lesson says, page by page where it has pages, with the rows of its tables on lines of their own."""
        return tuple(self._said())

    def given(self, path: str) -> str:
        """What the author calls the file *path*: a page that was made from a document has the document's name."""
        return self._sources.get(path, path)

    def found(self, look: Callable[[str], Iterable[str]]) -> Iterator[tuple[str, str]]:
        """Where *look* finds what in the texts, each thing once however often and in whatever form it is written."""
        known: set[str] = set()
        for said in self.said:
            for found in look(said.text):
                plain = re.sub(r"\W", "", found).lower()
                if plain not in known:
                    known.add(plain)
                    yield said.where, found

    def _said(self) -> Iterator[Said]:
        entries = {item.text: item.entry for item in self.manifest.items() if item.text and item.entry}
        read = set()
        left = READ
        for text in texts(self.manifest):
            if not text.path:
                yield Said(self.manifest.name, f"{self.manifest.name}\n{text.said}")
                continue
            if left <= 0:
                return
            read.add(text.path)
            name, body = self.given(entries.get(text.path) or text.path), self._content(text.path)
            left -= len(body)
            yield from _of_page(name, body) if text.page else _of_document(name, body)
        for file in self.manifest.files:
            if file.type in _PLAIN and file.path not in read and left > 0:
                body = self._content(file.path)
                left -= len(body)
                yield Said(self.given(file.path), body)

    @cached_property
    def _sources(self) -> dict[str, str]:
        """What documents the entries were made from, where that shows in their names."""
        made = (
            (item.entry, item.alternatives[0])
            for item in self.manifest.items()
            if item.entry and item.alternatives
        )
        return {entry: source for entry, source in made if entry.startswith(source.rpartition(".")[0])}

    def _content(self, path: str) -> str:
        try:
            with (self.tree / path).open("rb") as file:
                return decode(file.read(LOOK), page=True)
        except OSError:
            return ""


def _of_page(name: str, body: str) -> Iterator[Said]:
    yield Said(name, page_text(_CELL.sub(" ", body))[1])


def _of_document(name: str, body: str) -> Iterator[Said]:
    pages = body.split("\f")
    for number, page in enumerate(pages, 1):
        where = Notice("%(path)s, page %(page)s", path=name, page=number) if len(pages) > 1 else name
        yield Said(where, page)
