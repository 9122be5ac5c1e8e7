"""Courses that other platforms export (Moodle, Common Cartridge): a tree of texts, quizzes and files becomes one group of parts.

Their readers (``moodle``, ``cartridge``) make a ``Course``. ``lay_out`` puts what it holds into the lesson, below
``<name>.d``; its files are then read by the importer of their kind, as if a teacher had given them one by one. ``finish``,
once the language is known, writes the pages around its texts and quizzes and gathers everything under the one document
that the teacher gave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from edubox.importers import html, quiz
from edubox.importers.contents import item_of
from edubox.importers.gift import Question
from edubox.importers.notices import Detail, Notice
from edubox.importers.pictures import lighten
from edubox.importers.rendering import clean, page
from edubox.importers.workshop import Imported, Workshop
from edubox.pack.manifest import Item
from edubox.pack.opening import Found
from edubox.pack.text import decode

#: Entries of one course, its headings among them.
MAX_ENTRIES = 5000
#: Left-out activities that a warning names.
_NAMED = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a course's contents: a heading, or what opens under *name*, a path inside the course.

    What opens is a text (*body*, HTML that is not clean yet), a quiz of *questions*, or a *file*.
    """

    title: str
    name: str = ""
    body: str = ""
    questions: tuple[Question, ...] = ()
    file: Found | None = None
    entries: tuple[Entry, ...] = ()

    def walk(self) -> Iterator[Entry]:
        """This entry and all below it, in reading order."""
        yield self
        for one in self.entries:
            yield from one.walk()


@dataclass(slots=True)
class Course:
    """A course from the file *path* of the lesson. *files* are what its texts show, by their names inside.

    *paths* are filled by ``lay_out``: name inside → path in the lesson. *notices* are for its author once it is taken.
    """

    path: str
    title: str
    entries: tuple[Entry, ...]
    files: dict[str, Found]
    language: str | None = None
    licence: str | None = None
    notices: list[Notice] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)

    def openable(self) -> list[Entry]:
        """The entries that open something."""
        return [entry for top in self.entries for entry in top.walk() if entry.name]

    def documents(self) -> list[str]:
        """Paths in the lesson of the files that the contents name, for the importers of their kinds."""
        return list(dict.fromkeys(self.paths[entry.name] for entry in self.openable() if entry.file))


def lay_out(course: Course, workshop: Workshop) -> None:
    """Put what *course* holds into the lesson. Raises UnsafePath or Bomb; then nothing is added."""
    made = {entry.name: entry.file or workshop.write(entry.body.encode()) for entry in course.openable()}
    course.paths = workshop.place(course.path, course.files | made)
    for notice in course.notices:
        workshop.warn(notice)


def finish(course: Course, parts: dict[str, Imported], workshop: Workshop) -> None:
    """Write the pages of *course*, and let its one entry in *parts* stand for all that its files became there."""
    texts = {course.paths[entry.name]: entry for entry in course.openable() if entry.file is None}
    for path, entry in texts.items():
        parts[path] = _quiz(path, entry, workshop) if entry.questions else _page(path, entry, workshop)
    items = tuple(_item(entry, course, parts) for entry in course.entries)
    own = [parts.pop(path) for path in dict.fromkeys([*texts, *course.documents()])]
    first = next(one for item in items for one in item.walk() if one.entry is not None)
    parts[course.path] = Imported(
        "html", str(first.entry), course.title, course.language, items=items, licence=course.licence,
        libs=tuple(sorted({lib for part in own for lib in part.libs})),
        cover=next((part.cover for part in own if part.cover), None),
    )  # fmt: skip


def some(names: list[Notice]) -> Detail:
    """The first of *names* as a detail of a notice, and how many more there are."""
    more = len(names) - _NAMED
    return Notice("%(names)s and %(number)s more", names=names[:_NAMED], number=more) if more > 0 else names


def _item(entry: Entry, course: Course, parts: dict[str, Imported]) -> Item:
    below = tuple(_item(one, course, parts) for one in entry.entries)
    if not entry.name:
        return Item(entry.title, items=below)
    return item_of(parts[course.paths[entry.name]], entry.title, below)


def _page(path: str, entry: Entry, workshop: Workshop) -> Imported:
    """The page around the text of *entry*, which lies at *path* as it came."""
    raw = decode(workshop.data(path, html.LOOK), cut=True)
    found = html.scan(raw)
    uses, leads_to, links = html.follow(path, found, workshop, rewritten=True)
    heading = "" if "<h1" in raw.lower() else f"<h1>{escape(entry.title)}</h1>\n"
    body = lighten(clean(raw, path, workshop), path, workshop)
    workshop.make(path, page(entry.title, workshop.language, f"{heading}{body}\n"))
    return Imported("html", path, entry.title, links=links, uses=uses, leads_to=leads_to)


def _quiz(path: str, entry: Entry, workshop: Workshop) -> Imported:
    workshop.make(path, quiz.quiz_page(path, entry.title, list(entry.questions), workshop))
    return Imported("quiz", path, entry.title)
