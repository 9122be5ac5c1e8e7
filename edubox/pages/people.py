"""The pages about people: who has an account, codes that let somebody in, one's own account, leaving, substitutes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from edubox.pages import amounts, desk
from edubox.pages.addresses import Place
from edubox.pages.classroom import SchoolClass
from edubox.pages.desk import Desk
from edubox.pages.model import Frame
from edubox.pages.sheet import qr


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: Roles, in words.
ROLES = {"admin": _("administrator"), "teacher": _("teacher"), "substitute": _("substitute")}
#: What a code is for, in words.
CODES = {
    "teacher": _("Invitation of a teacher"),
    "admin": _("Invitation of an administrator"),
    "reset": _("New password"),
    "substitute": _("Substitute"),
}
#: Name of a substitute's account.
STANDS_IN = _("Substitute of %(name)s")
LAST = _("This is the only administrator. Name another one first.")
LAST_GOES = _("You are the only administrator. Name another one first, on the page of the people.")
WRONG_PASSWORD = _("The password is not right. Look at large and small letters.")
UNKNOWN_CODE = _("This code is not right, was used already, or is over. Ask for another one.")
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Listed:
    """An account that is open; times in seconds since 1970, *until* 0: no end."""

    id: int
    name: str
    role: str
    made: int
    until: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A code that nobody used yet, for *name* (empty: nobody said), made by *maker*."""

    mark: str
    kind: str
    name: str
    maker: str
    until: int


def everybody(frame: Frame, here: Desk, listed: Sequence[Listed], waiting: Sequence[Waiting]) -> str:
    """Everybody with an account, and whoever is invited."""
    return _page(frame, here, "desk_people.html", listed=listed, waiting=waiting, roles=ROLES, codes=CODES)


def one(frame: Frame, here: Desk, account: Listed, *, mine: bool, said: str = "") -> str:
    """What an administrator can do with *account*; *mine*: it is their own."""
    return _page(frame, here, "desk_person.html", one=account, mine=mine, said=said, roles=ROLES)


def code(
    frame: Frame, here: Desk, kind: str, said: str, address: str, name: str, until: int, after: str
) -> str:
    """The code *said* of *kind*, for *name*, as a QR code of *address*, as a link and to be typed; then the page *after*."""
    return _page(
        frame, here, "desk_code.html", kind=kind, title=CODES[kind], code=said, address=address, name=name, until=until,
        after=after, qr=qr, typed_at=address.rpartition(f"{said}/")[0],
    )  # fmt: skip


def invitation(
    frame: Frame, here: Desk, *, code: str = "", kind: str = "", name: str = "", until: int = 0, said: str = "",
    details: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """The form of whoever has a *code*; without a *kind* it asks for one. *said*: why it is here again."""
    return _page(
        frame, here, "desk_invitation.html", code=code, kind=kind, name=name, until=until, said=said, seconds=0,
        details={"name": name} | dict(details or {}),
    )  # fmt: skip


def me(frame: Frame, here: Desk, *, said: str = "", details: Mapping[str, Any] | None = None) -> str:
    """One's own account; *said*: why something was not changed."""
    return _page(frame, here, "desk_me.html", said=said, details=details or {})


def leaving(
    frame: Frame, here: Desk, *, drafts: int, lessons: int, heirs: Mapping[str, str], last: bool, said: str
) -> str:
    """Taking one's things along and closing the account. *heirs*: names of colleagues; *last*: no other administrator is there."""
    return _page(
        frame, here, "desk_leaving.html", drafts=drafts, lessons=lessons, heirs=heirs, last=last, said=said, why=LAST_GOES
    )  # fmt: skip


def substitutes(
    frame: Frame,
    here: Desk,
    standing: Sequence[Any],
    classes: Mapping[str, str],
    days: tuple[date, date, date],
) -> str:
    """Those who stand in, and the form for another one. *classes*: names by code; *days*: the first, the usual, the last to choose."""
    return _page(frame, here, "desk_substitutes.html", standing=standing, classes=classes, days=days)


def substitute(
    frame: Frame, here: Desk, classes: Sequence[SchoolClass], noted: Collection[str], until: int
) -> str:
    """What a substitute reads: the lessons of *classes*; *noted*: addresses of those with something for teachers only."""
    return _page(
        frame, here, "desk_substitute.html", classes=classes, noted=noted, until=until,
        lesson_at=lambda one: Place("lesson", address=one.lesson),
    )  # fmt: skip


def _page(frame: Frame, here: Desk, template: str, **shown: Any) -> str:
    # The moment at which a day is over belongs to the next.
    return desk.page(
        frame, here, template, last_day=lambda moment: amounts.day(moment - _DAY // 2, frame.words), **shown
    )
