"""What the routes of the pages' origin share: the lessons, the settings, the kept pages, and the frame around each."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import request

from edubox.box.catalog import Catalogue
from edubox.box.kept import KeptPages
from edubox.box.library import Library
from edubox.box.origins import origin
from edubox.pages.country import Country
from edubox.pages.model import Frame
from edubox.pages.stylesheet import stylesheet
from edubox.pages.words import preferred


class Site:
    """The pages of the data folder *data*."""

    def __init__(self, data: Path, settings: dict[str, Any]) -> None:
        self.data = data
        self.library, self._catalogue = Library(data), Catalogue(data)
        self.settings = settings
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
        lesson_origin = origin(request.scheme, where, self.settings["lesson_port"])
        return Frame(
            self.settings["name"], self.languages, language, country, lesson_origin, address, self._catalogue.stale_days(),
            self.settings["class_size"], self.settings["air_kbit"],
        )  # fmt: skip

    def bare_frame(self, language: str) -> Frame:
        """A frame that works without a database."""
        return Frame(self.settings["name"], self.languages, language, Country(), "", self.any_style()[2])

    def spoken(self) -> str:
        """The language of somebody whose address names none."""
        first = request.path.split("/")[1]
        accepted = request.headers.get("Accept-Language", "")
        return first if first in self.languages else preferred(accepted, self.languages)
