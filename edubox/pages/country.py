"""The country file as pages use it: names, order and colours of levels and subjects.

It was verified before it was kept, yet it is read with care: a field that is missing or odd costs its own line,
never the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from edubox.errors import EduboxError
from edubox.pack import canonical
from edubox.pack.names import check_part
from edubox.pages.tongues import Tongue, tongues

#: A colour for subjects that name none, a calm slate.
PLAIN = "#4b6478"
_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Topic:
    """A level, a subject or a kind of publishers. *names* and *short* are by language; colour and icon belong to subjects."""

    id: str
    names: dict[str, str]
    short: dict[str, str] = field(default_factory=dict)
    colour: str = PLAIN
    icon: str = "book"

    def name(self, language: str) -> str:
        """Its name for readers of *language*, or in another language rather than none."""
        return _in(self.names, language) or self.id

    def brief(self, language: str) -> str:
        """A name for narrow places."""
        return _in(self.short, language) or self.name(language)


@dataclass(frozen=True, slots=True)
class Year:
    """A school year: its first and its last day."""

    begins: date
    ends: date


@dataclass(frozen=True)
class Country:
    """Levels and subjects in the order in which the country teaches them; *id* is empty if nobody said it."""

    levels: tuple[Topic, ...] = ()
    subjects: tuple[Topic, ...] = ()
    id: str = ""
    #: The languages that it brings words for.
    tongues: dict[str, Tongue] = field(default_factory=dict)
    #: The school years that it names.
    years: tuple[Year, ...] = ()
    #: The kinds of its publishers, which its file calls tiers.
    kinds: tuple[Topic, ...] = ()

    def level(self, ident: str) -> Topic | None:
        """The level called *ident*."""
        return next((one for one in self.levels if one.id == ident), None)

    def subject(self, ident: str) -> Topic | None:
        """The subject called *ident*."""
        return next((one for one in self.subjects if one.id == ident), None)


@lru_cache(maxsize=2)  # asked for whenever a lesson comes, while a country file changes once a year
def parse(data: bytes) -> Country:
    """Read a country file; one that cannot be read at all is a country without levels and subjects."""
    try:
        value = canonical.read(data, what="the country file")
    except EduboxError:
        return Country()
    languages = value.get("languages")
    first = languages[0] if isinstance(languages, list) and languages else ""
    own = first if isinstance(first, str) and _LANGUAGE.match(first) else ""
    return Country(
        _topics(value.get("level"), own), _topics(value.get("subject"), own), _part(value.get("id")),
        tongues(value.get("words"), own or "en"), _years(value.get("year")), _topics(value.get("tier"), own),
    )  # fmt: skip


def _years(entries: Any) -> tuple[Year, ...]:
    found = []
    for entry in entries if isinstance(entries, list) else []:
        try:
            year = Year(date.fromisoformat(entry["begins"]), date.fromisoformat(entry["ends"]))
        except (ValueError, KeyError, TypeError):
            continue
        if year.begins < year.ends:
            found.append(year)
    return tuple(found)


def _part(value: Any) -> str:
    try:
        return check_part(value) if isinstance(value, str) else ""
    except EduboxError:
        return ""


def _topics(entries: Any, own: str) -> tuple[Topic, ...]:
    found: dict[str, Topic] = {}
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            continue
        try:
            ident = check_part(entry["id"])
        except EduboxError:
            continue  # its pages would have no address
        colour, icon = entry.get("colour"), entry.get("icon")
        found.setdefault(ident, Topic(
            ident, _names(entry.get("name"), own), _names(entry.get("short"), own),
            colour.lower() if isinstance(colour, str) and _COLOUR.match(colour.lower()) else PLAIN,
            icon if isinstance(icon, str) else "book",
        ))  # fmt: skip
    return tuple(found.values())


def _names(value: Any, own: str) -> dict[str, str]:
    """Texts by language; under "" the one for all others, which is the country's *own*."""
    pairs = value.items() if isinstance(value, dict) else [("", value)]
    found = {str(language): text[:_LONGEST] for language, text in pairs if isinstance(text, str) and text}
    return {"": found[own], **found} if own in found else found


def _in(names: dict[str, str], language: str) -> str:
    for key in (language, "", "en"):
        if key in names:
            return names[key]
    return next(iter(names.values()), "")
