"""What the routes of the pages' origin share: the lessons, the settings, the kept pages, and the frame around each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import request

from edubox.box.accounts.sessions import Sessions
from edubox.box.accounts.tries import Tries
from edubox.box.catalog import Catalogue
from edubox.box.kept import KeptPages, Rendered
from edubox.box.library import Library
from edubox.box.origins import origin
from edubox.box.school.database import SchoolFile
from edubox.box.school.openings import Openings
from edubox.box.teacher.work import Bench
from edubox.pages.country import Country
from edubox.pages.model import Frame
from edubox.pages.player import players
from edubox.pages.stylesheet import stylesheet
from edubox.pages.words import offered, preferred


class Site:
    """The pages of the data folder *data*."""

    def __init__(self, data: Path, settings: dict[str, Any]) -> None:
        self.data = data
        self.library, self._catalogue = Library(data), Catalogue(data)
        self.school = SchoolFile(data)
        self.openings = Openings(self.school)
        self.bench = Bench()
        self.sessions, self.tries = Sessions(), Tries()
        self.settings = settings
        self._players = players(settings["players"])
        self.languages: tuple[str, ...] = tuple(settings["languages"]) or ("en",)
        self.kept = KeptPages()
        self._styles: dict[int, tuple[Country, str, str]] = {}

    def style(self, changes: int) -> tuple[Country, str, str]:
        """The country, the stylesheet and its address, as of *changes*."""
        known = self._styles.get(changes)
        if known is None:
            country = self.library.country()
            text = stylesheet(country)
            known = (country, text, f"/style-{hashlib.sha256(text.encode()).hexdigest()[:12]}.css")
            self._styles = {changes: known}
        return known

    def any_style(self) -> tuple[Country, str, str]:
        """The style as of now, or the last one, or a plain one: an error page needs it most of all."""
        try:
            return self.style(self.library.changes())
        except Exception:  # noqa: BLE001 - whatever broke the page may break this as well
            return next(iter(self._styles.values()), (Country(), stylesheet(Country()), "/style.css"))

    def frame(self, language: str, where: str, changes: int) -> Frame:
        """What surrounds a page of *language* for a reader who came to the host *where*."""
        country, _, address = self.style(changes)
        lesson_origin = origin("http", where, self.settings["lesson_port"])
        named = where == self.settings["school_domain"]
        return Frame(
            self.settings["name"], offered(self.languages, country.tongues), language, country, lesson_origin, address, self._catalogue.stale_days(),
            self.settings["class_size"], self.settings["air_kbit"], players=self._players, desk="/bureau/", own_names=named,
        )  # fmt: skip

    def preview_frame(self, language: str, where: str, begin: str) -> Frame:
        """What surrounds a page of a draft's preview, whose addresses begin with *begin* on both origins."""
        frame = self.frame(language, where, self.library.changes())
        return replace(frame, lesson_origin=frame.lesson_origin + begin, squares=False, preview=begin)

    def page(self, frame: Frame, key: tuple[Hashable, ...], make: Callable[[], Rendered]) -> Rendered:
        """The page kept for *key*; else the one that *make* gives.

        The addresses of lessons' files stand in a page, so each is kept once for every name by which the box is reached.
        """
        return self.kept.get((frame.lesson_origin, *key), make)

    def bare_frame(self, language: str) -> Frame:
        """A frame that works without a database."""
        country, _, address = self.any_style()
        bare = Country(tongues=country.tongues)
        return Frame(self.settings["name"], self.languages, language, bare, "", address)

    def spoken(self) -> str:
        """The language of somebody whose address names none."""
        first = request.path.split("/")[1]
        accepted = request.headers.get("Accept-Language", "")
        return first if first in self.languages else preferred(accepted, self.languages)
