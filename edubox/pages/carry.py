"""The desk's page where lessons are carried: what stands on it, and the words for how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edubox.errors import EduboxError, NoRoom
from edubox.pages.desk import Desk, page
from edubox.pages.model import Frame
from edubox.pages.sheet import qr
from edubox.pages.state import ACADEMY

#: Seconds after which a page that waits for something is loaded again.
_LOOK_AGAIN = 5


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


_OTHER = _("A file that was handed in comes from another country than this box. Nothing was taken from it.")
_NONE = _("A file that was handed in holds no lessons for this box. Nothing was taken from it.")
_ROOM = _("There is too little room on the box. Nothing was lost: make room, then do it again.")
_CHANGED = _(
    "Something in a file was changed on its way, and was thrown away. Bring the file again, from its source."
)
_FAILED = _("It did not work this time. Do it again; if it fails again, ask a technician.")
_LIST = _("The file that was chosen is no list of a school. Nothing was filled.")
_LARGE = _(
    "This file is too large, or too many are on their way. Files for a box have at most 500 MB, and 8 fit at once."
)
#: Sentence for each code of an error.
_SENTENCES = {
    "other-country": _OTHER,
    "bad-archive": _NONE, "bomb": _NONE, "not-found": _NONE, "unreadable-source": _NONE, "bad-input": _NONE,
    "no-room": _ROOM, "hash-mismatch": _CHANGED, "not-trusted": _CHANGED, "bad-bundle": _CHANGED,
    "not-a-list": _LIST, "other-box": _("This is the academy’s answer to another school. Hand it in at the box of that school."),
}  # fmt: skip
#: Why there is no request to take along.
_NO_REQUEST = {
    "no-code": _("Type the one-time code that the academy gave for this school."),
    "slip": _("This one-time code has a slip in it. Copy it again, character by character."),
    "no-room": _ROOM, "failed": _FAILED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Academy:
    """How far it is with the academy of a box that was not taken in: *state*, since when and why not, as in ``pages.state.Controls``."""

    state: str
    since: int
    reason: str
    #: Whether a one-time code is here already.
    has_code: bool
    #: Why there is no request: ``no-code``, ``slip``, ``no-room``, ``failed``, or nothing.
    problem: str = ""


class Result(Protocol):
    """How a courier that was handed in, or asked for, ended: see ``sync.carried.courier_shelf``."""

    @property
    def what(self) -> str:
        """``in``, ``out`` or ``answer`` (of the academy)."""

    @property
    def code(self) -> str:
        """Of the error; empty if all went well."""

    @property
    def lessons(self) -> int:
        """How many came."""

    @property
    def bytes(self) -> int:
        """Bytes of lessons that came."""

    @property
    def rest(self) -> bool:
        """Whether more of them come with further files."""


def carry_page(
    frame: Frame, desk: Desk, results: Sequence[Result], *, arriving: Sequence[tuple[int, int]], waiting: int,
    making: bool, outgoing: Sequence[tuple[str, int]], hub: str = "", academy: Academy | None = None,
) -> str:  # fmt: skip
    """The page. *arriving*: bytes here and in all of unfinished files; *waiting*: how many are here and not looked at;

    *making*: files to take along are being filled; *outgoing*: name and size of those that are. *hub*: the address of its page for
    carriers, if the box knows it. *academy*: for the person in charge of a box that was not taken in.
    """
    taken = next((result.code for result in results if result.what == "out"), "")
    return page(
        frame, desk, "desk_carry.html", brought=[result for result in results if result.what in {"in", "answer"}], unfilled=taken, sentence=lambda code: _SENTENCES.get(code, _FAILED),
        hub=hub, qr=qr, academy=academy, academy_said=ACADEMY.get(academy.state, "") if academy else "",
        no_request=_NO_REQUEST.get(academy.problem, "") if academy else "", arriving=arriving, waiting=waiting, making=making, outgoing=outgoing,
        look_again=_LOOK_AGAIN if waiting or making else 0,
    )  # fmt: skip


def refusal(error: EduboxError) -> str:
    """The sentence for a file that cannot be handed in."""
    return _ROOM if isinstance(error, NoRoom) else _LARGE
