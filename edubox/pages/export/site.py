"""One site, written: pages in every language, lessons' files, players, the search's files, and what pages load."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from edubox.pack.manifest import Manifest
from edubox.pages import render
from edubox.pages.addresses import HOME, path
from edubox.pages.assets import asset
from edubox.pages.export import links
from edubox.pages.export.folder import Folder
from edubox.pages.export.places import pages
from edubox.pages.export.shelf import Shelf
from edubox.pages.finding import suggestions
from edubox.pages.fulltext import Said, fulltext, said
from edubox.pages.model import Card, Frame, Lesson
from edubox.pages.player import Players
from edubox.pages.sheet import qr
from edubox.pages.stylesheet import stylesheet
from edubox.pages.takehome import archive, one_page
from edubox.pages.takehome.zip_page import zip_page
from edubox.pages.words import language_name, offered

#: What pupils' pages load.
_LOADED = ("pupil.js", "mine.js", "pictures.svg", "booklet.css")
#: On the lessons' origin: what empties its storage, for a device that others use next.
_FORGET = "forget.html"
#: Pages that show a square for a phone's camera.
_WITH_SQUARE = {"home", "lesson", "part"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a site is written. *lessons* and *address* are origins (``https://lessons.example.org``), or empty."""

    name: str
    languages: tuple[str, ...]
    #: Where lessons' files and players are, when not on the pages' own origin.
    lessons: str = ""
    #: Where the pages will be, for squares that tell it; without it there are none.
    address: str = ""
    #: Links that work in any folder, and from a stick without a server.
    portable: bool = False
    #: Whether search engines are asked to stay away.
    noindex: bool = False
    #: Whether zips to take home are written: they take the lessons' room again.
    zips: bool = True
    #: As on the box: days since the last confirmed news, a class's size and its air.
    stale_days: int = 0
    class_size: int = 35
    air_kbit: int = 20_000
    players: Players = Players()  # noqa: RUF009 - immutable


@dataclass(frozen=True, slots=True)
class Kept:
    """Where lessons are kept: *trees* has a folder for each manifest, *manifest* reads one, *sums* a zip's sums."""

    trees: Path
    manifest: Callable[[str], Manifest | None]
    sums: Callable[[str], dict[str, int]]


def export(
    shelf: Shelf, kept: Kept, out: Folder, wishes: Wishes, step: Callable[[int, int], None], folder: str = ""
) -> int:
    """Write the site of *shelf* into *out*, below *folder* (``/<secret>``) if that is named; returns how many pages.

    *step* is told how many lessons in so many languages were begun, and of how many. Raises NoRoom.
    """
    writing = _Writing(kept, out, wishes, folder)
    cards, country = shelf.cards(), shelf.country()
    style, languages = stylesheet(country), offered(wishes.languages, country.tongues)
    frame = Frame(
        wishes.name, languages, languages[0], country, f"{wishes.lessons}{folder if wishes.lessons else ''}",
        f"/style-{hashlib.sha256(style.encode()).hexdigest()[:12]}.css", wishes.stale_days, wishes.class_size,
        wishes.air_kbit, players=wishes.players, squares=bool(wishes.address),
    )  # fmt: skip
    writing.put(frame.stylesheet, style)
    for name in _LOADED:
        writing.put(asset(name).address, asset(name).text)
    if wishes.lessons:
        writing.put(f"/{_FORGET}", asset(_FORGET).text)
    lessons = {card.address: lesson for card in cards if (lesson := shelf.lesson(card.address)) is not None}
    for lesson in lessons.values():
        writing.lesson(lesson)
    for name, file in wishes.players.files.items():
        out.link(f"{folder}/p/{wishes.players.build}/{name}".lstrip("/"), file)
    shown = {address: writing.offered(lesson) for address, lesson in lessons.items()}
    done = begun = 0
    for language in languages:
        for place, text in pages(replace(frame, language=language), cards, shown.get, kept.trees):
            writing.page(path(place, language), text, square=place.kind in _WITH_SQUARE)
            done += 1
            if place.kind == "lesson":
                begun += 1
                step(begun, len(languages) * len(lessons))
        for name, data in suggestions(shelf.titles(), language):
            out.put(f"{folder}/find/{language}/{name}".lstrip("/"), data)
    for name, data in fulltext(writing.said(lessons)):
        out.put(f"{folder}/find/text/{name}".lstrip("/"), data)
    writing.put("/404.html", writing.placed(render.missing(frame), "/404.html"))
    writing.put(
        "/index.html",
        writing.placed(_beginning(frame, "index.html" if wishes.portable else ""), "/index.html"),
    )
    if wishes.noindex and not folder:
        writing.put("/robots.txt", "User-agent: *\nDisallow: /\n")
    return done


class _Writing:
    def __init__(self, kept: Kept, out: Folder, wishes: Wishes, folder: str) -> None:
        self._kept, self._out, self._wishes, self._folder = kept, out, wishes, folder

    def put(self, address: str, text: str) -> None:
        self._out.put(f"{self._folder}{address}".lstrip("/"), text.encode())

    def page(self, address: str, text: str, *, square: bool) -> None:
        self.put(f"{address}index.html", self.placed(text, address))
        if square and self._wishes.address:
            told = qr(f"{self._wishes.address}{self._folder}{address}")
            self.put(f"{address}qr.svg", told if isinstance(told, str) else told.decode())

    def placed(self, text: str, address: str) -> str:
        """The page *text* as it works where it is written."""
        if self._folder:
            text = links.below(text, self._folder)
        return links.relative(text, f"{self._folder}{address}") if self._wishes.portable else text

    def lesson(self, lesson: Lesson) -> None:
        """A lesson's files, and what can be taken home of it."""
        tree = self._kept.trees / lesson.manifest
        self._out.tree(f"{self._folder}/c/{lesson.manifest}".lstrip("/"), tree)
        offered = self.offered(lesson)
        begin = f"{self._folder}/take/{lesson.manifest}/lesson".lstrip("/")
        page = one_page.one_page(lesson, tree) if offered.take_page else None
        if page is not None:
            self._out.assemble(f"{begin}.html", page)
        whole = None
        if offered.take_zip:
            whole = archive.archive(zip_page(lesson), tree, self._kept.sums(lesson.manifest), lesson.original)
        if whole is not None:
            self._out.assemble(f"{begin}.zip", whole)

    def offered(self, lesson: Lesson) -> Lesson:
        """*lesson* with what this site offers to take home: nothing where everything is at home already."""
        if self._wishes.portable:
            return replace(lesson, take_page=None, take_zip=None)
        return lesson if self._wishes.zips else replace(lesson, take_zip=None)

    def said(self, lessons: dict[str, Lesson]) -> Iterator[tuple[Card, Iterator[Said]]]:
        for lesson in lessons.values():
            manifest = self._kept.manifest(lesson.manifest)
            if manifest is not None:
                yield lesson.card, said(manifest, self._kept.trees / lesson.manifest)


def _beginning(frame: Frame, page: str) -> str:
    """The page at the root, which goes on to the first language; a web server may choose better."""
    languages, tongues = frame.languages, frame.country.tongues
    first = path(HOME, languages[0])
    others = " ".join(
        f'<a href="{path(HOME, one)}" lang="{one}">{escape(language_name(one, tongues))}</a>'
        for one in languages
    )
    return (
        f'<!doctype html>\n<html lang="{languages[0]}"><head><meta charset="utf-8"><title>edubox</title>\n'
        f'<link rel="alternate" href="{first}"><meta http-equiv="refresh" content="0; url={first.lstrip("/")}{page}">\n'
        f"</head><body><p>{others}</p></body></html>\n"
    )
