"""Which lessons stand together: by level, subject, kind, length and language, and which of them are new.

Lists in, lists out; nothing here asks a clock, since a box may have none and a static site is written once. What is
*new* is new beside the newest: the week that ends with the last lesson to arrive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from edubox.pages.addresses import Place
from edubox.pages.amounts import minutes
from edubox.pages.country import Topic
from edubox.pages.finding import folded
from edubox.pages.kinds import KINDS
from edubox.pages.model import Card, Frame
from edubox.pages.words import primary

#: Lessons on one page of a list: a phone's patience.
A_PAGE = 24
#: Lessons from which a list offers more than its level and subject; fewer are seen at a glance.
MANY = 9
#: Length → minutes up to which it reaches.
LENGTHS = {"short": 20, "medium": 60, "long": 1_000_000}
#: The trait of a list for those who cannot read yet: every list has it.
PICTURES = ("look", "pictures")
_WEEK = 7 * 86_400
#: Trait → its values with how many lessons have each.
Offered = dict[str, list[tuple[str, int]]]


def of_topics(cards: Sequence[Card], place: Place) -> list[Card]:
    """Those of *place*'s level and subject."""
    return [
        card for card in cards
        if (not place.level or place.level in card.levels) and (not place.subject or place.subject in card.subjects)
    ]  # fmt: skip


def of_trait(cards: Sequence[Card], trait: str, value: str, offered: Offered) -> list[Card] | None:
    """Those with *trait*, in its order; None if that is not *offered* for these cards."""
    if not trait or (trait, value) == PICTURES:
        return list(cards)
    if value not in dict(offered.get(trait, [])):
        return None
    if trait == "order":
        return sorted(cards, key=lambda card: (" ".join(folded(card.title)), card.address))
    return [card for card in cards if value in _values(card, trait)]


def traits(cards: Sequence[Card]) -> Offered:
    """What a list of *cards* offers; nothing for few cards, and no trait that parts nobody from anybody."""
    if len(cards) < MANY:
        return {}
    found: Offered = {}
    orders: dict[str, list[str]] = {"kind": list(KINDS), "length": list(LENGTHS), "spoken": []}
    for trait, order in orders.items():
        counts = Counter(value for card in cards for value in _values(card, trait))
        values = [(one, counts[one]) for one in order or sorted(counts) if 0 < counts[one] < len(cards)]
        if values:
            found[trait] = values
    return found | {"order": [("title", len(cards))]}


def topics(frame: Frame, cards: Sequence[Card]) -> dict[str, list[tuple[Topic, int]]]:
    """Levels and subjects that have lessons, with how many, in the order of school."""
    levels = Counter(ident for card in cards for ident in set(card.levels))
    subjects = Counter(ident for card in cards for ident in set(card.subjects))
    return {
        "levels": [(one, levels[one.id]) for one in frame.country.levels if levels[one.id]],
        "subjects": [(one, subjects[one.id]) for one in frame.country.subjects if subjects[one.id]],
    }


def newest_week(cards: Sequence[Card]) -> list[Card]:
    """Those that arrived in the week of the newest; none when that is all of them, which are not news to anybody."""
    last = max((card.added for card in cards), default=0)
    new = [card for card in cards if card.added > last - _WEEK]
    return new if len(new) < len(cards) else []


def own_language_first(frame: Frame, cards: Sequence[Card]) -> list[Card]:
    """*cards* in their order, those in the reader's language first."""
    return sorted(cards, key=lambda card: not is_own(frame, card))


def is_own(frame: Frame, card: Card) -> bool:
    """Whether *card*'s lesson is in the language of the page."""
    return primary(card.language) == frame.language


def _values(card: Card, trait: str) -> tuple[str, ...]:
    if trait == "kind":
        return card.kinds
    if trait == "spoken":
        return (primary(card.language),)
    length = minutes(card.duration)
    return (next(name for name, most in LENGTHS.items() if length <= most),) if length else ()
