"""What a class takes along before its school closes, as its pupils and its teacher read it. Plain data in, HTML out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edubox.pages import desk, render
from edubox.pages.addresses import Place, path
from edubox.pages.classroom import SchoolClass
from edubox.pages.desk import Desk
from edubox.pages.giving import SOON, State
from edubox.pages.model import Frame, Lesson
from edubox.pages.sheet import qr


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: What the work is at.
STEPS = {
    "waiting": _("It waits for its turn."), "pages": _("The pages are written."), "packing": _("Everything goes into one file."),
}  # fmt: skip
#: Why it did not work, by the code of the error; ``""`` is anything else.
FAILURES = {
    "no-room": _("There is no room on the school’s box. Choose fewer lessons, or ask the person in charge."),
    "not-found": _("None of these lessons is on the box any more. Choose others."),
    "": _("It did not work. Try again; if it happens again, tell the person in charge."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What is ready: *lessons*, the lightest first, in a zip of *size* bytes; *left* had no room in it. *back*: a day, ``2026-12-24``."""

    lessons: tuple[Lesson, ...]
    left: tuple[Lesson, ...]
    back: str
    size: int


def week_page(frame: Frame, shown: SchoolClass, taken: Taken) -> str:
    """What the pupils of *shown* take along."""
    return render.fill(frame, "week.html", Place("week", code=shown.code), shown=shown, taken=taken)


def closing(
    frame: Frame, around: Desk, shown: SchoolClass, offered: Sequence[Lesson], ticked: frozenset[str],
    days: Mapping[str, str], state: State, taken: Taken | None, origin: str,
) -> str:  # fmt: skip
    """A class before its school closes: of the lessons *offered* those *ticked* (addresses) are proposed.

    *taken* is what was made last, which others reach at *origin*; *days* are those of the form.
    """
    square = qr(origin + path(Place("week", code=shown.code), frame.languages[0])) if taken else ""
    return desk.page(
        frame, around, "desk_closing.html", shown=shown, offered=offered, ticked=ticked, days=days, state=state, taken=taken,
        square=square, steps=STEPS, failures=FAILURES, soon=SOON,
    )  # fmt: skip
