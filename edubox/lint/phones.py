"""Phone numbers in the texts of a lesson, French ones and those that begin with a country.

Schoolbooks are full of numbers, so what looks like a sum, a sequence, an ISBN or an amount is none, and numbers that are set
aside for fiction (ARCEP's decision 2018-0881) are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from edubox.importers.notices import Notice
from edubox.lint.lesson import Built

_SPACE = "[ \u00a0\u202f]"
_APART = rf"(?:{_SPACE}?[.\-/]{_SPACE}?|{_SPACE}{{1,2}}|)"
_FRENCH = re.compile(
    rf"(?<![\w+.,/\-])(?:(?:\+|00){_SPACE}?33{_APART}(?:\(0\){_APART})?|0)"
    rf"(?:[1-9]{_APART}\d\d(?:{_APART}\d\d){{3}}|[67]\d\d{_SPACE}\d{{3}}{_SPACE}\d{{3}})(?![\w])(?![.,/\-]\d)"
)
#: Country codes (ITU E.164), longest first.
_COUNTRIES = (
    r"(?:2[1-689]\d|3[578]\d|42[013]|50\d|59\d|6[789]\d|85[02356]|88[06]|9[679]\d"
    r"|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[17])"
)
_ABROAD = re.compile(
    rf"(?<![\w+.,/\-])\(?(?:\+{_SPACE}?|00){_COUNTRIES}\)?(?:{_APART}\(0?\d{{0,4}}\))?(?:{_APART}\d){{6,12}}(?![\w])(?![.,/\-]\d)"
)
#: Before or after a number that is calculated with, or counts something.
_SUM_BEFORE = re.compile(r"(?:[=×÷*≤≥≈∈{\[^√]|\d\s*[+\-−–/]|\b(?:ISBN|ISSN|EAN|SIRET|SIREN|IBAN|RIB|DOI|UAI|FR)\b[^\n]{0,18}|\bn°|\b[a-z]\s*)\s*\Z")  # fmt: skip
_SUM_AFTER = re.compile(
    r"\s*(?:[=×÷*<>≤≥≈%€$^²³}\]]|[+\-−–/]\s*\d|(?:euros?|francs?|habitants?|km|m|cm|mm|kg|g|l|s|ans|années|octets|molécules|°)\b)"
)
_CALLED = re.compile(
    r"(?:t[ée]l|phone|portable|mobile|appel|fax|num[ée]ro|sms|whatsapp|joindre|☎|📞|✆)", re.IGNORECASE
)
#: First six digits of numbers for films and books.
_FICTION = ("019900", "026191", "035301", "046571", "053649", "063998")
#: Digits of a number that is dialled abroad with 00.
_LEAST_ABROAD = 11
#: Characters around a number that tell what it is.
_AROUND = 24


def check(lesson: Built) -> Iterator[Notice]:
    """Tell each of them once, with the place where it stands."""
    for where, found in lesson.found(phones):
        yield Notice(
            "%(where)s seems to hold a phone number (%(found)s). Take it out: pupils and families keep this lesson.",
            where=where, found=found,
        )  # fmt: skip


def phones(text: str) -> Iterator[str]:
    """The phone numbers in *text*, as they are written."""
    ends = 0
    for found in sorted((*_FRENCH.finditer(text), *_ABROAD.finditer(text)), key=lambda one: one.start()):
        if found.start() >= ends and _is_phone(text, found):
            ends = found.end()
            yield found[0]


def _is_phone(text: str, found: re.Match[str]) -> bool:
    before = text[max(found.start() - _AROUND, 0) : found.start()]
    after = text[found.end() : found.end() + _AROUND]
    digits = re.sub(r"\D", "", found[0].replace("(0)", ""))
    too_short = digits.startswith("00") and len(digits) < _LEAST_ABROAD  # 001.154286 is a longitude
    if too_short or _national(digits).startswith(_FICTION) or len(set(digits)) <= 2:
        return False
    line = before.rpartition("\n")[2]
    if _CALLED.search(line):
        return True
    if _SUM_BEFORE.search(line) or _SUM_AFTER.match(after.partition("\n")[0]):
        return False
    return not (_is_sequence(digits) or _goes_on(line, after))


def _national(digits: str) -> str:
    """*digits* as they are dialled in France."""
    if digits.startswith("0") and not digits.startswith("00"):
        return digits
    return "0" + digits.removeprefix("00").removeprefix("33")


def _is_sequence(digits: str) -> bool:
    """Whether *digits* count, by ones or by pairs: 01 02 03 04 05, 0123456789."""
    pairs = [int(digits[at : at + 2]) for at in range(0, len(digits) - 1, 2)]
    return len({second - first for first, second in pairwise(pairs)}) == 1


def _goes_on(line: str, after: str) -> bool:
    """Whether the number is a piece of a longer row of numbers."""
    return bool(
        re.search(r"\d[ \u00a0,;|]+\Z", line) or re.match(r"[ \u00a0]\d|[,;|][ \u00a0]?\d{1,3}\b", after)
    )
