"""What a page shows, as plain data: the box's catalogue fills it, the templates read it.

Nothing here knows a request, a database or a clock, so that the same pages can be written out as a static
site. Times are seconds since 1970 (UTC), sizes are bytes, ``address`` is ``<authority>/<name>/<slug>``.
"""

from __future__ import annotations

from dataclasses import dataclass

from edubox.pages.country import Country


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page: whose it is, for whom, and where the lessons' own files are."""

    school: str
    #: Languages of the pages; *language* is the one of this page.
    languages: tuple[str, ...]
    language: str
    country: Country
    #: Scheme, host and port that serve ``/c/<manifest>/<path>``.
    lesson_origin: str
    #: Address of the stylesheet.
    stylesheet: str
    #: Days since the newest confirmed news ended; 0 while they are fresh.
    stale_days: int = 0
    #: A class: how many pupils open a lesson at once, and the kilobits a second that they share.
    class_size: int = 35
    air_kbit: int = 20_000


@dataclass(frozen=True, slots=True)
class Card:
    """A lesson in a list."""

    address: str
    title: str
    language: str
    description: str = ""
    levels: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    #: ISO 8601 (``PT45M``), or empty when its author did not say.
    duration: str = ""
    size: int = 0
    #: When this version was put on the box.
    added: int = 0
    #: Whether something is still on its way (its videos, say).
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to open in a lesson. *number* counts from 1 in reading order; chapters only group (number 0)."""

    number: int
    title: str
    #: One of ``edubox.pack.manifest.ITEM_TYPES``; ``chapter`` when there is nothing to open.
    type: str
    #: 0 for the lesson's first level.
    depth: int = 0
    path: str = ""
    media_type: str = ""
    size: int = 0
    #: Other forms of the same thing, path and media type: subtitles (.vtt), another format, the original.
    alternatives: tuple[tuple[str, str], ...] = ()
    #: Whether its file is on the box already.
    present: bool = True


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson's page: its card and its table of contents."""

    card: Card
    version: int
    #: The manifest's SHA-256: names the folder of its files on the lesson port.
    manifest: str
    parts: tuple[Part, ...] = ()
    authors: tuple[str, ...] = ()
    licence: str = ""
    #: Path of the file its teacher started from, to download; empty if there is none.
    original: str = ""
    #: Bytes on the air for one pupil who reads it all, films apart (``weights.reading_bytes``).
    reading: int = 0

    def openable(self) -> list[Part]:
        """The parts that can be opened, number 1 first."""
        return [part for part in self.parts if part.number]


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of the search. *snippet* alternates plain and matching text, plain first."""

    card: Card
    part: int
    part_title: str
    #: The page inside the part when it is not the part's first file, else empty.
    file: str
    snippet: tuple[str, ...] = ()
