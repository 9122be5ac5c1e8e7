"""The lessons we ship, as a box would have them: first editions, and second ones laid over them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

CONTENT = Path(__file__).resolve().parents[2] / "content"
LESSONS, UPDATES = CONTENT / "lessons", CONTENT / "updates"
COUNTRY = CONTENT / "countries" / "france.toml"
#: Lessons without their language: each exists in French and in English.
COURSES = sorted({path.name[:-3] for path in LESSONS.iterdir() if path.is_dir()})
SLUGS = [f"{course}-{language}" for course in COURSES for language in ("fr", "en")]
EDITIONS = [(slug, edition) for slug in SLUGS for edition in (1, 2)]
#: Elements without an end tag.
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@cache
def files(slug: str, edition: int) -> dict[str, bytes]:
    """Path → bytes of one edition of a lesson."""
    found = {}
    for layer in [LESSONS, UPDATES][:edition]:
        folder = layer / slug
        found.update(
            {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            }
        )
    return found


def described(slug: str, edition: int) -> dict:
    """Its lesson.toml."""
    return tomllib.loads(files(slug, edition)["lesson.toml"].decode())


def country() -> dict:
    """The country file that its levels and subjects belong to."""
    return tomllib.loads(COUNTRY.read_text("utf-8"))


@dataclass(frozen=True)
class Element:
    """A start tag: its attributes, and the tags it stands in, outermost first."""

    tag: str
    attrs: dict[str, str]
    inside: tuple[str, ...]


class Page(HTMLParser):
    """A page taken apart; a tag that is not closed in order is noted in ``faults``."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        #: Every run of text outside scripts and styles, with the tags it stands in.
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag, attrs):
        self.elements.append(Element(tag, {key: value or "" for key, value in attrs}, tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, {key: value or "" for key, value in attrs}, tuple(self._open)))

    def handle_endtag(self, tag):
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.faults.append(f"</{tag}> at line {self.getpos()[0]} closes {self._open[-1:]}")

    def handle_data(self, data):
        if not {"script", "style"} & set(self._open):
            self.texts.append((tuple(self._open), data))

    def all(self, tag: str) -> list[Element]:
        """Every element called *tag*."""
        return [element for element in self.elements if element.tag == tag]

    def ids(self) -> list[str]:
        """Every id, in order."""
        return [element.attrs["id"] for element in self.elements if "id" in element.attrs]


@cache
def pages(slug: str, edition: int) -> dict[str, Page]:
    """Path → page of one edition of a lesson."""
    return {
        path: Page(data.decode()) for path, data in files(slug, edition).items() if path.endswith(".html")
    }
