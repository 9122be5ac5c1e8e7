"""Data in, HTML out: one function a page.

Every function takes the ``Frame`` that surrounds all pages and what this page shows, and returns the whole page as
text. Templates escape whatever they are given; nothing here believes a lesson's title or a query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edubox.pages import amounts, covers, faces, icons, shelves
from edubox.pages.addresses import HOME, Place, path, preview_path, search_path
from edubox.pages.assets import asset
from edubox.pages.country import Topic
from edubox.pages.kinds import FRAME_RIGHTS, PICTURES, RIGHTS_TOGETHER, subtitle_language, view
from edubox.pages.lost import Lost
from edubox.pages.model import Card, Frame, Hit, Lesson
from edubox.pages.player import address as player_address
from edubox.pages.tongues import Tongue
from edubox.pages.weights import weigh
from edubox.pages.words import direction, language_name, primary, translations
from edubox.trust.clock import staleness

TEMPLATES = Path(__file__).parent / "templates"
#: Lessons on the home page, and how many of them show their picture: with page, style and script that is eight requests,
#: which is what a first page may cost. The others have a drawn cover, which costs none.
NEWEST, PICTURED = 6, 5


def home(frame: Frame, cards: Sequence[Card], *, arriving: bool = False) -> str:
    """The first page; *cards* are all lessons, newest first, and *arriving* tells that the first are still coming."""
    week = shelves.newest_week(cards)
    return fill(
        frame, "home.html", HOME, newest=shelves.own_language_first(frame, week or cards)[:NEWEST], week=len(week), pictured=PICTURED,
        total=len(cards), shelves=shelves.topics(frame, cards), arriving=arriving, elsewhere=_elsewhere(frame, cards),
    )  # fmt: skip


def first_start(frame: Frame, wrong: Sequence[str] = ()) -> str:
    """The first page of a box that has never been given anything; *wrong*: what is to be done about its card, in sentences."""
    return fill(frame, "first_start.html", HOME, wrong=wrong)


def lessons(frame: Frame, place: Place, cards: Sequence[Card]) -> str | None:
    """A list of lessons, of *place*'s level, subject and trait; None if there is no such one, or no such page.

    *cards* are all lessons, newest first.
    """
    level, subject = frame.country.level(place.level), frame.country.subject(place.subject)
    if (place.level and level is None) or (place.subject and subject is None):
        return None
    of_topics = shelves.of_topics(cards, place)
    offered = shelves.traits(of_topics)
    found = shelves.of_trait(of_topics, place.trait, place.value, offered)
    if found is None:
        return None
    shown = found if place.trait == "order" else shelves.own_language_first(frame, found)
    pages = max(-(-len(shown) // shelves.A_PAGE), 1)
    if place.page > pages:
        return None
    return fill(
        frame, "lessons.html", place, level=level, subject=subject, total=len(shown), pages=pages, traits=offered,
        cards=shown[(place.page - 1) * shelves.A_PAGE : place.page * shelves.A_PAGE], pictures=place.trait == "look",
        levels=shelves.topics(frame, shelves.of_topics(cards, replace(place, level="")))["levels"],
        subjects=shelves.topics(frame, shelves.of_topics(cards, replace(place, subject="")))["subjects"],
        elsewhere=_elsewhere(frame, shown),
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
    shown_as = view(opened, frame.players.present)
    source = file_address(frame, shown.manifest, file or opened.path, frame.origin_of(shown.manifest))
    return fill(
        frame, "part.html", Place("part", address=shown.card.address, part=number), lesson=shown, card=shown.card,
        part=opened, view=shown_as, source=source, count=len(openable), rights=FRAME_RIGHTS if frame.lesson_origin else RIGHTS_TOGETHER,
        player=_player(frame, shown_as, shown.manifest, opened.path, file),
    )  # fmt: skip


def search(
    frame: Frame, query: str, hits: Sequence[Hit], *, subject: Topic | None = None, meant: str = "",
    cards: Sequence[Card] = (),
) -> str:  # fmt: skip
    """The answers to *query*, of *subject* if one was chosen.

    *meant* is the query with its mistyped words put right, *cards* are all lessons where there is no answer: the page
    then offers their subjects. Without a query, the script fills the page of a static site.
    """
    lessons: dict[str, list[Hit]] = {}
    for hit in hits:
        lessons.setdefault(hit.card.address, []).append(hit)
    found = [places[0].card for places in lessons.values()]
    return fill(
        frame, "search.html", Place("search"), query=query, count=len(hits), lessons=list(lessons.values()),
        subject=subject, meant=meant, subjects=shelves.topics(frame, found)["subjects"],
        shelves=shelves.topics(frame, cards),
    )  # fmt: skip


def data(frame: Frame, *, box: bool = True) -> str:
    """What is kept about readers, how long and by whom: in a school's *box*, or on a site that has none."""
    return fill(frame, "data.html", Place("data"), box=box)


def device(frame: Frame) -> str:
    """What the reader's device remembers, to take along or to erase."""
    return fill(frame, "device.html", Place("device"), faces=faces.NAMES)


def accessibility(frame: Frame) -> str:
    """What works for readers who read with other means, what does not, and whom to ask."""
    return fill(frame, "accessibility.html", Place("accessibility"))


def missing(frame: Frame, lost: Lost | None = None) -> str:
    """There is no such page; *lost* is what is known of the lesson that was meant."""
    lost = lost or Lost()
    return fill(frame, "missing.html", HOME, lost=lost, query=lost.words)


def failed(frame: Frame) -> str:
    """Something broke; needs nothing but the frame."""
    return fill(frame, "failed.html", HOME)


def fill(frame: Frame, template: str, place: Place, **shown: Any) -> str:
    """The page that *template* makes of what is *shown* inside *frame*, at *place*."""
    language, tongues, words = frame.language, frame.country.tongues, frame.words

    def at(where: Place, spoken: str = language) -> str:
        return preview_path(where, spoken, frame.preview) if frame.preview else path(where, spoken)

    def topic_of(card: Card) -> Topic | None:
        return next((found for ident in card.subjects if (found := frame.country.subject(ident))), None)

    def colour_class(topic: Topic | None) -> str:
        return f"s{frame.country.subjects.index(topic)}" if topic in frame.country.subjects else "s-none"

    def levels_of(card: Card) -> list[Topic]:
        # In the order of school, whatever order its author named them in.
        return [one for one in frame.country.levels if one.id in card.levels]

    return _environment(language, tongues.get(language)).get_template(template).render(
        frame=frame, place=place, query=shown.pop("query", ""), staleness=staleness(frame.stale_days),
        at=at, also=[(one, at(place, one)) for one in frame.languages if one != language],
        direction=partial(direction, tongues=tongues), language_name=partial(language_name, tongues=tongues), topic_of=topic_of, brief=lambda levels: ", ".join(one.brief(language) for one in levels), colour_class=colour_class, levels_of=levels_of,
        size=lambda count: amounts.size(count, words), duration=lambda value: amounts.duration(value, words),
        wait=lambda minutes: amounts.about(60 * minutes, words),
        day=lambda moment: amounts.day(moment, words), date=lambda text: amounts.date(text, words),
        file=lambda manifest, name: file_address(frame, manifest, name),
        picture=lambda card: card.picture and file_address(frame, *card.picture.split("/", 1)), **shown,
    )  # fmt: skip


def piece(template: str, spoken: str, **shown: Any) -> str:
    """What *template* makes of what is *shown*, in the language *spoken*, without a frame around it."""
    return _environment(spoken).get_template(template).render(**shown)


def words_of(template: str, language: str, tongues: Mapping[str, Tongue] | None = None) -> Any:
    """The sentences that *template* sets, as attributes; *tongues* are the country's."""
    return _environment(language, (tongues or {}).get(language)).get_template(template).module


@lru_cache(maxsize=32)
def _environment(language: str, brought: Tongue | None = None) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"], auto_reload=False,
    )  # fmt: skip
    environment.install_gettext_translations(translations(language, brought), newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {
        "Place": Place, "HOME": HOME, "asset": lambda name: asset(name).address, "icon": icons.icon, "cover": covers.cover, "direction": direction,
        "language_name": language_name, "search_path": search_path, "of_part": icons.OF_PART,
        "primary": primary, "view_of": view, "poster_types": PICTURES, "subtitle_language": subtitle_language,
    }  # fmt: skip
    return environment


def _elsewhere(frame: Frame, cards: Sequence[Card]) -> bool:
    """Whether there are lessons, but none in the reader's language."""
    return bool(cards) and not any(shelves.is_own(frame, card) for card in cards)


def _player(frame: Frame, player: str, manifest: str, name: str, begin: str) -> str:
    """The address at which *player* shows a lesson's file, from *begin* on; empty without that player."""
    if player not in frame.players.present:
        return ""
    return player_address(frame.players.build, player, manifest, name, frame.origin_of(manifest), begin)


def file_address(frame: Frame, manifest: str, name: str, origin: str = "") -> str:
    """The address of a lesson's file, by default where pictures are shown."""
    return f"{origin or frame.lesson_origin}/c/{manifest}/{quote(name)}"
