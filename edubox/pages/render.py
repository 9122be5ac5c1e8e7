"""Data in, HTML out: one function a page.

Every function takes the ``Frame`` that surrounds all pages and what this page shows, and returns the whole page as
text. Templates escape whatever they are given; nothing here believes a lesson's title or a query.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edubox.pages import amounts, covers, icons
from edubox.pages.addresses import HOME, Place, path, search_path
from edubox.pages.assets import asset
from edubox.pages.country import Topic
from edubox.pages.kinds import FRAME_RIGHTS, subtitle_language, view
from edubox.pages.model import Card, Frame, Hit, Lesson
from edubox.pages.weights import weigh
from edubox.pages.words import direction, language_name, primary, translations
from edubox.trust.clock import staleness

TEMPLATES = Path(__file__).parent / "templates"
#: Lessons on the home page and on one page of a list: a list of a phone's patience.
NEWEST, A_PAGE = 6, 24


def home(frame: Frame, cards: Sequence[Card]) -> str:
    """The first page; *cards* are all lessons, newest first."""
    newest = _own_language_first(frame, cards)[:NEWEST]
    return fill(
        frame, "home.html", HOME, newest=newest, total=len(cards), shelves=_shelves(frame, cards),
        elsewhere=bool(cards) and not any(_own(frame, card) for card in cards),
    )  # fmt: skip


def first_start(frame: Frame) -> str:
    """The first page of a box that has never been given anything."""
    return fill(frame, "first_start.html", HOME)


def lessons(frame: Frame, place: Place, cards: Sequence[Card]) -> str | None:
    """A list of lessons, of *place*'s level and subject; None if there is no such level, subject or page.

    *cards* are all lessons, newest first.
    """
    level, subject = frame.country.level(place.level), frame.country.subject(place.subject)
    if (place.level and level is None) or (place.subject and subject is None):
        return None
    of_level = [card for card in cards if not level or level.id in card.levels]
    of_subject = [card for card in cards if not subject or subject.id in card.subjects]
    shown = _own_language_first(
        frame, [card for card in of_level if not subject or subject.id in card.subjects]
    )
    pages = max(-(-len(shown) // A_PAGE), 1)
    if place.page > pages:
        return None
    return fill(
        frame, "lessons.html", place, level=level, subject=subject, total=len(shown), pages=pages,
        cards=shown[(place.page - 1) * A_PAGE : place.page * A_PAGE],
        levels=_shelves(frame, of_subject)["levels"], subjects=_shelves(frame, of_level)["subjects"],
        elsewhere=bool(shown) and not any(_own(frame, card) for card in shown),
    )  # fmt: skip


def lesson(frame: Frame, shown: Lesson) -> str:
    """A lesson's own page."""
    return fill(
        frame, "lesson.html", Place("lesson", address=shown.card.address), lesson=shown, card=shown.card,
        weight=weigh(shown, frame.class_size, frame.air_kbit),
    )  # fmt: skip


def part(frame: Frame, shown: Lesson, number: int, file: str = "") -> str | None:
    """One part of a lesson, opened; None if it has no part *number*.

    *file* is another page inside the part to begin with (an answer of the search), which the caller has checked.
    """
    openable = shown.openable()
    if not 1 <= number <= len(openable):
        return None
    opened = openable[number - 1]
    return fill(
        frame, "part.html", Place("part", address=shown.card.address, part=number), lesson=shown, card=shown.card,
        part=opened, view=view(opened), source=_file(frame, shown.manifest, file or opened.path), count=len(openable),
        rights=FRAME_RIGHTS,
    )  # fmt: skip


def search(frame: Frame, query: str, hits: Sequence[Hit]) -> str:
    """The answers to *query*."""
    return fill(frame, "search.html", Place("search"), query=query, hits=hits)


def data(frame: Frame) -> str:
    """What is kept about readers, how long and by whom."""
    return fill(frame, "data.html", Place("data"))


def missing(frame: Frame) -> str:
    """There is no such page."""
    return fill(frame, "missing.html", HOME)


def failed(frame: Frame) -> str:
    """Something broke; needs nothing but the frame."""
    return fill(frame, "failed.html", HOME)


def fill(frame: Frame, template: str, place: Place, **shown: Any) -> str:
    """The page that *template* makes of what is *shown* inside *frame*, at *place*."""
    language = frame.language
    words = translations(language)

    def topic_of(card: Card) -> Topic | None:
        return next((found for ident in card.subjects if (found := frame.country.subject(ident))), None)

    def colour_class(topic: Topic | None) -> str:
        return f"s{frame.country.subjects.index(topic)}" if topic in frame.country.subjects else "s-none"

    def levels_of(card: Card) -> list[Topic]:
        # In the order of school, whatever order its author named them in.
        return [one for one in frame.country.levels if one.id in card.levels]

    return _environment(language).get_template(template).render(
        frame=frame, place=place, query=shown.pop("query", ""), staleness=staleness(frame.stale_days),
        at=lambda where: path(where, language), also=[(one, path(place, one)) for one in frame.languages if one != language],
        topic_of=topic_of, brief=lambda levels: ", ".join(one.brief(language) for one in levels), colour_class=colour_class, levels_of=levels_of,
        size=lambda count: amounts.size(count, words), duration=lambda value: amounts.duration(value, words),
        wait=lambda minutes: amounts.about(60 * minutes, words),
        day=lambda moment: amounts.day(moment, words),
        file=lambda manifest, name: _file(frame, manifest, name), **shown,
    )  # fmt: skip


def piece(template: str, spoken: str, **shown: Any) -> str:
    """What *template* makes of what is *shown*, in the language *spoken*, without a frame around it."""
    return _environment(spoken).get_template(template).render(**shown)


def words_of(template: str, language: str) -> Any:
    """The sentences that *template* sets, as attributes."""
    return _environment(language).get_template(template).module


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"], auto_reload=False,
    )  # fmt: skip
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {
        "Place": Place, "HOME": HOME, "asset": lambda name: asset(name).address, "icon": icons.icon, "cover": covers.cover, "direction": direction,
        "language_name": language_name, "search_path": search_path, "of_part": icons.OF_PART,
        "primary": primary, "view_of": view, "subtitle_language": subtitle_language,
    }  # fmt: skip
    return environment


def _shelves(frame: Frame, cards: Sequence[Card]) -> dict[str, list[tuple[Topic, int]]]:
    """Levels and subjects that have lessons, with how many."""
    levels = Counter(ident for card in cards for ident in set(card.levels))
    subjects = Counter(ident for card in cards for ident in set(card.subjects))
    return {
        "levels": [(one, levels[one.id]) for one in frame.country.levels if levels[one.id]],
        "subjects": [(one, subjects[one.id]) for one in frame.country.subjects if subjects[one.id]],
    }


def _own_language_first(frame: Frame, cards: Sequence[Card]) -> list[Card]:
    return sorted(cards, key=lambda card: not _own(frame, card))


def _own(frame: Frame, card: Card) -> bool:
    return primary(card.language) == frame.language


def _file(frame: Frame, manifest: str, name: str) -> str:
    """The address of a lesson's file."""
    return f"{frame.lesson_origin}/c/{manifest}/{quote(name)}"
