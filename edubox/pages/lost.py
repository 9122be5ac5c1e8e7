"""An address that leads nowhere: what its reader may have meant, out of the address itself.

A link on a poster outlives a lesson. The same lesson may stand elsewhere (its publisher is called otherwise now), under
a similar name (a typing mistake), or not yet: it is on its way to this box.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from edubox.pages.finding import folded
from edubox.pages.model import Card

#: Lessons that are offered instead.
_OFFERED = 4
#: How alike two names are that one may be the other mistyped, of 1.
_ALIKE = 0.72
#: Letters of a word that may name a lesson; shorter ones stand in every title.
_TELLING = 4
#: Characters of an address that are looked at; a lesson's is no longer.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Lost:
    """*words* of the address to search for, the lessons *near* it, and whether the lesson is known to be *withdrawn*
    or still *coming* (then its title).
    """

    words: str = ""
    near: tuple[Card, ...] = ()
    withdrawn: bool = False
    coming: str = ""


def look(address: str, cards: Sequence[Card], *, withdrawn: bool = False, coming: str = "") -> Lost:
    """What somebody may have meant who asked for the path *address*, among *cards*."""
    steps = [step for step in unquote(address[:_LONGEST]).split("/") if step and not step.isdigit()]
    name = steps[-1] if len(steps) > 1 else ""
    wanted = folded(name.replace("-", " ").replace("_", " "))
    slugs = {card.address: card.address.rpartition("/")[2] for card in cards}
    alike = set(difflib.get_close_matches(name, set(slugs.values()), _OFFERED, _ALIKE)) if name else set()
    told = {word for word in wanted if len(word) >= _TELLING}

    def nearness(card: Card) -> tuple[bool, bool, int]:
        slug = slugs[card.address]
        return slug == name, slug in alike, len(told & {*folded(card.title), *folded(slug.replace("-", " "))})

    ranked = sorted(cards, key=nearness, reverse=True)[:_OFFERED]
    near = tuple(card for card in ranked if any(nearness(card)))
    return Lost(" ".join(wanted), near, withdrawn, coming)
