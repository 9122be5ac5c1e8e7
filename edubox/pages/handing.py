"""Handing in as pages show it: the pupil's form and receipt, the teacher's list. Plain data in, HTML out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edubox.pages import desk, render
from edubox.pages.addresses import Place
from edubox.pages.classroom import DropBox, HandIn, SchoolClass
from edubox.pages.desk import Desk
from edubox.pages.model import Frame


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: Why nothing came of a form, in words for a pupil.
SAID = {
    "kind": _("The box does not take files of this kind. Hand in a photo, a PDF, a document, a sound or a short film."),
    "large": _("This file is too large: 25 MB at most. A photo or a shorter film fits."),
    "damaged": _("This picture is damaged: it could not be read. Take it again."),
    "full": _("There is no more room for what this class hands in. Tell your teacher; nothing of yours was lost."),
    "room": _("The school’s box is full just now. Tell your teacher; nothing of yours was lost."),
    "flood": _("Many are handing in at this moment. Wait a minute, then try again."),
    "closed": _("It is too late to hand in here. Ask your teacher."),
    "empty": _("Choose a file and write your first name."),
    "unknown": _("This receipt is not known here. Look at it again; perhaps the work was taken back or erased."),
    "taken-back": _("Taken back: the school’s box has nothing of it any more."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Received:
    """What was handed in, as whoever did so reads it: with its *receipt*, and the time of day."""

    one: HandIn
    receipt: str
    hour: str


def handin_page(
    frame: Frame, shown: SchoolClass, box: DropBox, received: Received | None, *, said: str, open_now: bool, accept: str,
    again: bool,
) -> str:  # fmt: skip
    """The page of a drop-box. *said*: a key of ``SAID``, or empty; *again*: to replace what was received."""
    return render.fill(
        frame, "handin.html", Place("handin", code=shown.code, part=box.id), shown=shown, box=box, received=received, said=said,
        sentence=SAID.get(said, ""), open_now=open_now, accept=accept, again=again,
    )  # fmt: skip


def desk_handins(
    frame: Frame, around: Desk, shown: SchoolClass, box: DropBox, listed: Sequence[HandIn], received: Mapping[str, str], *,
    open_now: bool, mine: bool,
) -> str:  # fmt: skip
    """The teacher's list of what was handed in and when (*received*, in words, by id); without *mine* only how many there are: the class is somebody else's."""
    return desk.page(
        frame, around, "desk_handins.html", shown=shown, box=box, listed=listed, received=received, open_now=open_now, mine=mine,
    )  # fmt: skip
