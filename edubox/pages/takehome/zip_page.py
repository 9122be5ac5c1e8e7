"""The page that begins a lesson's zip: relative links to the files beside it, which any browser opens from a folder."""

from __future__ import annotations

from markupsafe import Markup

from edubox.pages import render
from edubox.pages.model import Lesson
from edubox.pages.stylesheet import compact
from edubox.pages.takehome.archive import FOLDER
from edubox.pages.words import primary


def zip_page(lesson: Lesson) -> bytes:
    """``index.html`` of the zip of *lesson*, in its own language."""
    language = primary(lesson.card.language)
    return render.piece(
        "take_index.html", language, lesson=lesson, card=lesson.card, language=language, folder=FOLDER,
        style=Markup(compact("takehome.css")),  # noqa: S704 - a file of ours
    ).encode()  # fmt: skip
