"""A quiz in GIFT (``gift``) becomes a page beside it, which checks answers on the pupil's own device.

Without JavaScript, and on paper, the questions are there and the answers follow them at the end, folded. With it they
wait until every question was tried. The answers are in the page: it is for practice, not for marks.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from html import escape
from importlib import resources

from edubox.importers import html, markdown
from edubox.importers.gift import Answer, Question, read_gift
from edubox.importers.notices import Notice
from edubox.importers.quiz_words import words
from edubox.importers.rendering import clean, page
from edubox.importers.workshop import Imported, Workshop, spoken
from edubox.pack.media_types import extension
from edubox.pack.text import decode

EXTENSIONS = ("gift", "txt")
#: Bytes of the largest file that is read as a quiz: 500 questions have 200 kB.
LARGEST = 1024 * 1024
#: How Moodle's own exports begin, which are called .txt.
_BEGINNINGS = ("// question:", "$category:")
_GAP = '<span class="gap">______</span>'


def read(path: str, workshop: Workshop) -> Imported | None:
    """Import the quiz *path*, or None for another text, or if there is no question in it."""
    named = workshop.given[path].lower().endswith((".gift", ".gift.txt"))
    if workshop.files[path].size > LARGEST:
        return None
    text = decode(workshop.data(path, LARGEST))
    if not named and not text.lstrip().lower().startswith(_BEGINNINGS):
        return None
    questions, lost = read_gift(text)
    if lost:
        first = "; ".join(lost[:3]) + (" …" if len(lost) > 3 else "")
        workshop.warn(
            Notice(
                "%(path)s: %(number)s questions cannot be understood and are left out: %(first)s",
                path=path,
                number=len(lost),
                first=first,
            )
        )
    if not any(question.kind != "told" for question in questions):
        workshop.warn(
            Notice(
                "%(path)s has no question in the GIFT format and is offered as a download only.", path=path
            )
        )
        return None
    name = workshop.given[path]
    title = spoken(name[: -len(".txt")] if name.lower().endswith(".gift.txt") else name)
    if extension(title) == "gift":
        title = title[: -len(".gift")]
    shown = workshop.make(workshop.beside(path, ".html"), quiz_page(path, title, questions, workshop))
    return Imported("quiz", shown, title, alternatives=(path,))


def quiz_page(path: str, title: str, questions: list[Question], workshop: Workshop) -> bytes:
    """The page that asks *questions*, made from the document *path*, in the words of the lesson's language."""
    body = _Writer(path, workshop).body(title, questions)
    return page(title, workshop.language, body, _part("quiz.css"))


@cache
def _part(name: str) -> str:
    return resources.files("edubox.importers").joinpath(name).read_text("utf-8")


class _Writer:
    """Writes the page of the quiz *path*, in the words of the lesson's language."""

    def __init__(self, path: str, workshop: Workshop) -> None:
        self._path, self._workshop = path, workshop
        self._words = words(workshop.language)

    def body(self, title: str, questions: list[Question]) -> str:
        """All of *questions*, then their answers."""
        said = json.dumps({key: self._words[key] for key in ("right", "partly", "wrong", "empty", "score")})
        shown, answers, number = [], [], 0
        for question in questions:
            if question.kind == "told":
                shown.append(f"<div>{self._shown(question.text, question)}</div>\n")
                continue
            number += 1
            shown.append(self._question(number, question))
            answers.append(f"<li>{self._answers(question)}</li>\n")
        return (
            f'<h1>{escape(title)}</h1>\n<form class="quiz" data-words="{escape(said)}">\n{"".join(shown)}'
            f'<p class="score" role="status"></p>\n<p><button type="reset" hidden data-nosnippet>{escape(self._words["again"])}</button></p>\n</form>\n'
            f'<details class="answers" data-nosnippet>\n<summary>{escape(self._words["answers"])}</summary>\n<ol>\n{"".join(answers)}</ol>\n</details>\n'
            f"<script>\n{_part('quiz.js')}</script>\n"
        )

    def _question(self, number: int, question: Question) -> str:
        name = f"q{number}"
        text = self._shown(question.text, question)
        if question.after:
            text = f"{self._line(question.text, question)} {_GAP} {self._line(question.after, question)}"
        heading = self._words["question"].format(number=number)
        check = (
            ""
            if question.kind == "essay"
            else f'<p><button type="button" class="check" hidden data-nosnippet>{escape(self._words["check"])}</button></p>\n'
        )
        return (
            f'<div class="question" role="group" aria-labelledby="{name}-n {name}" data-kind="{question.kind}" data-why="{escape(_said(question.why, question))}">\n'
            f'<h2 id="{name}-n">{escape(heading)}</h2>\n<div id="{name}">{text}</div>\n{self._fields(name, question)}{check}'
            '<p class="verdict" role="status"></p>\n</div>\n'
        )

    def _fields(self, name: str, question: Question) -> str:
        if question.kind in {"choice", "several", "truth"}:
            return self._options(name, question)
        if question.kind == "matching":
            return self._pairs(question)
        if question.kind == "essay":
            return (
                f'<p><label>{escape(self._words["answer"])} <textarea rows="4"></textarea></label></p>\n'
                f'<p class="hint">{escape(self._words["free"])}</p>\n'
            )
        accepted = json.dumps(
            [
                [_said(one.text, question), one.low, one.high, one.worth, _said(one.why, question)]
                for one in question.answers
            ]
        )
        mode = ' inputmode="decimal"' if question.kind == "number" else ""
        label = self._words["number" if question.kind == "number" else "answer"]
        return (
            f'<p><label>{escape(label)} <input type="text"{mode} autocomplete="off" autocapitalize="off" spellcheck="false" '
            f'data-accept="{escape(accepted)}"></label></p>\n'
        )

    def _options(self, name: str, question: Question) -> str:
        several = question.kind == "several"
        answers = question.answers if question.kind == "truth" else _mixed(question.answers)
        options = "".join(
            f'<li><label><input type="{"checkbox" if several else "radio"}" name="{name}" data-worth="{one.worth:g}" '
            f'data-why="{escape(_said(one.why, question))}"> <span>{self._option(one, question)}</span></label></li>\n'
            for one in answers
        )
        hint = f'<p class="hint">{escape(self._words["several"])}</p>\n' if several else ""
        return f'{hint}<ul class="options">\n{options}</ul>\n'

    def _option(self, answer: Answer, question: Question) -> str:
        if question.kind == "truth":
            return escape(self._words["true" if answer.text == "T" else "false"])
        return self._line(answer.text, question)

    def _pairs(self, question: Question) -> str:
        partners = _mixed(
            tuple(Answer(partner, 0) for partner in dict.fromkeys(one.partner for one in question.answers))
        )
        options = "".join(f"<option>{escape(_said(one.text, question))}</option>" for one in partners)
        rows = "".join(
            f'<p><label><span>{self._line(one.text, question)}</span> <select data-right="{escape(_said(one.partner, question))}">'
            f'<option value="">{escape(self._words["choose"])}</option>{options}</select></label></p>\n'
            for one in question.answers if one.text
        )  # fmt: skip
        return f'<div class="pairs">\n{rows}</div>\n'

    def _answers(self, question: Question) -> str:
        """What is right, with what the author says of it."""
        if question.kind == "essay":
            return escape(_said(question.why, question) or self._words["free"])
        if question.kind == "matching":
            right = [
                f"{self._line(one.text, question)} → {escape(_said(one.partner, question))}"
                for one in question.answers
                if one.text
            ]
        else:
            right = [self._right(one, question) for one in question.answers if one.worth > 0]
        whys = [one.why for one in question.answers if one.worth > 0 and one.why] + [question.why] * bool(
            question.why
        )
        return " · ".join(right) + "".join(
            f'<br><span class="hint">{escape(_said(why, question))}</span>' for why in whys
        )

    def _right(self, answer: Answer, question: Question) -> str:
        if question.kind == "number":
            low, high = (f"{value:.10g}" for value in (answer.low, answer.high))
            return low if low == high else f"{low} {escape(self._words['to'])} {high}"
        return self._option(answer, question)

    def _shown(self, text: str, question: Question) -> str:
        """*text* as clean HTML; formulas and Markdown are drawn, line ends are kept."""
        if question.form == "markdown" or "$" in text or "\\(" in text:
            return clean(markdown.render(text), self._path, self._workshop)
        if question.form == "plain":
            return escape(text).replace("\n", "<br>")
        return clean(text.replace("\n", "<br>"), self._path, self._workshop)

    def _line(self, text: str, question: Question) -> str:
        """*text* for the middle of a line: without the paragraph around it."""
        shown = self._shown(text, question).strip()
        inner = shown.removeprefix("<p>").removesuffix("</p>")
        return shown if "<p>" in inner else inner


def _mixed(answers: tuple[Answer, ...]) -> list[Answer]:
    """*answers* in an order that tells nothing and is the same in every build: authors write the right one first."""
    return sorted(answers, key=lambda one: hashlib.sha256(one.text.encode("utf-8", "replace")).digest())


def _said(text: str, question: Question) -> str:
    """*text* without markup, for where only words can stand."""
    return text if question.form == "plain" else html.plain(text)
