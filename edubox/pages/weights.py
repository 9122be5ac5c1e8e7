"""What a lesson weighs for a class: how long it takes until every pupil has it, when all begin at once.

A class shares one radio (the air), and the air is what everybody waits for: 35 pupils on a 20 Mbit/s hotspot had a real
lesson after 14 s, of which 13.3 are simply 35 × 947 kB ÷ 20 Mbit/s. So a time is bytes × pupils ÷ air; the box itself and the
browser's work add a second or two, which is nothing beside a minute.

Two things are weighed apart: all that is read (texts, pictures, documents, exercises), which everybody needs, and films and
recordings, of which one on the wall serves the whole class.
"""

from __future__ import annotations

from dataclasses import dataclass

from edubox.pack.manifest import Manifest
from edubox.pages.model import Lesson
from edubox.store.twins import wants_twin

#: Compressed size of what is compressed on its way. Measured with the twins' gzip: 0.35 over the texts of the lessons that
#: we ship, 0.27 over a manual and five script libraries (146 MB). The dearer one: better early than late.
TEXT_SHARE = 0.35
#: Minutes below which nothing is said, and from which one showing for all is better than a download for each.
LEAST, TOO_LONG = 0.5, 5.0
_FILMS = ("video", "audio")


@dataclass(frozen=True, slots=True)
class Weight:
    """For *pupils* at once, in minutes: *reading* everything but films, *film* the heaviest film or recording (*kind*).

    0 is less than is worth a word.
    """

    pupils: int
    reading: float = 0.0
    film: float = 0.0
    kind: str = ""

    @property
    def project(self) -> bool:
        """Whether the film is better shown once to all."""
        return self.film >= TOO_LONG


def reading_bytes(manifest: Manifest) -> int:
    """Bytes on the air for one pupil who reads all of the lesson, films and files to download apart.

    Assumes that texts shrink to TEXT_SHARE, that everything else travels as it is, that every file is asked for once, and
    that a picture with a light twin (``photo.jpg.webp``) is not asked for itself.
    """
    aside = {item.entry for item in manifest.items() if item.type in {*_FILMS, "file"}}
    aside |= {file.path.removesuffix(".webp") for file in manifest.files if file.type == "image/webp"}
    return round(sum(
        file.size * (TEXT_SHARE if wants_twin(file.type, file.size) else 1)
        for file in manifest.files
        if file.path not in aside and file.path != manifest.original and file.type.partition("/")[0] not in _FILMS
    ))  # fmt: skip


def weigh(lesson: Lesson, pupils: int, air_kbit: int) -> Weight:
    """How long *lesson* takes for *pupils* who begin at once over *air_kbit* kilobits a second (above 0)."""
    heaviest = max(
        (part for part in lesson.parts if part.type in _FILMS), key=lambda part: part.size, default=None
    )
    film = minutes(heaviest.size, pupils, air_kbit) if heaviest is not None else 0.0
    reading = minutes(lesson.reading, pupils, air_kbit)
    return Weight(pupils, reading, film, heaviest.type if heaviest is not None and film else "")


def minutes(size: int, pupils: int, air_kbit: int) -> float:
    """Minutes until *pupils* who begin at once have *size* bytes each over *air_kbit* kilobits a second; below LEAST 0."""
    found = size * 8 * pupils / (air_kbit * 1000) / 60
    return found if found >= LEAST else 0.0
