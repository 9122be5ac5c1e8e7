"""What ``upload.js`` says: patterns in the reader's language, which the script fills in."""

from __future__ import annotations

from gettext import NullTranslations


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


_WORDS = {
    "waiting": _("waiting"), "sending": _("%(done)s of %(all)s"), "speed": _("%(amount)s a second"), "done": _("arrived"),
    "cancelled": _("cancelled"), "again": _("Try again"), "cancel": _("Cancel"), "cancelOne": _("Cancel %(name)s"),
    "left": _("about %(minutes)s min left"), "soon": _("less than a minute left"),
    "lost": _("The connection to the box is lost. It goes on by itself as soon as it is back: nothing that arrived is sent again."),
    "session": _("Your session is over. Log in again in the new window, then come back here: it goes on where it stopped."),
    "login": _("Log in"),
    "room": _("There is not enough room on the school’s box for this file. Ask the person in charge to make room, or choose a smaller file."),
    "large": _("This file is too large: the box takes files of up to 4 GB. Cut it in two, or make it smaller."),
    "many": _("So many files are on their way, or in this lesson, that the box takes no more."),
    "gone": _("This draft is no longer there."),
    "unread": _("This file cannot be read any more on this device. Choose it again."),
    "failed": _("The box did not take this file."), "progress": _("%(percent)s percent sent"),
    "all": _("%(number)s files of %(count)s"), "finished": _("Everything has arrived."), "open": _("Open the lesson"),
    "unfinished": _("Not all of %(names)s had arrived. Choose it again: it goes on where it stopped."),
    "kb": _("%(number)s kB"), "mb": _("%(number)s MB"), "gb": _("%(number)s GB"),
}  # fmt: skip


def said(words: NullTranslations) -> dict[str, str]:
    """The patterns by what the script calls them."""
    return {name: words.gettext(text) for name, text in _WORDS.items()}
