"""Numbers that stand for one person: the national identifier of a pupil (INE) and of everybody insured (NIR).

A French pupil's INE has eleven characters: ten digits and a letter, which is their remainder by 23 in an alphabet without I, O
and Q; since 2018 nine digits and two letters; an apprentice's has the letter A in the fifth place. A NIR has fifteen: sex, year
and month of birth, department, commune, order, and a key of two digits, 97 less the remainder of the others by 97 (2A and 2B of
Corsica count as 19 and 18). The key is what tells it from other numbers; without it, thirteen are one only where the text says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from edubox.importers.notices import Notice
from edubox.lint.lesson import Built

_SPACE = "[ \u00a0\u202f]"
_INE = re.compile(r"(?<![\w.,\-])(?:\d{10}[A-Z]|\d{9}[A-Z]{2}|\d{4}A\d{5}[A-Z])(?![\w\-])")
_INE_SAID = re.compile(
    rf"\b(?:I\.?N\.?E|BEA|RNIE|identifiant national(?: [ée]l[èe]ve)?)\b[^\d\n]{{0,20}}(?P<found>(?:\d{_SPACE}?){{9,10}}[A-Za-z]{{1,2}})(?!\w)",
    re.IGNORECASE,
)
_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"
#: What nine digits may measure.
_UNITS = {
    "KM", "KG", "MB", "GB", "KB", "TB", "MO", "GO", "KO", "TO", "HZ", "EU", "EV", "CV", "CM", "MM", "ML", "CL",
}  # fmt: skip
#: Between the groups of a NIR.
_GAP = "[ .\\-\u00a0\u202f]?"
_NIR = re.compile(
    rf"(?<![\w.,\-])(?P<body>[12]{_GAP}\d\d{_GAP}(?:0[1-9]|1[0-2]|[2-9]\d){_GAP}(?:\d\d|2[AB]){_GAP}\d{{3}}{_GAP}\d{{3}})"
    rf"(?:{_GAP}(?:[/\-]{_SPACE}?|cl[ée]{_SPACE}?(?::{_SPACE}?)?)?(?P<key>\d\d))?(?![\w])(?![.,]\d)"
)
_NIR_SAID = re.compile(
    rf"\b(?:NIR|NSS|n°{_SPACE}?SS|immatriculation|s[ée]curit[ée] sociale|num[ée]ro de s[ée]cu|carte vitale)\b[^\d\n]{{0,60}}\Z",
    re.IGNORECASE,
)
#: Characters before a number that tell what it is.
_AROUND = 90


def check(lesson: Built) -> Iterator[Notice]:
    """Tell each of them once, with the place where it stands."""
    for where, found in lesson.found(pupils_numbers):
        yield Notice(
            "%(where)s seems to hold a pupil’s national identifier, INE (%(found)s). Take it out.", where=where, found=found
        )  # fmt: skip
    for where, found in lesson.found(insured_numbers):
        yield Notice(
            "%(where)s seems to hold a social security number (%(found)s). Take it out.", where=where, found=found
        )  # fmt: skip


def pupils_numbers(text: str) -> Iterator[str]:
    """The INE in *text*, as they are written."""
    said = {found.start("found"): found["found"] for found in _INE_SAID.finditer(text)}
    yield from said.values()
    for found in _INE.finditer(text):
        if found.start() not in said and _is_pupils(found[0]):
            yield found[0]


def insured_numbers(text: str) -> Iterator[str]:
    """The NIR in *text*, as they are written."""
    for found in _NIR.finditer(text):
        before = text[max(found.start() - _AROUND, 0) : found.start()]
        if _key_fits(found["body"], found["key"]) or _NIR_SAID.search(before):
            yield found[0]


def _is_pupils(found: str) -> bool:
    if found[:10].isdigit():
        return _KEYS[int(found[:10]) % len(_KEYS)] == found[10] and len(set(found[:10])) > 1
    if found[:9].isdigit():
        return found[9:] not in _UNITS and len(set(found[:9])) > 1
    return True


def _key_fits(body: str, key: str | None) -> bool:
    if key is None:
        return False
    digits = re.sub(r"\W", "", body).replace("2A", "19").replace("2B", "18")
    return int(digits) % 97 + int(key) == 97
