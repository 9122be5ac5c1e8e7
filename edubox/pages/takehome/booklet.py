"""A lesson on paper: all of its texts, and beside each part a square that leads a phone's camera to it.

What cannot be printed (films, recordings, exercises that need a player) is its title, its square and its weight.
"""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from edubox.pack.text import decode
from edubox.pages import render
from edubox.pages.addresses import Place
from edubox.pages.kinds import view
from edubox.pages.model import Frame, Lesson, Part
from edubox.pages.takehome.inline import inside
from edubox.pages.takehome.plain import plain

#: Characters of a whole booklet, some four hundred pages of paper; bytes of one page of the lesson that are read, and of all:
#: this is done while a reader waits, and pages may be large and say little.
MOST, MOST_PAGE, MOST_READ = 1_000_000, 1_000_000, 6_000_000


def booklet(frame: Frame, lesson: Lesson, tree: Path) -> str:
    """The page to print of *lesson*, whose files are in *tree*."""
    room, unread, texts = MOST, MOST_READ, {}
    for part in lesson.openable():
        if room > 0 and unread > 0 and view(part) == "page":
            texts[part.number] = _text(frame, lesson, part, tree, room)
            room -= len(texts[part.number])
            unread -= min(part.size, MOST_PAGE)
    return render.fill(
        frame, "booklet.html", Place("booklet", address=lesson.card.address), lesson=lesson, card=lesson.card, texts=texts,
        cut=room <= 0 or unread <= 0,
    )  # fmt: skip


def _text(frame: Frame, lesson: Lesson, part: Part, tree: Path, room: int) -> Markup:
    def picture(value: str) -> str | None:
        found = inside(value, part.path)
        known = found is not None and (tree / found).is_file()
        return render.file_address(frame, lesson.manifest, found) if found and known else None

    try:
        with (tree / part.path).open("rb") as handle:
            text = decode(handle.read(MOST_PAGE), page=True)
    except OSError:
        return Markup()  # still on its way
    if part.media_type == "text/plain":
        return Markup("<pre>{}</pre>").format(text[:room])
    return plain(text, picture, room)
