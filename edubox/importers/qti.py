"""Tests of a Common Cartridge (QTI 1.2) as questions of our quizzes, where a device can check them by itself.

Choices of one or several, true or false, and short answers. Which answer is right is said by conditions that set a score;
what those of a question say in any other way is not guessed: the question is left out.
"""

from __future__ import annotations

from edubox.importers.gift import MAX_ANSWERS, MAX_QUESTIONS, Answer, Question
from edubox.importers.workshop import title_of
from edubox.importers.xml_tree import Element

_TRUE, _FALSE = frozenset({"true", "vrai", "verdadero", "verdadeiro"}), frozenset({"false", "faux", "falso"})
_PROFILES = {
    "multiple_choice": "choice", "true_false": "truth", "multiple_response": "several", "fib": "short", "essay": "essay",
}  # fmt: skip


def read_qti(root: Element) -> tuple[list[Question], int]:
    """The questions of a test, and how many are of other kinds."""
    questions: list[Question] = []
    lost = 0
    for item in (one for one in root.walk() if one.name == "item"):
        question = _question(item) if len(questions) < MAX_QUESTIONS else None
        if question is None:
            lost += 1
        else:
            questions.append(question)
    return questions, lost


def _question(item: Element) -> Question | None:
    kind = _kind(item)
    shown = item.first("presentation")
    if kind is None or shown is None:
        return None
    text = _material(shown)
    title = title_of(item.attributes.get("title", ""))
    if not text:
        return None
    if kind == "essay":
        return Question(title, "html", text, "", "essay", (), "")
    right = _right(item)
    if not right:
        return None
    if kind == "short":
        answers = tuple(Answer(word, 100) for word in right)
    else:
        answers = tuple(
            Answer(said, _worth(label.attributes.get("ident", ""), right, kind))
            for label in shown.walk() if label.name == "response_label" and (said := _material(label))
        )  # fmt: skip
    if kind == "truth":
        answers = _truth(answers)
    if not 0 < len(answers) <= MAX_ANSWERS or not any(one.worth > 0 for one in answers):
        return None
    return Question(title, "html", text, "", kind, answers, "")


def _kind(item: Element) -> str | None:
    """The kind by the profile that the exporter names, else by how it is answered."""
    for one in item.walk():
        if one.name == "qtimetadatafield" and one.first("fieldlabel") and one.first("fieldentry"):
            label, value = (
                found.text.strip().lower() if (found := one.first(part)) else ""
                for part in ("fieldlabel", "fieldentry")
            )
            if label == "cc_profile":
                return next((kind for name, kind in _PROFILES.items() if name in value), None)
    for one in item.walk():
        if one.name == "response_lid":
            return "several" if one.attributes.get("rcardinality", "").lower() == "multiple" else "choice"
        if one.name == "response_str":
            return "short"
    return None


def _right(item: Element) -> list[str]:
    """What conditions that give points ask for: identifiers of answers, or words."""
    found: list[str] = []
    for condition in (one for one in item.walk() if one.name == "respcondition"):
        points = condition.first("setvar")
        if points is None or not _above_zero(points.text):
            continue
        asked = condition.first("conditionvar")
        refused = {
            id(below) for one in (asked.walk() if asked else []) if one.name == "not" for below in one.walk()
        }
        found += [
            one.text.strip() for one in (asked.walk() if asked else [])
            if one.name in {"varequal", "varsubset"} and id(one) not in refused and one.text.strip()
        ]  # fmt: skip
    return list(dict.fromkeys(found))[:MAX_ANSWERS]


def _above_zero(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


def _worth(identifier: str, right: list[str], kind: str) -> float:
    if identifier not in right:
        return -100 if kind == "several" else 0
    return 100 / len(right) if kind == "several" else 100


def _truth(answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """True first, then false, whatever the exporter calls them; nothing if they are neither."""
    by_name = {
        ("T" if one.text.lower() in _TRUE else "F" if one.text.lower() in _FALSE else ""): one
        for one in answers
    }
    return (
        tuple(Answer(name, by_name[name].worth) for name in ("T", "F"))
        if by_name.keys() == {"T", "F"}
        else ()
    )


def _material(parent: Element) -> str:
    """The text that *parent* shows, outside of the answers."""
    for child in parent.children:
        if child.name == "material":
            return " ".join(
                one.text.strip() for one in child.walk() if one.name == "mattext" and one.text.strip()
            )
        if child.name in {"flow", "flow_mat"} and (said := _material(child)):
            return said
    return ""
