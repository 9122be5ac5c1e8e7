"""The pages at the door of the desk: coming in, the first administrator, and the way back for a school that lost all of them.

Each is one form that says in its own words why it comes back.
"""

from __future__ import annotations

from typing import Any

from edubox.errors import BadCode, Busy, EduboxError, NameTaken, NoRoom
from edubox.pages import desk
from edubox.pages.desk import Desk
from edubox.pages.model import Frame


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


WRONG = _("The name or the password is not right. Look at large and small letters.")
WAIT = _("There were many wrong tries. Wait a moment, then try again.")
CROWDED = _("Many people are logging in just now. Try again in a moment.")
NAMELESS = _("Write your name.")
#: Why a password is refused.
TOO_SHORT = _("Take at least 8 characters, for instance three words.")
TOO_LONG = _("Take at most 200 characters.")
TOO_COMMON = _("Too many people have this password. Take another one, for instance three words.")
_OF_ERRORS: dict[type[EduboxError], str] = {
    BadCode: _("This code is not right, or was used already. Look at it again, or ask for another one."),
    NameTaken: _("Somebody here is called %(name)s already. Add an initial or a subject."),
    NoRoom: _("There is no room left on the box. Tell whoever looks after it."),
    Busy: CROWDED,
}
_FAILED = _("That did not work. Try again in a moment.")


def sentence(error: EduboxError) -> str:
    """What the form says of *error*; its details fill the sentence."""
    return next((said for kind, said in _OF_ERRORS.items() if isinstance(error, kind)), _FAILED)


def enter(frame: Frame, here: Desk, after: str, *, name: str = "", said: str = "", seconds: int = 0) -> str:
    """The form to come in by, which leads on to the address *after*; *said* is why it is here again, for so many *seconds*."""
    return desk.page(
        frame, here, "desk_enter.html", after=after, name=name, said=said, seconds=seconds, details={}
    )


def first(frame: Frame, here: Desk, **shown: Any) -> str:
    """The form of the first administrator; *shown* as ``_form`` takes it."""
    return _form(frame, here, "desk_first.html", **shown)


def recover(frame: Frame, here: Desk, **shown: Any) -> str:
    """The form that takes the school's recovery code; *shown* as ``_form`` takes it."""
    return _form(frame, here, "desk_recover.html", **shown)


def _form(
    frame: Frame, here: Desk, template: str, *, code: str = "", name: str = "", said: str = "", seconds: int = 0,
    details: dict[str, Any] | None = None,
) -> str:  # fmt: skip
    return desk.page(
        frame,
        here,
        template,
        code=code,
        name=name,
        said=said,
        seconds=seconds,
        details={"name": name} | (details or {}),
    )
