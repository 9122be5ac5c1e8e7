"""Lessons published into a country's folder, as an editor does it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from edubox.publishing.job import Publication, Published
from edubox.publishing.job import publish as publish_lesson
from edubox.publishing.workplace import Workplace
from tests.publishing.country import edpack

PASSPHRASE = "secret"


def publish(
    country: Path, slug: str, text: str, now: datetime, publisher: str = "ministry/starter", film: bytes = b""
) -> Published:
    """Publish a lesson of one page; *film* is a file that travels on its own."""
    contents = {"index.html": f"<h1>{text}</h1>".encode()} | ({"film.mp4": film} if film else {})
    lesson = edpack(
        country.parent / f"{slug}.edpack", contents, frozenset({"film.mp4"}) if film else frozenset()
    )
    workplace = Workplace.beside(country / "mirror")
    return publish_lesson(Publication(publisher, slug, lesson), workplace, PASSPHRASE, now)
