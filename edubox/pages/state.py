"""The page of the box itself: one sentence first, then what was looked at, then what an administrator may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from gettext import NullTranslations

from edubox.pages import desk
from edubox.pages.amounts import comma
from edubox.pages.desk import LEVELS, Desk
from edubox.pages.model import Frame


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: What each check looks at.
TITLES = {
    "folder": _("Folder of the box"), "prepared": _("File on the card"), "card": _("Card"), "database": _("List of lessons"),
    "school": _("Classes"), "lessons": _("Lessons"), "damage": _("Stored files"), "free_space": _("Room on the card"),
    "quota": _("Room for lessons"), "arrivals": _("Files on their way"), "last_success": _("Last success"),
    "trust_age": _("Confirmation of the lessons"), "clock": _("Clock"), "keys": _("Secret files"),
    "certificate": _("Protected way to the desk"), "own": _("Lessons of the school"), "enrolment": _("Academy"), "levels": _("Levels of the school"), "sources": _("Where lessons come from"),
    "sticks": _("Sticks"), "players": _("Exercises and books"), "temperature": _("Temperature"), "power": _("Power supply"),
    "wear": _("Wear of the card"), "memory": _("Memory"), "guests": _("Devices on the Wi-Fi of the box"), "systems": _("System"), "radio": _("The box’s own Wi-Fi"),
}  # fmt: skip
#: The first sentence, by the worst level.
FIRST = {
    "good": _("All is well with the box."),
    "note": _("All is well with the box. Some things are good to know."),
    "warning": _("The box works, but something is to be done: %(what)s."),
    "broken": _("Something is broken: %(what)s. Call a technician; lessons that can be opened stay."),
}
#: What to do, for those checks that a school can mend itself.
ADVICE = {
    "temperature": _("Take the box out of the sun and off the radiator, and leave room around it."),
    "power": _("Use the power supply that came with the box, and a short cable."),
    "wear": _("The card is old. Make a backup, and ask a technician for a new card."),
    "card": _("Make a backup now, and ask a technician for a new card."),
    "free_space": _("Withdraw lessons that nobody reads any more, or ask for a larger card."),
    "quota": _("Withdraw lessons that nobody reads any more, or ask for a larger card."),
    "clock": _("Set the clock from this device, below."),
    "memory": _("If it stays like this, start the box again."),
    "guests": _("The Wi-Fi of the box serves about 8 to 19 devices: plug in an access point for a class."),
    "own": _("Print the school’s sheet, and make a backup."),
    "levels": _("Say which levels your school teaches: the page is linked above."),
    "enrolment": _("Call your academy. Pupils and teachers notice nothing of it."),
    "systems": _("Nothing is lost: the box went back to the system that works. Tell a technician."),
}


@dataclass(frozen=True, slots=True)
class Controls:
    """What the page offers. *heard*: the system does what it is asked; *now*: the box's clock, seconds since 1970."""

    heard: bool
    now: int
    #: A word about what was asked just now: ``poweroff``, ``restart``, ``clock``, ``not-clock``, or nothing.
    said: str = ""
    #: How far it is with the academy that takes the box in, since when (seconds since 1970), and why it said no.
    academy: str = ""
    academy_since: int = 0
    academy_reason: str = ""
    #: Whether a newer system waits for a start, ``by-itself`` or ``asked``, or nothing.
    waits: str = ""
    #: The names of those whose lessons the box keeps, and of those among them that its academy proposes.
    kept: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()


#: What is said of a newer system that waits.
WAITS = {
    "by-itself": _("A newer version of the box is ready. The box starts again by itself at night, when nobody reads; or start it again now, below."),
    "asked": _("A newer version of the box is ready. It begins when the box is started again."),
}  # fmt: skip


#: What is said about the academy.
ACADEMY = {
    "asked": _("The academy was asked on %(day)s to take this box in. It has not answered yet; nothing is missing meanwhile."),
    "promised": _("The academy says yes since %(day)s. A last confirmation is on its way; nothing is missing meanwhile."),
    "accepted": _("The academy accepted this box on %(day)s."),
    "refused": _("The academy has not accepted this box (%(day)s). Ask it for another code."),
    "suspended": _("The academy has set this box aside since %(day)s. Call it: lessons that are here stay, new ones of this school reach nobody."),
}  # fmt: skip

#: What is said after a request.
SAID = {
    "poweroff": _("The box switches itself off. Wait until its green light is out before you pull the plug."),
    "restart": _("The box starts again. It answers in about two minutes."),
    "clock": _("The clock of the box is being set."),
    "not-clock": _(
        "That time cannot be right, so the clock was left alone. Look at the clock of your device."
    ),
}


@dataclass(frozen=True, slots=True)
class Taught:
    """The levels that the school says it teaches: their *ids*, what it says that is no level, and the academy that proposes lessons."""

    ids: tuple[str, ...]
    unknown: tuple[str, ...]
    authority: str
    #: Why nothing was noted, a key of UNSAVED, or nothing.
    problem: str = ""
    #: Whether it was noted just now.
    done: bool = False


UNSAVED = {
    "unreadable": _("The settings of the box cannot be read, so nothing was changed. Ask a technician: box.toml has a mistake."),
    "no-room": _("There is too little room on the box. Nothing was changed."),
}  # fmt: skip


def state(frame: Frame, here: Desk, checks: Sequence[tuple[str, str, str]], controls: Controls) -> str:
    """The page; *checks* are name, level and English sentence, worst first; none while they take too long."""
    first, what = summary(frame.words, checks)
    return desk.page(
        frame, here, "desk_state.html", checks=checks, levels=LEVELS, titles=TITLES, advice=ADVICE, worst=_worst(checks),
        first=first, what=what, controls=controls, said=SAID.get(controls.said, ""), academy=ACADEMY.get(controls.academy, ""),
        waits=WAITS.get(controls.waits, ""),
    )  # fmt: skip


def summary(words: NullTranslations, checks: Sequence[tuple[str, str, str]]) -> tuple[str, str]:
    """The message of the first sentence about *checks*, and in *words* what goes into it: the first of what is at its worst."""
    worst = _worst(checks)
    ill = [
        words.gettext(TITLES[name]) if name in TITLES else name
        for name, level, _says in checks
        if level == worst
    ]
    return FIRST[worst], comma(words).join(ill[:3])


def _worst(checks: Sequence[tuple[str, str, str]]) -> str:
    return checks[0][1] if checks and checks[0][1] in FIRST else "good"


def levels(frame: Frame, here: Desk, taught: Taught) -> str:
    """The page on which a person says what the school teaches."""
    return desk.page(frame, here, "desk_levels.html", taught=taught, problem=UNSAVED.get(taught.problem, ""))


def sure(frame: Frame, here: Desk, word: str) -> str:
    """The page that asks whether the box is to do *word* (``poweroff`` or ``restart``)."""
    return desk.page(frame, here, "desk_state_sure.html", word=word)
