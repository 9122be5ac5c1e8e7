"""How long a class waits until every pupil has the lesson (``pages.weights``)."""

from __future__ import annotations

from collections.abc import Iterator

from edubox.importers.notices import Notice
from edubox.lint.lesson import Built
from edubox.pages.contents import parts
from edubox.pages.model import Card, Lesson
from edubox.pages.weights import TOO_LONG, reading_bytes, weigh


def check(lesson: Built) -> Iterator[Notice]:
    """Tell it when that is long."""
    manifest = lesson.manifest
    shown = Lesson(
        Card("", manifest.name, manifest.language), 1, manifest.id, tuple(parts(manifest)), reading=reading_bytes(manifest)
    )  # fmt: skip
    weight = weigh(shown, lesson.pupils, lesson.air)
    if weight.reading >= TOO_LONG:
        yield Notice(
            "For %(pupils)s pupils at once, this lesson takes about %(minutes)s minutes to arrive. Lighter pictures, or two shorter lessons, help.",
            pupils=weight.pupils, minutes=round(weight.reading),
        )  # fmt: skip
    if weight.project:
        yield Notice(
            "Its longest film or recording takes about %(minutes)s minutes for %(pupils)s pupils at once: show it to everybody together.",
            pupils=weight.pupils, minutes=round(weight.film),
        )  # fmt: skip
