"""Questions of a quiz as a form has them: read out of a GIFT file, out of what was typed, and written back.

A question that the form cannot show without losing something (a missing word, a share of the points, a remark) is ``kept``: it
stays in the file as it is written there. What is typed and cannot be asked yet has a reason (``Asked.wrong``), not an error:
nothing that was typed is ever dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from edubox.box.teacher.draft import some_lines

if TYPE_CHECKING:
    from edubox.importers.gift import Question

CHOICE, TRUTH, NUMBER, SHORT, MATCHING, KEPT = "choice", "truth", "number", "short", "matching", "kept"
#: Kinds that can be made, and how many empty answers a new one has.
NEW = {CHOICE: 3, TRUTH: 0, NUMBER: 0, SHORT: 1, MATCHING: 3}
#: Questions and answers of a form; characters of a question, an answer, a text that is kept as it is.
MAX_QUESTIONS, MAX_ROWS, LONG, SHORTER, SOURCE = 200, 20, 2000, 500, 20_000
_NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,15})?\Z")
_BLANK = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Row:
    """One answer: what it is or, of a pair, its left side; whether it is right; what is said to who gives it."""

    text: str = ""
    right: bool = False
    why: str = ""
    partner: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was typed: it is no answer."""
        return not (self.text or self.partner or self.why)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the form. *form* is the markup of its texts, *source* the GIFT of one that is kept as it is."""

    kind: str
    text: str = ""
    rows: tuple[Row, ...] = ()
    why: str = ""
    #: Of a number: what is right, and how far off still is.
    value: str = ""
    tolerance: str = ""
    #: Of true or false: whether it is true.
    true: bool = True
    title: str = ""
    form: str = "plain"
    source: str = ""

    @property
    def wrong(self) -> str:
        """Why it cannot be asked yet, one of ``pages.drafting.WRONG``; empty if it can."""
        return _wrong(self)


class Form(Protocol):
    """What was typed: every value by its name."""

    def get(self, key: str, default: str, /) -> str:
        """The value called *key*."""

    def getlist(self, key: str, /) -> list[str]:
        """All values called *key*."""

    def __contains__(self, key: object, /) -> bool:
        """Whether there is a value called *key*."""


def new(kind: str) -> Asked:
    """An empty question of *kind*, one of NEW."""
    return Asked(kind, rows=(Row(),) * NEW[kind])


def of_gift(text: str) -> list[Asked]:
    """The questions of a GIFT file, in its order; what no form shows is kept as it is written."""
    from edubox.importers.gift import read_gift

    found = []
    for block in _BLANK.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        if not block.strip():
            continue
        questions, lost = read_gift(block)
        remarks = any(line.lstrip().startswith(("//", "$CATEGORY:")) for line in block.split("\n"))
        shown = None if lost or remarks or len(questions) != 1 else _of_question(questions[0])
        found.append(shown or Asked(KEPT, source=block.strip("\n")))
    return found


def as_gift(asked: Sequence[Asked]) -> str:
    """The GIFT file of questions none of which is wrong."""
    from edubox.importers.gift_text import write_gift

    return "\n\n".join(
        one.source if one.kind == KEPT else write_gift([_question(one)]).strip() for one in asked
    ) + "\n"  # fmt: skip


def of_form(form: Form) -> list[Asked]:
    """The questions as they were typed, in the order in which the form names them; more than MAX_QUESTIONS are not read."""
    return [_typed(form, f"q{key}") for key in form.getlist("q")[:MAX_QUESTIONS] if len(key) < 10]


def acted(asked: Sequence[Asked], action: str) -> list[Asked] | None:
    """*asked* after the button *action* (``add:choice``, ``up:3``, ``drop:2:1``…); None if there is no such button."""
    what, _, about = action.partition(":")
    made = list(asked)
    if what == "add":
        return [*made, new(about)][:MAX_QUESTIONS] if about in NEW else None
    first, _, second = about.partition(":")
    if not (first.isascii() and first.isdigit()) or int(first) >= len(made):
        return None
    at = int(first)
    one = made[at]
    if what == "remove":
        del made[at]
    elif what == "copy":
        made[at:at] = [one]
    elif what in {"up", "down"}:
        to = min(max(at + (1 if what == "down" else -1), 0), len(made) - 1)
        made.insert(to, made.pop(at))
    elif what == "row":
        made[at] = replace(one, rows=(*one.rows, Row())[:MAX_ROWS])
    elif what == "drop" and second.isascii() and second.isdigit():
        made[at] = replace(
            one, rows=tuple(row for number, row in enumerate(one.rows) if number != int(second))
        )
    else:
        return None
    return made[:MAX_QUESTIONS]


def _typed(form: Form, name: str) -> Asked:
    def said(key: str, longest: int = SHORTER) -> str:
        return some_lines(form.get(f"{name}.{key}", ""), longest)

    kind = form.get(f"{name}.kind", "")
    rows = tuple(
        Row(said(f"{row}.text"), f"{name}.{row}.right" in form, said(f"{row}.why"), said(f"{row}.partner"))
        for row in form.getlist(f"{name}.row")[:MAX_ROWS]
        if len(row) < 10
    )
    markup = form.get(f"{name}.form", "plain")
    return Asked(
        kind if kind in {*NEW, KEPT} else CHOICE, said("text", LONG), rows, said("why", LONG), said("value", 40),
        said("tolerance", 40), form.get(f"{name}.true", "1") == "1", said("title", 100),
        markup if markup in {"plain", "markdown", "moodle", "html"} else "plain",
        form.get(f"{name}.source", "")[:SOURCE].replace("\r\n", "\n"),
    )  # fmt: skip


def _wrong(one: Asked) -> str:
    rows = [row for row in one.rows if not row.empty]
    if one.kind == KEPT:
        return "" if not _BLANK.search(one.source) and one.source.strip() else "kept"
    if not one.text:
        return "text"
    if one.kind == NUMBER:
        sound = _NUMBER.match(one.value) and (not one.tolerance or _NUMBER.match(one.tolerance))
        return "" if sound else "number"
    if one.kind == MATCHING:
        return "" if len(rows) > 1 and all(row.text and row.partner for row in rows) else "pairs"
    if one.kind == SHORT:
        return "" if rows and all(row.text for row in rows) else "answer"
    if one.kind == CHOICE:
        if len(rows) < 2 or not all(row.text for row in rows):
            return "answers"
        return "" if any(row.right for row in rows) else "right"
    return ""


def _question(one: Asked) -> Question:
    """*one*, which is not wrong and not kept, as GIFT has it."""
    from edubox.importers.gift import Answer, Question

    rows = [row for row in one.rows if not row.empty]
    kind, answers = one.kind, tuple(Answer(row.text, 100, row.why) for row in rows)
    if kind == TRUTH:
        whys = [row.why for row in (*one.rows, Row(), Row())[:2]]
        answers = tuple(
            Answer(letter, 100 if one.true == (letter == "T") else 0, why)
            for letter, why in zip("TF", whys, strict=True)
        )
    elif kind == NUMBER:
        off = f":{one.tolerance}" if one.tolerance else ""
        value, far = _float(one.value), abs(_float(one.tolerance or "0"))
        why = one.rows[0].why if one.rows else ""
        answers = (Answer(one.value + off, 100, why, value - far, value + far),)
    elif kind == MATCHING:
        answers = tuple(Answer(row.text, 100, partner=row.partner) for row in rows)
    elif kind == CHOICE:
        right = sum(row.right for row in rows)
        kind = "choice" if right == 1 else "several"
        # Who ticks everything gets nothing, as in Moodle.
        share, off_by = (100.0, 0.0) if right == 1 else (round(100 / right, 5), -100.0)
        answers = tuple(Answer(row.text, share if row.right else off_by, row.why) for row in rows)
    return Question(one.title, one.form, one.text, "", kind, answers, one.why)


def _of_question(question: Question) -> Asked | None:
    """*question* as the form shows it, None if it would lose something."""
    rows = tuple(Row(one.text, one.worth > 0, one.why, one.partner) for one in question.answers)
    made = Asked(question.kind, question.text, rows, question.why, title=question.title, form=question.form)
    if question.kind in {"choice", "several"}:
        made = replace(made, kind=CHOICE)
    elif question.kind == TRUTH:
        true = next(one.worth > 0 for one in question.answers if one.text == "T")
        made = replace(made, true=true, rows=tuple(Row(why=one.why) for one in question.answers))
    elif question.kind == NUMBER and len(rows) == 1:
        value, _, tolerance = rows[0].text.replace(" ", "").partition(":")
        made = replace(made, value=value, tolerance=tolerance, rows=(Row(why=rows[0].why),))
    elif question.kind not in {SHORT, MATCHING}:
        return None
    if made.wrong or len(rows) > MAX_ROWS or question.after or not _fits(made):
        return None
    again = _question(made)
    return made if _told(again) == _told(question) else None


def _fits(one: Asked) -> bool:
    """Whether the fields of the form hold the texts of *one* as they are; all but two have one line."""
    lines = [part for row in one.rows for part in (row.text, row.why, row.partner)]
    return all(
        some_lines(text, longest) == text and (long or "\n" not in text)
        for text, longest, long in [
            (one.text, LONG, True), (one.why, LONG, True), (one.title, 100, False), (one.value, 40, False), (one.tolerance, 40, False),
            *((line, SHORTER, False) for line in lines),
        ]
    )  # fmt: skip


def _told(question: Question) -> object:
    """What of a question must not change."""
    worth = [(one.text.replace(" ", ""), round(one.worth, 2), one.why, one.low, one.high, one.partner) for one in question.answers]  # fmt: skip
    return question.kind, question.title, question.text, question.form, question.why, worth


def _float(text: str) -> float:
    return float(text.replace(",", "."))
