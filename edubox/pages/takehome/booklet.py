"""A lesson on paper, or those that a class takes along: all of their texts, and beside each part a square that leads a phone's camera to it.

What cannot be printed (films, recordings, exercises that need a player) is its title, its square and its weight.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from markupsafe import Markup

from edubox.pack.text import decode
from edubox.pages import render
from edubox.pages.addresses import Place
from edubox.pages.kinds import view
from edubox.pages.model import Frame, Lesson, Part
from edubox.pages.takehome.inline import inside
from edubox.pages.takehome.plain import plain

#: Characters of a whole booklet, some four hundred pages of paper; bytes of one page of the lesson that are read, and of all:
#: this is done while a reader waits, and pages may be large and say little.
MOST, MOST_PAGE, MOST_READ = 1_000_000, 1_000_000, 6_000_000


def booklet(frame: Frame, lesson: Lesson, tree: Path) -> str:
    """The page to print of *lesson*, whose files are in *tree*."""
    room = _Room()
    return render.fill(
        frame, "booklet.html", Place("booklet", address=lesson.card.address), title=lesson.card.title, back=Place("lesson", address=lesson.card.address),
        printed=[(lesson, room.texts(frame, lesson, tree))], cut=room.is_used_up(),
    )  # fmt: skip


def class_booklet(frame: Frame, code: str, name: str, lessons: Iterable[Lesson], trees: Path) -> str:
    """The page to print of *lessons*, for the class with this *code* and *name*; *trees* has the folder of each version's files.

    Together they have the room of one: what is left out leads to its page.
    """
    room = _Room()
    printed = [(lesson, room.texts(frame, lesson, trees / lesson.manifest)) for lesson in lessons]
    return render.fill(
        frame, "booklet.html", Place("booklet", code=code), title=name, back=Place("week", code=code), printed=printed,
        cut=room.is_used_up(),
    )  # fmt: skip


class _Room:
    """What is left of the characters of a booklet, and of the bytes that are read for it."""

    def __init__(self) -> None:
        self._characters, self._bytes = MOST, MOST_READ

    def is_used_up(self) -> bool:
        """Whether something is left out."""
        return self._characters <= 0 or self._bytes <= 0

    def texts(self, frame: Frame, lesson: Lesson, tree: Path) -> dict[int, Markup]:
        """The texts of the parts of *lesson* that are pages, by their number."""
        found = {}
        for part in lesson.openable():
            if not self.is_used_up() and view(part) == "page":
                found[part.number] = _text(frame, lesson, part, tree, self._characters)
                self._characters -= len(found[part.number])
                self._bytes -= min(part.size, MOST_PAGE)
        return found


def _text(frame: Frame, lesson: Lesson, part: Part, tree: Path, room: int) -> Markup:
    def picture(value: str) -> str | None:
        found = inside(value, part.path)
        known = found is not None and (tree / found).is_file()
        return render.file_address(frame, lesson.manifest, found) if found and known else None

    try:
        with (tree / part.path).open("rb") as handle:
            text = decode(handle.read(MOST_PAGE), page=True)
    except OSError:
        return Markup()  # still on its way
    if part.media_type == "text/plain":
        return Markup("<pre>{}</pre>").format(text[:room])
    return plain(text, picture, room)
