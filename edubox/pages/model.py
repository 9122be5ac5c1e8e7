"""What a page shows, as plain data: the box's catalogue fills it, the templates read it.

Nothing here knows a request, a database or a clock, so that the same pages can be written out as a static
site. Times are seconds since 1970 (UTC), sizes are bytes, ``address`` is ``<authority>/<name>/<slug>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from gettext import NullTranslations

from edubox.pages.addresses import own_name
from edubox.pages.country import Country
from edubox.pages.player import Players
from edubox.pages.words import translations


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
    #: What shows exercises, activities and books, on the lessons' origin.
    players: Players = Players()  # noqa: RUF009 - frozen
    #: Whether each page has its address beside it as a square for cameras; a site that knows no address of its own has not.
    squares: bool = True
    #: Address of the teachers' desk; empty where there is none.
    desk: str = ""
    #: What the addresses of a draft's pages begin with (``/apercu/<token>``); empty for what pupils read.
    preview: str = ""
    #: Whether every name below the host of *lesson_origin* leads there too.
    own_names: bool = False

    def origin_of(self, manifest: str) -> str:
        """Where a version of a lesson runs: on a name of its own where there are such names.

        Its pictures are shown from *lesson_origin* all the same: they run nothing, and a connection for each would cost more.
        """
        scheme, _, rest = self.lesson_origin.partition("://")
        return f"{scheme}://{own_name(manifest)}.{rest}" if self.own_names else self.lesson_origin

    @property
    def words(self) -> NullTranslations:
        """The sentences of its language."""
        return translations(self.language, self.country.tongues.get(self.language))


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
    #: Words that its author wants it to be found by.
    keywords: tuple[str, ...] = ()
    #: What it lets its reader do, of ``edubox.pages.kinds.KINDS``.
    kinds: tuple[str, ...] = ()
    #: Its small picture, ``<manifest>/<path>`` on the lessons' origin; empty if there is none.
    picture: str = ""


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
    original_size: int = 0
    #: Bytes on the air for one pupil who reads it all, films apart (``weights.reading_bytes``).
    reading: int = 0
    #: Bytes of what can be taken home, as one page and as a zip: 0 when that is too large or would hold nothing to read,
    #: None where none is offered (or not yet).
    take_page: int | None = None
    take_zip: int | None = None

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
