"""What a teacher reads about lessons of this school: giving one, its versions, its offer, what is for teachers only.

Plain data in, HTML out. Work under way is told in three words of progress; while it goes on the browser takes the page
again by itself, with a script or without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edubox.pages import desk
from edubox.pages.classroom import SchoolClass
from edubox.pages.desk import Desk
from edubox.pages.model import Frame, Lesson

#: Seconds between two looks of the browser while work goes on.
SOON = 2


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: What the work is at.
STEPS = {
    "waiting": _("It waits for its turn."), "building": _("The lesson is put together."),
    "publishing": _("The lesson is written to the school’s box."), "showing": _("Pupils get to see it."),
    "giving": _("The class gets it."),
}  # fmt: skip
#: Why it did not work, by the code of the error; ``""`` is anything else.
FAILURES = {
    "no-room": _("There is no room on the school’s box. Ask the person in charge, then try again."),
    "busy": _("Something else was working on the box for too long. Try again."),
    "empty-pack": _("There is nothing in this lesson yet. Add a file or a page first."),
    "too-heavy": _("One of its files takes more memory than this box has. Make it smaller, then try again."),
    "other-machine": _("This box was copied or its card was moved: it must not give lessons until the person in charge says which box goes on."),
    "restored-backup": _("This box comes out of a backup: it must not give lessons until the person in charge says so."),
    "not-found": _("This version is no longer on the box."),
    "too-many": _("Pupils read the lesson, but the page of one of these classes holds no more: withdraw some of its lessons, then do it again."),
    "": _("It did not work, and nothing was changed for the pupils. Try again; if it happens again, tell the person in charge."),
}  # fmt: skip

#: The steps of an offer to the academy, in their order, and those that lead back to its teacher.
OFFER = {
    "waiting": _("Waiting on this box for a line"), "received": _("Received by the academy"),
    "review": _("Being looked at"), "accepted": _("Accepted: other schools get it"),
}  # fmt: skip
ENDED = {"returned": _("Changes are asked for"), "refused": _("It is not taken")}


@dataclass(frozen=True, slots=True)
class State:
    """How far the work on a lesson is. *name*: ``idle``, ``working``, ``cut`` (asked for, nobody does it) or ``failed``."""

    name: str = "idle"
    #: A key of STEPS while it works.
    step: str = "waiting"
    #: Bytes.
    done: int = 0
    total: int = 0
    #: A key of FAILURES when it failed.
    why: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a lesson; *again*: the older one whose files it is, 0 if none; *here*: it can be brought back."""

    number: int
    at: int
    note: str
    author: str
    again: int = 0
    here: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """The offer of a *version* to the academy since *at*: its *state* (a key of OFFER), and what was said about it."""

    version: int
    at: int
    state: str
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A lesson of the school on its teacher's page. *lesson* is None while pupils do not see it; times as in ``model``."""

    slug: str
    title: str
    author: str
    draft: str = ""
    lesson: Lesson | None = None
    withdrawn: int = 0
    #: Whether there are notes for teachers, at the address of the desk *notes*.
    notes: str = ""
    mine: bool = False
    state: State = field(default_factory=State)
    versions: tuple[Version, ...] = ()
    #: Classes that have it: code, name, the day from which their pupils see it (or empty).
    classes: tuple[tuple[str, str, str], ...] = ()
    #: What became of its offer to the academy.
    offered: Offered | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """A file for teachers only: its path, bytes, and whether a browser shows it (else it is kept on the device)."""

    path: str
    size: int
    shown: bool


def choose(
    frame: Frame, around: Desk, title: str, draft: str, classes: Sequence[SchoolClass], days: Mapping[str, str], *,
    slug: str, note: str, chosen: Sequence[str], opens: str,
) -> str:  # fmt: skip
    """Giving the *draft* called *title*: to which *classes*, with which note, from which day on.

    *slug*: it was given before, to the classes with the codes *chosen*, for the day *opens* if that is still to come; *note*
    says what is new, as far as that is known.
    """
    return desk.page(
        frame, around, "desk_give_draft.html", title=title, draft=draft, classes=classes, days=days, slug=slug,
        note=note, chosen=chosen, opens=opens,
    )  # fmt: skip


def lessons(frame: Frame, around: Desk, listed: Sequence[Shown]) -> str:
    """The lessons that this school's teachers gave."""
    return desk.page(frame, around, "desk_own_lessons.html", listed=listed)


def lesson(frame: Frame, around: Desk, shown: Shown) -> str:
    """One of them, to its teacher and their colleagues."""
    return desk.page(
        frame, around, "desk_own_lesson.html", shown=shown, steps=STEPS, failures=FAILURES, soon=SOON, offer=OFFER,
        ended=ENDED,
    )  # fmt: skip


def notes(frame: Frame, around: Desk, title: str, address: str, files: Sequence[Notes]) -> str:
    """What is for teachers only of the lesson at *address*."""
    return desk.page(frame, around, "desk_notes.html", title=title, address=address, files=files)
