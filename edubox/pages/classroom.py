"""A class as pages show it: plain data in, HTML out, for pupils and for their teacher.

Nobody's name is in what pupils see but the class's own. Lessons are named by address and a part of one by its entry path, since both
outlive a new version of the lesson. Days are seconds since 1970 (UTC), as in ``model``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edubox.pages import desk, render
from edubox.pages.addresses import Place, path
from edubox.pages.desk import Desk
from edubox.pages.model import Card, Frame, Lesson, Part
from edubox.pages.sheet import qr
from edubox.pages.words import direction

#: Days that an announcement stays unless its author says another one.
FORTNIGHT = 14
#: Languages that fit beside each other on paper.
_COLUMNS = 2


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: What a reader can report of a lesson, in words.
REPORTS = {
    "stuck": _("It does not open, or it stays empty"), "media": _("A picture, a sound or a film is missing"),
    "mistake": _("Something in it is wrong"), "other": _("Something else"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """A lesson given to a class, or one *part* of it (its entry path, else empty); *title* is how it was called then."""

    id: int
    lesson: str
    part: str
    title: str
    note: str
    day: int
    #: When it was withdrawn, seconds since 1970; 0 while it is given.
    withdrawn: int = 0
    #: A heading above it, such as "Week 3".
    heading: str = ""
    #: The day from which pupils are meant to see it, and the day for which it is to be done: ``2026-11-30``, or empty.
    opens: str = ""
    due: str = ""
    #: The group of the class that it is for; empty: everybody.
    party: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a teacher tells a class; *until* is its last day, ``2026-12-24``."""

    id: int
    text: str
    until: str


@dataclass(frozen=True, slots=True)
class Showing:
    """What a teacher shows to a class now. *mark* is another number each time, *only*: the class's page has nothing else."""

    mark: int
    lesson: str
    part: str
    title: str
    only: bool
    began: int
    until: int


@dataclass(frozen=True, slots=True)
class DropBox:
    """Where a class hands in its work: what to hand in, up to which day, and the day when all of it is erased."""

    id: int
    title: str
    ask: str
    until: str
    erase: str
    #: Hand-ins in it.
    count: int = 0


@dataclass(frozen=True, slots=True)
class HandIn:
    """A file that a pupil handed in under the first *name* that they wrote; *at*: seconds since 1970."""

    id: str
    name: str
    file: str
    media: str
    size: int
    at: int


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class: its *code* of six digits, the *home* link's key (empty: it is off), and what its teacher says.

    It belongs to the person *owner* and the *colleagues* that were added; without an owner to every teacher of the school.
    """

    code: str
    name: str
    level: str = ""
    home: str = ""
    given: tuple[Given, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    showing: Showing | None = None
    owner: int | None = None
    colleagues: tuple[int, ...] = ()
    #: When it was put away, seconds since 1970; 0 while it is in use.
    archived: int = 0
    dropboxes: tuple[DropBox, ...] = ()

    def parties(self) -> list[str]:
        """The groups that something is given to."""
        return sorted({one.party for one in self.lessons() if one.party})

    def withdrawn(self) -> list[Given]:
        """What was taken back a short while ago and can be put back."""
        return [one for one in self.given if one.withdrawn]

    def lessons(self) -> list[Given]:
        """What is given, in the teacher's order."""
        return [one for one in self.given if not one.withdrawn]


@dataclass(frozen=True, slots=True)
class Report:
    """Something that readers found wrong; *kind* as in REPORTS, *count* readers said the same, the last one at *last*."""

    id: int
    lesson: str
    part: str
    title: str
    kind: str
    text: str
    last: int
    count: int


def part_of(lesson: Lesson, part: str) -> Part | None:
    """The part of *lesson* with the entry path *part*, None for the whole lesson or when it has none such any more."""
    return next((one for one in lesson.openable() if part and one.path == part), None)


def place_of(lesson: Lesson, part: str) -> Place:
    """The page of the part *part* of *lesson*; of the lesson, if it is the whole or that part is gone."""
    found = part_of(lesson, part)
    if found is None:
        return Place("lesson", address=lesson.card.address)
    return Place("part", address=lesson.card.address, part=found.number)


def class_page(
    frame: Frame, shown: SchoolClass, lessons: Mapping[str, Lesson], today: str = "", party: str = "", *,
    takes: bool = False,
) -> str:  # fmt: skip
    """The page of a class on the day *today*; *lessons* are those of its lessons that are here, by address.

    With a *party* it has what is given to that group and to everybody. *takes*: something is prepared to take along.
    """
    place = Place("class", code=shown.code)
    return render.fill(
        frame, "class.html", place, shown=shown, lessons=lessons, place_of=place_of, part_of=part_of, today=today,
        party=party, takes=takes, steps=[one for one in shown.lessons() if not party or one.party in {"", party}],
    )  # fmt: skip


def code_page(frame: Frame, wrong: str = "") -> str:
    """Where a pupil types the code of a class; *wrong* is one that is no class's."""
    return render.fill(frame, "class_code.html", Place("class"), wrong=wrong, box=True)


def no_code_page(frame: Frame) -> str:
    """What stands in its place where there is no box to ask: how to come to one's class from home."""
    return render.fill(frame, "class_code.html", Place("class"), wrong="", box=False)


def report_page(frame: Frame, card: Card | None = None, part: Part | None = None, said: str = "") -> str:
    """A form to report a problem with a lesson or its *part*. *said*: ``thanks``, ``full`` or ``flood`` after it was sent.

    Without a *card* the page tells where to find the form: it is the same on a box and in an exported site.
    """
    return render.fill(frame, "report.html", Place("report"), card=card, part=part, said=said, kinds=REPORTS)


def desk_classes(
    frame: Frame, around: Desk, classes: Sequence[SchoolClass], reports: int, *, damaged: bool, full: bool, archived: int = 0,
    new_year: bool = False,
) -> str:  # fmt: skip
    """The teacher's list of classes, with the number of *reports* and of *archived* ones; *damaged*: an older list was set aside.

    *new_year*: it is proposed to prepare one.
    """
    return desk.page(
        frame, around, "desk_classes.html", classes=classes, reports=reports, damaged=damaged, full=full, archived=archived,
        new_year=new_year,
    )  # fmt: skip


def desk_class(
    frame: Frame, around: Desk, shown: SchoolClass, lessons: Mapping[str, Lesson], dates: Mapping[str, str],
    openings: Mapping[str, int], *, names: Mapping[int, str], mine: bool,
) -> str:  # fmt: skip
    """The teacher's page of one class; *dates* are the earliest, usual and latest last day of an announcement.

    *openings* of each lesson lately, *names* of the teachers who could share the class; *mine*: what is handed in may be read.
    """
    return desk.page(
        frame, around, "desk_class.html", shown=shown, lessons=lessons, part_of=part_of, place_of=place_of, dates=dates,
        openings=openings, most=max(openings.values(), default=1), names=names, mine=mine,
    )  # fmt: skip


def desk_give(
    frame: Frame, around: Desk, shown: SchoolClass, query: str, cards: Sequence[Card], chosen: Lesson | None
) -> str:
    """Choosing a lesson for a class among *cards*, and what of it and with which words once it is *chosen*."""
    return desk.page(frame, around, "desk_give.html", shown=shown, query=query, cards=cards, chosen=chosen)


def desk_delete(frame: Frame, around: Desk, shown: SchoolClass) -> str:
    """Asking once more before a class is deleted."""
    return desk.page(frame, around, "desk_delete.html", shown=shown)


def desk_year(frame: Frame, around: Desk, classes: Sequence[SchoolClass], weeks: int, last: str) -> str:
    """Preparing a new school year: which *classes* are copied, with dates *weeks* later, and which are put away.

    *last* is the last day of the school year that the country names, or empty.
    """
    return desk.page(
        frame, around, "desk_year.html", last=last, classes=[one for one in classes if not one.archived],
        archived=[one for one in classes if one.archived], weeks=weeks,
    )  # fmt: skip


def desk_reports(frame: Frame, around: Desk, reports: Sequence[tuple[Report, Place | None]]) -> str:
    """What readers reported, each with the page that it is about while that is here."""
    return desk.page(frame, around, "desk_reports.html", reports=reports, kinds=REPORTS)


def class_sheet(frame: Frame, around: Desk, classes: Sequence[SchoolClass], origin: str) -> str:
    """One printed page for each class: how to come to its page, which others reach at *origin*."""
    tongues = frame.country.tongues
    languages = tuple(dict.fromkeys((*frame.languages, "fr", "en")))[:_COLUMNS]
    columns: list[dict[str, Any]] = [
        {
            "language": one,
            "direction": direction(one, tongues),
            "said": render.words_of("class_sheet_words.html", one, tongues),
        }
        for one in languages
    ]
    first = frame.languages[0]
    papers = [(one, origin + path(Place("class", code=one.code), first)) for one in classes]
    return desk.page(frame, around, "class_sheet.html", papers=papers, columns=columns, qr=qr)
