"""Lists of a class: many lines with a name and a first name, perhaps with birthdays or marks.

One line tells nothing: Victor HUGO is in every schoolbook. A list has several in a row that have the form of names, and whose
people have the first names of pupils, or birthdays of our days.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from edubox.importers.notices import Notice
from edubox.lint.first_names import FIRST_NAMES
from edubox.lint.lesson import Built

#: Lines in a row that make a list; where nothing but first names tells, more; other lines that may stand between two of them.
LEAST, _LEAST_BARE, _BETWEEN = 5, 8, 1
#: Characters of a line that could be one of a list, and lines of one text that are looked at.
_LONGEST, _LINES = 120, 20_000
#: What lists and tables draw around their lines.
_AROUND = " \t\r\u00a0|*•-"
_TEAM = (
    r"(?:(?:[Gg]roupe|[ÉéEe]quipe|[Tt]able|[ÎîIi]lot|[Pp]lace|[Rr]ang|[ÉéEe]l[èe]ve)\s*\d{0,2}\s*[:\-–]\s*)?"
)
_BEGIN = rf"{_TEAM}(?:[FGM]\s*[,;|\t])?(?:\d{{1,2}}\s*[.)°\-:,;|]?\s+|\d{{1,2}}[.),;|])?[\s|]*(?:(?:M\.|Mme|Mlle|Mr)\s+)?"
#: A name in capitals that is no number of a king.
_ROMAN = r"(?!(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})\b)"
_CAPITALS = (
    rf"(?:{_ROMAN}(?:(?:DE|DU|LE|LA|EL|BEN|VAN|AL|D['’])[ \-]?)*[A-ZÀ-ÖØ-Þ]['’]?[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’]*"
    r"(?:[ \-][A-ZÀ-ÖØ-Þ'’]{2,}){0,2})"
)
_WORD = r"(?:[A-Z]['’])?[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+(?:[ \-](?:[A-Z]['’])?[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+){0,2}"
_APART = r"\s*[,;|:\t]?\s*"
#: What may follow: a birthday of somebody at school or a mark of 20, which are sure signs, a class, marks, m or f, an absence; then
#: what a teacher says of it.
_DAY = r"(?:n[ée]e?(?:\(e\))?\s+le\s+)?\d{1,2}[/.\-]\d{1,2}[/.\-](?:(?:19[5-9]|20[0-3])\d|\d\d)"
_OF_TWENTY = r"\d{1,2}(?:[.,]\d{1,2})?\s*/\s*[12]0"
_MARK = (
    r"(?:\d{1,2}(?:[.,]\d{1,2})?|abs(?:ente?)?\.?|pr[ée]sente?|disp\.?|NN|[MFGAB]\+?-?"
    r"|[3-6](?:e|è|ème)\s?\d?[A-H]?|2nde|1re|T(?:le)?)"
)
_TAIL = (
    rf"(?:(?P<tail>(?:{_APART}\(?(?:(?P<sure>{_DAY}|{_OF_TWENTY})|{_MARK})(?![\w])\)?)+(?:\s[^\d]{{3,60}})?)?[\s.;,|]*\Z"
    r"|(?P<other>[\s,;:|(\-–].{0,80})\Z)"
)
_NAMED = re.compile(rf"{_BEGIN}(?P<name>{_CAPITALS}{_APART}{_WORD}|{_WORD}{_APART}{_CAPITALS}){_TAIL}")
#: What stands beside somebody of a history book: years, and from when to when.
_DEAD = re.compile(r"\b(?:1[0-8]\d\d|19[0-4]\d)\b|\d\s?[\-–]\s?\d|\bav\b")
_BORN = re.compile(rf"(?<!\d){_DAY}(?!\d)|{_OF_TWENTY}\b")
_PLAIN = re.compile(rf"{_BEGIN}(?P<name>{_WORD}{_APART}{_WORD}){_TAIL}")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that could be one of a list: what in it tells so."""

    familiar: bool
    sure: bool
    capitals: bool
    bare: bool
    #: It goes on with anything: then only its beginning tells.
    loose: bool


def check(lesson: Built) -> Iterator[Notice]:
    """Tell each page that holds such a list."""
    for said in lesson.said:
        if found := longest(said.text):
            yield Notice(
                "%(where)s seems to hold a list of pupils (%(number)s lines with a name). Take it out, or keep it among what is for you alone.",
                where=said.where, number=found,
            )  # fmt: skip


def longest(text: str) -> int:
    """How many lines the longest list of pupils in *text* has; 0 if there is none."""
    best, missed = 0, 0
    run: list[_Line] = []
    for line in islice(filter(str.strip, text.split("\n")), _LINES):
        if found := _understood(line):
            run.append(found)
            missed = 0
            continue
        missed += 1
        if missed > _BETWEEN:
            best, run = max(best, _pupils(run)), []
    return max(best, _pupils(run))


def _pupils(run: list[_Line]) -> int:
    """How many lines *run* has if it is a list of pupils, else 0."""
    count = len(run)
    familiar, sure, capitals, bare, loose = (
        sum(getattr(one, what) for one in run) for what in ("familiar", "sure", "capitals", "bare", "loose")
    )
    if count < (_LEAST_BARE if 2 * (bare + loose) > count else LEAST):
        return 0
    if 2 * loose > count and not 2 * capitals > count:
        return count if 2 * sure > count else 0  # sentences begin with capitals too
    # Of words with a capital, as titles and verses have them, more must be first names.
    share = 2 if 2 * loose > count else 4 if 2 * capitals > count else 3
    return count if share * familiar >= count or 2 * sure > count else 0


def _understood(line: str) -> _Line | None:
    if len(line) > _LONGEST:
        return None
    line = line.replace('"', "").strip(_AROUND)
    named = _NAMED.match(line)
    found = named or _PLAIN.match(line)
    if found is None:
        return None
    if found["other"] and _DEAD.search(_BORN.sub("", found["other"])):
        return None
    plain = unicodedata.normalize("NFD", found["name"]).encode("ascii", "ignore").decode().lower()
    return _Line(
        familiar=not FIRST_NAMES.isdisjoint(re.split(r"[^a-z]+", plain)),
        sure=bool(found["sure"] or (found["other"] and _BORN.search(found["other"]))),
        capitals=named is not None,
        bare=not (found["tail"] or found["other"]),
        loose=bool(found["other"]),
    )
