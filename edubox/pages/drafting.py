"""What a teacher reads while making a lesson: their desk, a draft, its texts, quizzes and notes, and its preview.

Plain data in, HTML out. Every page is a form that works without a script; ``compose.js`` saves by itself what is typed and
lets lines be dragged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edubox.pages import desk
from edubox.pages.desk import Desk
from edubox.pages.model import Frame
from edubox.pages.notices import sentence
from edubox.pages.weights import Weight

#: Seconds until the browser looks again while a draft is put together.
SOON = 2


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: Why a draft could not be put together, by the code of the error; ``""`` is anything else. ``%(file)s`` is a file's name.
FAILURES = {
    "no-room": _("There is no room on the school’s box. Ask the person in charge, then try again."),
    "busy": _("Something else was working on the box for too long. Try again."),
    "too-heavy": _("One of its files takes more memory than this box has. Make it smaller, then try again."),
    "bad-input": _("Its file lesson.toml says something that cannot be. Correct it, or take it out."),
    "bad-manifest": _("There is nothing to open in it. Put a file back into the lesson, or add one."),
    "empty-pack": _("There is nothing in this lesson yet. Add a file or a page first."),
    "private-backup": _("Nothing in this Moodle backup opens here. It may hold the names of pupils, so it was deleted from the box."),
    "": _("It could not be put together. Take out the file that you added last, and try again."),
}  # fmt: skip
#: Licences that are offered: id, and what each lets others do.
LICENCES = {
    "": _("Not said: it is for your classes. Others ask you first."),
    "CC-BY-4.0": _("Others may use and change it, and name you."),
    "CC-BY-SA-4.0": _("Others may use and change it, name you, and share what they make in the same way."),
    "CC-BY-NC-SA-4.0": _("The same, but nobody may earn money with it."),
    "CC0-1.0": _("Others may do with it what they like, even without naming you."),
}  # fmt: skip
LICENCE_NAMES = {
    "": _("No licence"), "CC-BY-4.0": "CC BY", "CC-BY-SA-4.0": "CC BY-SA", "CC-BY-NC-SA-4.0": "CC BY-NC-SA", "CC0-1.0": "CC0",
}  # fmt: skip
#: Kinds of question that the quiz editor makes.
QUESTIONS = {
    "choice": _("Choice"), "truth": _("True or false"), "number": _("Number"), "short": _("Short answer"),
    "matching": _("Matching"),
}  # fmt: skip


#: Why a question cannot be asked yet.
WRONG = {
    "text": _("Write the question."),
    "number": _("Write the right number, and a number for how far off it may be, or nothing."),
    "pairs": _("Write at least two pairs, both sides of each."),
    "answer": _("Write at least one right answer."),
    "answers": _("Write at least two answers."),
    "right": _("Mark the right answer, or all that are right."),
    "kept": _("An empty line would cut this question in two. Take it out."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Making:
    """How far a draft is. *state*: ``empty``, ``old``, ``working``, ``done`` or ``failed``; amounts in bytes."""

    state: str
    done: int = 0
    total: int = 0
    #: A code of an error, and the file that it is about, when it failed.
    why: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a draft's contents: the file *path* or, without one, a heading. *number*: its first part in the preview."""

    path: str
    title: str
    type: str = "chapter"
    number: int = 0
    parts: int = 0
    #: Which editor opens it: ``text``, ``quiz`` or none.
    editor: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A draft on its teacher's desk. Times are seconds since 1970."""

    id: str
    title: str
    changed: int
    given: bool = False


def home(
    frame: Frame, around: Desk, drafts: Sequence[Listed], thrown: Sequence[Listed], given: Sequence[Any], classes: Sequence[Any],
    *, now: float, full: bool,
) -> str:  # fmt: skip
    """The first page of a teacher's desk; *full*: no draft more can be made."""
    return desk.page(
        frame, around, "desk_home.html", drafts=drafts, thrown=thrown, given=given, classes=classes, now=now, full=full,
    )  # fmt: skip


def draft(
    frame: Frame, around: Desk, shown: Any, rows: Sequence[Row], making: Making, *, staff: Sequence[str], lint: Sequence[Any],
    warnings: Sequence[Any], size: int, weight: Weight, conflict: bool = False, saved: bool = False,
) -> str:  # fmt: skip
    """The page on which the draft *shown* is composed; *size* in bytes, *saved*: what was typed is kept.

    *lint* is what its author may want to change, *warnings* what became of their files.
    """
    look, said = ([sentence(one, frame.words) for one in notices] for notices in (lint, warnings))
    return desk.page(
        frame, around, "draft.html", shown=shown, rows=rows, making=making, staff=staff, lint=list(filter(None, look)), warnings=list(filter(None, said)),
        bytes_of_all=size, weight=weight, conflict=conflict, saved=saved, failures=FAILURES, soon=SOON,
    )  # fmt: skip


def details(
    frame: Frame, around: Desk, shown: Any, pictures: Sequence[str], *, conflict: bool, found_language: str
) -> str:
    """What a draft says of itself: level, subject, language, licence, picture."""
    return desk.page(
        frame, around, "draft_details.html", shown=shown, pictures=pictures, conflict=conflict, licences=LICENCES,
        licence_names=LICENCE_NAMES, found_language=found_language,
    )  # fmt: skip


def text(
    frame: Frame, around: Desk, shown: Any, *, path: str, title: str, written: str, mark: str, preview: str, conflict: bool,
    staff: bool = False, saved: str = "",
) -> str:  # fmt: skip
    """A text page while it is written; *preview* is clean HTML, *mark* tells which text this one was made from."""
    return desk.page(
        frame, around, "draft_text.html", shown=shown, path=path, title=title, written=written, mark=mark, preview=preview,
        conflict=conflict, staff=staff, saved=saved,
    )  # fmt: skip


def quiz(
    frame: Frame, around: Desk, shown: Any, *, path: str, title: str, questions: Sequence[Any], mark: str, conflict: bool,
    staff: bool = False, wrong: Sequence[int] = (), saved: str = "",
) -> str:  # fmt: skip
    """A quiz while it is written; *wrong* are the numbers of questions that cannot be asked yet."""
    return desk.page(
        frame, around, "draft_quiz.html", shown=shown, path=path, title=title, questions=questions, mark=mark,
        conflict=conflict, kinds=QUESTIONS, staff=staff, wrong=wrong, reasons=WRONG, saved=saved,
    )  # fmt: skip


def waiting(frame: Frame, around: Desk, shown: Any, making: Making) -> str:
    """The draft is put together; then the browser goes on to its preview."""
    return desk.page(
        frame, around, "draft_wait.html", shown=shown, making=making, failures=FAILURES, soon=SOON
    )


def side_by_side(frame: Frame, title: str, address: str) -> str:
    """The preview at *address* as a phone and as a projector show it."""
    from edubox.pages.addresses import HOME
    from edubox.pages.render import fill

    return fill(frame, "preview_two.html", HOME, title=title, address=address)
