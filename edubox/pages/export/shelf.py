"""What an export shows: a list of lessons, whole or a choice of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edubox.pages.country import Country
from edubox.pages.finding import Titles
from edubox.pages.model import Card, Lesson


class Shelf(Protocol):
    """Lessons, as a box's library keeps them."""

    def country(self) -> Country:
        """Levels and subjects."""

    def cards(self) -> list[Card]:
        """All lessons, newest first."""

    def lesson(self, address: str) -> Lesson | None:
        """The lesson at ``<authority>/<name>/<slug>``, or None."""

    def titles(self) -> list[Titles]:
        """Lessons and the titles of what can be opened in them, newest first."""


class Chosen:
    """Those lessons of *shelf* whose card is *wanted*: no page of the others, no word of them in any list."""

    def __init__(self, shelf: Shelf, wanted: Callable[[Card], bool]) -> None:
        self._shelf, self._wanted = shelf, wanted

    def country(self) -> Country:
        """See Shelf."""
        return self._shelf.country()

    def cards(self) -> list[Card]:
        """See Shelf."""
        return [card for card in self._shelf.cards() if self._wanted(card)]

    def lesson(self, address: str) -> Lesson | None:
        """See Shelf."""
        found = self._shelf.lesson(address)
        return found if found is not None and self._wanted(found.card) else None

    def titles(self) -> list[Titles]:
        """See Shelf."""
        return [one for one in self._shelf.titles() if self._wanted(one[0])]
