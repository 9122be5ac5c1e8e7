"""Lists of a class: many lines with a name and a first name, perhaps with birthdays or marks.

One line tells nothing: Victor HUGO is in every schoolbook. A list has several in a row that have the form of names, and whose
people have the first names of pupils, or birthdays of our days.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from edubox.box.teacher.lint.first_names import FIRST_NAMES
from edubox.box.teacher.lint.lesson import Built
from edubox.importers.notices import Notice

#: Lines in a row that make a list; where nothing but first names tells, more; other lines that may stand between two of them.
LEAST, _LEAST_BARE, _BETWEEN = 5, 8, 1
#: Characters of a line that could be one of a list.
_LONGEST = 120
_TEAM = r"(?:(?:[Gg]roupe|[ÉéEe]quipe|[Tt]able|[ÎîIi]lot|[ÉéEe]l[èe]ve)\s*\d{0,2}\s*[:\-–]\s*)?"
_BEGIN = (
    rf"[\s\-•*|]*{_TEAM}(?:\d{{1,2}}\s*[.)°\-:,;|]?\s+|\d{{1,2}}[.),;|])?[\s|]*(?:(?:M\.|Mme|Mlle|Mr)\s+)?"
)
#: A name in capitals that is no number of a king.
_ROMAN = r"(?!(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})\b)"
_CAPITALS = (
    rf"(?:{_ROMAN}(?:(?:DE|DU|LE|LA|EL|BEN|VAN|AL|D['’])[ \-]?)*[A-ZÀ-ÖØ-Þ]['’]?[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’]*"
    r"(?:[ \-][A-ZÀ-ÖØ-Þ'’]{2,}){0,2})"
)
_WORD = r"(?:[A-Z]['’])?[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+(?:[ \-](?:[A-Z]['’])?[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+){0,2}"
_APART = r"\s*[,;|:\t]?\s*"
#: What may follow: a birthday of somebody at school, a class, marks, m or f, an absence; then what a teacher says of it.
_DAY = r"(?:n[ée]e?(?:\(e\))?\s+le\s+)?\d{1,2}[/.\-]\d{1,2}[/.\-](?:(?:19[5-9]|20[0-3])\d|\d\d)"
_MARK = (
    r"(?:\d{1,2}(?:[.,]\d{1,2})?(?:\s*/\s*\d{2})?|abs(?:ente?)?\.?|pr[ée]sente?|disp\.?|NN|[MFGAB]\+?-?"
    r"|[3-6](?:e|è|ème)\s?\d?[A-H]?|2nde|1re|T(?:le)?)"
)
_TAIL = rf"(?P<tail>(?:{_APART}(?:(?P<day>{_DAY})|{_MARK})(?![\w]))+(?:\s[^\d]{{3,60}})?)?[\s.;,|]*\Z"
_NAMED = re.compile(rf"{_BEGIN}(?P<name>{_CAPITALS}{_APART}{_WORD}|{_WORD}{_APART}{_CAPITALS}){_TAIL}")
_PLAIN = re.compile(rf"{_BEGIN}(?P<name>{_WORD}{_APART}{_WORD}){_TAIL}")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that could be one of a list: what in it tells so."""

    familiar: bool
    born: bool
    bare: bool


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
    for line in filter(str.strip, text.split("\n")):
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
    familiar, born, bare = (sum(getattr(one, what) for one in run) for what in ("familiar", "born", "bare"))
    if len(run) < LEAST:
        return 0
    if 2 * bare > len(run):  # words with a capital: titles and verses are that too
        return len(run) if len(run) >= _LEAST_BARE and 2 * familiar > len(run) else 0
    return len(run) if 4 * familiar >= len(run) or 2 * born > len(run) else 0


def _understood(line: str) -> _Line | None:
    if len(line) > _LONGEST:
        return None
    line = line.replace('"', "")
    named = _NAMED.match(line)
    found = named or _PLAIN.match(line)
    if found is None:
        return None
    words = re.split(
        r"[^a-z]+", unicodedata.normalize("NFD", found["name"]).encode("ascii", "ignore").decode().lower()
    )
    return _Line(
        not FIRST_NAMES.isdisjoint(words), found["day"] is not None, named is None and not found["tail"]
    )
