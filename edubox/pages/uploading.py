"""What a teacher reads while files are sent, a lesson file is opened, a lesson is chosen to be copied, and photos become a PDF.

Plain data in, HTML out. Every page is a form that works without a script; ``photos.js`` lets edges be dragged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edubox.pages import desk
from edubox.pages.desk import Desk
from edubox.pages.model import Card, Frame

#: Seconds until the browser looks again.
SOON = 2


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: Why a lesson file could not be opened, by the code of the error; ``""`` is anything else.
_NO_LESSON = _(
    "This file is no whole lesson of edubox: it was cut, changed, or is something else. Copy it again from where it was made."
)
FAILURES = {
    "bad-archive": _NO_LESSON, "bad-bundle": _NO_LESSON, "bad-manifest": _NO_LESSON, "unsafe-path": _NO_LESSON, "bomb": _NO_LESSON,
    "unknown-format": _("This lesson was made with a newer edubox than this box has: update the box first."),
    "no-room": _("There is no room on the school’s box. Ask the person in charge, then try again."),
    "busy": _("Something else was working on the box for too long. Try again."),
    "not-found": _("This lesson is not whole on this box, or no longer there."),
    "": _("The lesson could not be opened. Try again."),
}  # fmt: skip


def send(frame: Frame, around: Desk, draft: str, kind: str, title: str, said: str) -> str:
    """The field for files of this *kind* for *draft* (empty: a new one); *said*: what became of a form, as in ``upload_field.html``."""
    return desk.page(frame, around, "desk_send.html", draft=draft, kind=kind, title=title, said=said)


def opening(frame: Frame, around: Desk, ident: str, title: str, state: str, why: str) -> str:
    """The draft *ident* is made of a lesson; *state* as in ``copying.state``, *why* the code of an error."""
    failure = FAILURES.get(why, FAILURES[""])
    return desk.page(
        frame, around, "desk_opening.html", ident=ident, title=title, state=state, failure=failure, soon=SOON
    )


def copies(frame: Frame, around: Desk, asked: str, found: Sequence[Card], more: int) -> str:
    """Lessons of this school that can be copied and changed, those that were *asked* for."""
    return desk.page(frame, around, "desk_copies.html", asked=asked, found=found, more=more)


def photos(
    frame: Frame, around: Desk, ident: str, taken: Sequence[Any], *, working: bool, failed: bool, title: str
) -> str:  # fmt: skip
    """The photos of the draft *ident* (empty: there is none yet) before they are one PDF.

    *working*: a child looks at them, or makes the PDF.
    """
    return desk.page(
        frame, around, "desk_photos.html", ident=ident, taken=taken, working=working, failed=failed, title=title,
        soon=SOON,
    )  # fmt: skip
