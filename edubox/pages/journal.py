"""The journal of the desk, in words: what each of its keys says."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edubox.pages import amounts, desk
from edubox.pages.desk import Desk
from edubox.pages.model import Frame


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: Key of a line → what is said after the person's name.
SENTENCES = {
    "came-in": _("logged in"),
    "first-administrator": _("came in with the one-time code of the school’s sheet"),
    "recovered": _("came in with the school’s recovery code"),
    "guessed": _("was named by somebody who tried several wrong passwords"),
    "invited": _("invited a teacher: %(about)s"),
    "invited-administrator": _("invited an administrator: %(about)s"),
    "took-back-invitation": _("took an invitation back"),
    "came-by-invitation": _("came by an invitation"),
    "offered-reset": _("gave a code for a new password to: %(about)s"),
    "reset-password": _("chose a new password with a code"),
    "changed-password": _("changed their password"),
    "changed-name": _("changed their name; it was: %(about)s"),
    "made-administrator": _("made an administrator of: %(about)s"),
    "made-teacher": _("took the rights of an administrator from: %(about)s"),
    "closed-account": _("closed the account of: %(about)s"),
    "left": _("closed their own account"),
    "handed-drafts": _("handed their drafts and lessons to: %(about)s"),
    "erased-drafts": _("erased their drafts"),
    "took-everything": _("took their files along"),
    "let-in-substitute": _("gave a code to: %(about)s"),
    "ended-substitute": _("ended the days of: %(about)s"),
    "substitute-came-in": _("came in as a substitute"),
    "deleted-class": _("deleted the class: %(about)s"),
    "shared-class": _("shared a class: %(about)s"),
    "erased-drop-box": _("erased what was handed in to: %(about)s"),
    "gave-lesson": _("gave the lesson: %(about)s"),
    "withdrew-lesson": _("withdrew the lesson: %(about)s"),
    "switched-off": _("switched the box off"),
    "restarted": _("started the box again"),
    "asked-academy": _("took a request to the academy along"),
    "chose-levels": _("said which levels the school teaches"),
    "set-clock": _("set the clock of the box"),
}
_OTHER = _("did something that this box no longer knows")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line; *at* in seconds since 1970."""

    at: int
    name: str
    what: str
    about: str

    @property
    def sentence(self) -> str:
        """What is said of it, to be translated and filled."""
        return SENTENCES.get(self.what, _OTHER)


def journal(frame: Frame, here: Desk, lines: Sequence[Shown], older: int) -> str:
    """The page; *older*: the line after which more are to be read, 0 if there are none."""
    words = frame.words
    days: dict[str, list[tuple[str, Shown]]] = {}
    for one in lines:
        here_and_then = datetime.fromtimestamp(one.at).astimezone()
        day = amounts.day(timegm(here_and_then.timetuple()), words)
        days.setdefault(day, []).append((here_and_then.strftime("%H:%M"), one))
    return desk.page(frame, here, "desk_journal.html", days=days, older=older)
