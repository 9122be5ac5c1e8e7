"""GIFT, Moodle's text format for questions, read into plain values.

    ::Capitals:: What is the capital of France? {=Paris ~Lyon ~Marseille #Marseille is a port}

A blank line ends a question. Answers stand between braces: ``=`` before a right one, ``~`` before a wrong one,
``%50%`` before what one is worth, ``#`` before what is said to who chose it, ``####`` before what is said to all.
``{T}`` and ``{F}``, ``{#3.14:0.01}`` and ``{#1..5}``, ``{=left -> right}`` are kinds of their own. A backslash takes its
meaning from a sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Questions of one file, and answers of one question.
MAX_QUESTIONS, MAX_ANSWERS = 500, 100
#: Escaped signs while the text is taken apart: characters that no text holds.
_SIGNS = "~=#{}:>\\"
_HIDDEN = {sign: chr(0xE000 + number) for number, sign in enumerate(_SIGNS)}
#: A line end that is written out (a backslash and n): two of them are no empty line, which would end the question.
_LINE_END = chr(0xE100)
_SHOWN = {hidden: sign for sign, hidden in _HIDDEN.items()} | {_LINE_END: "\n"}
_ESCAPE = re.compile(r"\\([~=#{}:>\\n])")
_TITLE = re.compile(r"::(.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\A\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
#: Whether a text whose author names no markup is HTML, as Moodle would take it, or merely says that a < b.
_TAG = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|span|div|ul|ol|li|img|a|sub|sup|table|code|pre|h[1-6])\b[^<>]*>",
    re.IGNORECASE,
)
_WORTH = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{1,5})?)%")
_TRUTH = re.compile(r"(T|TRUE|F|FALSE)\s*(?:#|\Z)", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(-?\d{1,15}(?:[.,]\d{1,15})?)\s*(?:(:|\.\.)\s*(-?\d{1,15}(?:[.,]\d{1,15})?))?\s*\Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: *worth* is 100 if it is right, 0 or less if wrong, between if it is a part of what is right.

    *why* is said to who gives it. *low* and *high* are the bounds of a number; *partner* is what it goes with.
    """

    text: str
    worth: float
    why: str = ""
    low: float = 0
    high: float = 0
    partner: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. *kind* is choice, several, truth, short, number, matching, essay or told (no question at all).

    *form* is the markup of its texts: html, moodle, plain or markdown. *after* is the rest of a sentence whose
    missing word is asked for. *why* is said to all.
    """

    title: str
    form: str
    text: str
    after: str
    kind: str
    answers: tuple[Answer, ...]
    why: str


def read_gift(text: str) -> tuple[list[Question], list[str]]:
    """The questions in *text*, and the first words of those that cannot be understood."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(dict.fromkeys(map(ord, _SHOWN)))
    kept = [line for line in text.split("\n") if not line.lstrip().startswith("//")]
    text = _ESCAPE.sub(lambda found: _LINE_END if found[1] == "n" else _HIDDEN[found[1]], "\n".join(kept))
    questions: list[Question] = []
    lost: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        source = "\n".join(
            line for line in block.split("\n") if not line.lstrip().startswith("$CATEGORY:")
        ).strip()
        if not source:
            continue
        question = _question(source) if len(questions) < MAX_QUESTIONS else None
        if question is None:
            lost.append(_plain(source)[:60])
        else:
            questions.append(question)
    return questions, lost


def _question(source: str) -> Question | None:
    title = _TITLE.match(source)
    rest = source[title.end() :] if title else source
    form = _FORMAT.match(rest)
    rest = rest[form.end() :] if form else rest
    before, opened, inside = rest.partition("{")
    inside, closed, after = inside.partition("}")
    if bool(opened) != bool(closed) or {"{", "}"} & {*before, *after} or not _plain(before + after):
        return None
    form_name = form[1].lower() if form else ("moodle" if _TAG.search(source) else "plain")
    inside, _, why = inside.partition("####")
    kind, answers = _answers(inside.strip()) if opened else ("told", ())
    if kind is None or len(answers) > MAX_ANSWERS:
        return None
    return Question(
        _plain(title[1]) if title else "", form_name, _plain(before), _plain(after),
        kind, answers, _plain(why),
    )  # fmt: skip


def _answers(inside: str) -> tuple[str | None, tuple[Answer, ...]]:
    """The kind of a question and its answers, or None and nothing."""
    if not inside:
        return "essay", ()
    if found := _TRUTH.match(inside):
        _, *whys = inside.split("#")
        wrong, right = (_plain(why) for why in [*whys, "", ""][:2])
        is_true = found[1].upper().startswith("T")
        return "truth", (
            Answer("T", 100 if is_true else 0, right if is_true else wrong),
            Answer("F", 0 if is_true else 100, wrong if is_true else right),
        )
    if inside.startswith("#"):
        return _numbers(inside[1:].strip())
    # re.split keeps the signs: "=a ~b" gives "", "=", "a ", "~", "b".
    start, *parts = re.split(r"([=~])", inside)
    if start.strip() or not parts:
        return None, ()
    signs = list(zip(parts[::2], parts[1::2], strict=True))
    answers = tuple(_answer(sign, text) for sign, text in signs)
    if not all(answer.text or answer.partner for answer in answers):
        return None, ()
    if all(answer.partner for answer in answers) and len(answers) > 1:
        return "matching", answers
    if all(sign == "=" for sign, _ in signs):
        return "short", answers
    if not any(answer.worth > 0 for answer in answers):
        return None, ()
    return ("choice" if any(answer.worth >= 100 for answer in answers) else "several"), answers


def _answer(sign: str, text: str) -> Answer:
    worth = _WORTH.match(text)
    said, _, why = (text[worth.end() :] if worth else text).partition("#")
    left, arrow, right = said.partition("->")
    if sign == "=" and arrow and right.strip():
        return Answer(_plain(left), 100, partner=_plain(right))
    value = float(worth[1]) if worth else (100.0 if sign == "=" else 0.0)
    return Answer(_plain(_FORMAT.sub("", said, count=1)), value, _plain(_FORMAT.sub("", why, count=1)))


def _numbers(inside: str) -> tuple[str | None, tuple[Answer, ...]]:
    """Answers that are numbers: one, or several after ``=``."""
    answers = []
    for part in inside.split("=") if "=" in inside else [inside]:
        if not part.strip():
            continue
        worth = _WORTH.match(part)
        said, _, why = (part[worth.end() :] if worth else part).partition("#")
        said = _plain(said).replace("~", "")
        number = _NUMBER.match(said)
        if number is None:
            return None, ()
        first = _float(number[1])
        second = _float(number[3]) if number[3] else 0.0
        low, high = (first, second) if number[2] == ".." else (first - abs(second), first + abs(second))
        answers.append(
            Answer(said, float(worth[1]) if worth else 100, _plain(why), min(low, high), max(low, high))
        )
    return ("number", tuple(answers)) if answers else (None, ())


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _plain(text: str) -> str:
    """*text* with its escaped signs shown again."""
    return "".join(_SHOWN.get(letter, letter) for letter in text).strip()
