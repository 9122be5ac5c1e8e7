"""Every page of a site of one language, each with its place, from the home page to the last part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

from edubox.pages import classroom, render, shelves
from edubox.pages.addresses import HOME, Place
from edubox.pages.model import Card, Frame, Lesson
from edubox.pages.takehome.booklet import booklet

#: Pages that are the same for all lessons. What is kept, and how to come to one's class, is not at home what it is at school.
_PLAIN: dict[str, Callable[[Frame], str]] = {
    "data": partial(render.data, box=False), "device": render.device, "accessibility": render.accessibility,
    "class": classroom.no_code_page, "report": classroom.report_page,
}  # fmt: skip


def pages(
    frame: Frame, cards: Sequence[Card], lesson_at: Callable[[str], Lesson | None], trees: Path
) -> Iterator[tuple[Place, str]]:
    """Place and text of every page around *cards*, which come newest first; *lesson_at* knows the lessons, *trees* has
    the folder of each version's files.
    """
    yield HOME, render.home(frame, cards)
    yield Place("search"), render.search(frame, "", [])
    for kind, page in _PLAIN.items():
        yield Place(kind), page(frame)
    yield from _lists(frame, cards)
    for card in cards:
        lesson = lesson_at(card.address)
        if lesson is None:
            continue
        yield Place("lesson", address=card.address), render.lesson(frame, lesson)
        yield Place("booklet", address=card.address), booklet(frame, lesson, trees / lesson.manifest)
        for part in lesson.openable():
            text = render.part(frame, lesson, part.number)
            if text is not None:
                yield Place("part", address=card.address, part=part.number), text


def _lists(frame: Frame, cards: Sequence[Card]) -> Iterator[tuple[Place, str]]:
    """The list of all lessons, and that of every level and subject that has any, each with what it offers."""
    for level in ("", *(one.id for one in frame.country.levels)):
        for subject in ("", *(one.id for one in frame.country.subjects)):
            shown = shelves.of_topics(cards, Place("lessons", level, subject))
            if not shown and (level or subject):
                continue
            offered = shelves.traits(shown)
            chosen = [(trait, value) for trait, values in offered.items() for value, _ in values]
            for trait, value in (("", ""), shelves.PICTURES, *chosen):
                yield from _turned(frame, cards, Place("lessons", level, subject, trait=trait, value=value))


def _turned(frame: Frame, cards: Sequence[Card], first: Place) -> Iterator[tuple[Place, str]]:
    """The list at *first*, page after page."""
    for number in count(1):
        place = replace(first, page=number)
        text = render.lessons(frame, place, cards)
        if text is None:
            return
        yield place, text
