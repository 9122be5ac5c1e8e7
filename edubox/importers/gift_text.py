"""Questions written as GIFT, so that ``gift.read_gift`` reads the same ones back, and Moodle understands them too.

Everything of a question stands on one line: a line of its own that begins with ``//`` would be a remark, an empty one would end
the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from edubox.importers.gift import Answer, Question

_SIGNS = re.compile(r"[~=#{}:\\]|(?<=-)>")
#: What the reader would take for a markup's name and leave out.
_FORMAT = re.compile(r"\[(?:html|moodle|plain|markdown)\]", re.IGNORECASE)
#: Digits of a share that GIFT holds: a third is 33.33333.
_DIGITS = 5


def write_gift(questions: Iterable[Question]) -> str:
    """The text of a GIFT file with these *questions*."""
    return "\n\n".join(map(_question, questions)) + "\n"


def _question(question: Question) -> str:
    title = f"::{_text(question.title)}::" if question.title else ""
    why = f" ####{_text(question.why)}" if question.why else ""
    inside = "" if question.kind == "told" else f" {{{_answers(question)}{why}}}"
    after = f" {_text(question.after)}" if question.after else ""
    return f"{title}[{question.form}]{_text(question.text)}{inside}{after}"


def _answers(question: Question) -> str:
    if question.kind == "essay":
        return ""
    if question.kind == "truth":
        right, wrong = sorted(question.answers, key=lambda one: -one.worth)
        whys = f"#{_text(wrong.why)}#{_text(right.why)}" if wrong.why or right.why else ""
        return f"{right.text}{whys}"
    if question.kind == "number":
        return "#" + "".join(f" ={_share(one, 100)}{one.text}{_why(one)}" for one in question.answers)
    return " ".join(_answer(one, question.kind) for one in question.answers)


def _answer(answer: Answer, kind: str) -> str:
    if kind == "matching":
        return f"={_first(answer.text)} -> {_text(answer.partner)}"
    sign = "=" if answer.worth >= 100 or kind == "short" else "~"
    said = _named(answer.text)
    return f"{sign}{_share(answer, 100 if sign == '=' else 0, said)}{said}{_why(answer)}"


def _share(answer: Answer, usual: float, said: str = "") -> str:
    """What *answer* is worth, where that is not *usual* or where what follows would be taken for it."""
    if answer.worth == usual and not said.startswith("%"):
        return ""
    return f"%{round(answer.worth, _DIGITS):.10g}%"


def _why(answer: Answer) -> str:
    return f" #{_named(answer.why)}" if answer.why else ""


def _named(text: str) -> str:
    return f"[plain]{_text(text)}" if _FORMAT.match(text) else _text(text)


def _first(text: str) -> str:
    return f"%100%{_text(text)}" if text.startswith("%") else _text(text)


def _text(text: str) -> str:
    return _SIGNS.sub(lambda found: f"\\{found[0]}", text.strip()).replace("\n", "\\n")
