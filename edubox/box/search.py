"""Finding passages: a pupil's words to an FTS5 query, and the answers' snippets.

A query is words, never syntax: whatever is typed becomes quoted words, each as written or as its stem, the
last one also as the beginning of a word. All of them must occur; if that finds nothing, any of them may.
Titles weigh most. Snippets are made here and not by SQLite, since a hit through a stem has nothing to mark in
the text; they are pieces of plain text, marked and unmarked in turn, and become HTML only in a template.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from bisect import bisect_left
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from edubox.pages.passages import beginning
from edubox.pages.stems import fold, stem, words

#: Answers shown; more words find better than more pages.
LIMIT = 20
#: Answers of one lesson, so that a long one does not hide the others.
OF_A_LESSON = 3
_CANDIDATES = 80
#: From so many passages on, a word is too common for ranking to tell much or to stay quick (5 µs a passage): then
#: those come first that have it in their title, and so many of these are looked at.
_MANY, _NAMED = 800, 300
_MOST_WORDS = 12
#: Letters from which a beginning of a word is looked for; fewer would match half of the box.
_PREFIX = 4
#: Weights of title, body and stems.
_RANK = "bm25(8.0, 1.0, 0.8)"
#: Words that say nothing about a subject, in the languages we know stems of.
_COMMON = frozenset({
    "les", "des", "une", "aux", "est", "sont", "dans", "par", "pour", "sur", "que", "qui", "quoi", "quel", "quelle",
    "comment", "pourquoi", "avec", "ses", "son", "the", "and", "for", "are", "was", "what", "how", "why", "who", "with",
    "from", "los", "las", "una", "del", "con", "por", "para", "como", "dos", "das", "uma", "com",
})  # fmt: skip
#: Characters around the first hit of a snippet, and its length.
_BEFORE, _LENGTH = 70, 240
#: Words of one passage that are looked at for its snippet.
_LOOKED_AT = 40
#: Vowel marks and stretching of Arabic, which may stand after any letter.
_MARKS = r"[\u0640\u064b-\u0652\u0670]"


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that answers: where it is, its title, and its text in pieces, unmarked and marked in turn."""

    lesson: int
    part: int
    file: str
    title: str
    snippet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked: for each word the folded forms that answer it, and the beginning that the last word may be."""

    forms: tuple[frozenset[str], ...]
    beginning: str


def understand(text: str, languages: list[str]) -> Query:
    """Read *text* as words, stemmed in each of *languages*."""
    folded = list(dict.fromkeys(fold(word) for word in words(unicodedata.normalize("NFC", text[:1000]))))
    telling = [word for word in folded if len(word) > 2 and word not in _COMMON] or folded
    forms = tuple(
        frozenset({word, *(stem(word, language) for language in languages)}) for word in telling[:_MOST_WORDS]
    )
    last = folded[-1] if folded else ""
    return Query(forms, last if last in telling[:_MOST_WORDS] and len(last) >= _PREFIX else "")


def search(
    db: sqlite3.Connection, query: Query, limit: int = LIMIT, lessons: AbstractSet[int] | None = None
) -> list[Found]:
    """The best *limit* answers, best first; with *lessons* only what stands in those."""
    if not query.forms:
        return []
    groups = []
    for forms in query.forms:
        choices = [_quoted(form) for form in sorted(forms)]
        if query.beginning in forms:
            choices.append(f"{_quoted(query.beginning)} *")
        groups.append(f"({' OR '.join(choices)})")
    rows = _matching(db, " AND ".join(groups))
    if not rows and len(groups) > 1:
        rows = _matching(db, " OR ".join(groups))
    found = []
    for row in _varied([row for row in rows if lessons is None or row["lesson"] in lessons])[:limit]:
        text = db.execute("SELECT title, body FROM passage WHERE rowid = ?", (row["id"],)).fetchone()
        found.append(
            Found(row["lesson"], row["part"], row["file"], text["title"], snippet(text["body"], query))
        )
    return found


def snippet(body: str, query: Query) -> tuple[str, ...]:
    """A part of *body* around the first place where most is asked for, unmarked and marked pieces in turn."""
    hits = _hits(body, query)
    if not hits:
        return (beginning(body, _LENGTH),) if body else ()
    starts = [start for start, _ in hits]
    first = starts[max(range(len(hits)), key=lambda at: bisect_left(starts, starts[at] + _LENGTH) - at)]
    begin = max(first - _BEFORE, 0)
    if begin:
        begin = body.find(" ", begin, first) + 1 or begin
    end = begin + _LENGTH
    if end < len(body):
        end = max(body.rfind(" ", first, end), first)
    shown = [hit for hit in hits if hit[0] >= begin and (hit[1] <= end or hit[0] == first)]
    end = min(max(end, shown[-1][1]), len(body))
    pieces, at = [], begin
    for start, stop in shown:
        pieces += [body[at:start], body[start:stop]]
        at = stop
    pieces.append(body[at:end])
    pieces[0] = ("… " if begin else "") + pieces[0]
    pieces[-1] += " …" if end < len(body) else ""
    return tuple(piece.replace("\n", " ") for piece in pieces)


def _matching(db: sqlite3.Connection, expression: str) -> list[sqlite3.Row]:
    """Places of the passages that answer, best first."""
    counted = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM passage WHERE passage MATCH ? LIMIT ?)", (expression, _MANY)
    ).fetchone()[0]
    if counted < _MANY:
        return db.execute(
            """SELECT place.* FROM (
                 SELECT rowid, rank FROM passage WHERE passage MATCH ? AND rank MATCH ? ORDER BY rank LIMIT ?
               ) AS best JOIN place ON place.id = best.rowid ORDER BY best.rank""",
            (expression, _RANK, _CANDIDATES),
        ).fetchall()
    newest = """SELECT place.* FROM (
                  SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY rowid DESC LIMIT ?
                ) AS best JOIN place ON place.id = best.rowid ORDER BY place.part > 0, best.rowid DESC"""
    named = db.execute(newest, (f"title : ({expression})", _NAMED)).fetchall()
    return named + db.execute(newest, (expression, _CANDIDATES)).fetchall()


def _varied(rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The best passage of each page, and few pages of one lesson."""
    chosen: list[sqlite3.Row] = []
    for row in rows:
        same_lesson = [one for one in chosen if one["lesson"] == row["lesson"]]
        if len(same_lesson) < OF_A_LESSON and not any(
            (one["part"], one["file"]) == (row["part"], row["file"]) for one in same_lesson
        ):
            chosen.append(row)
    return chosen


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _hits(body: str, query: Query) -> list[tuple[int, int]]:
    """Where *body* has words that were asked for, in order; the first of very many."""
    found = {
        match.span()
        for pattern in _patterns(query)
        for match in islice(pattern.finditer(body), _LOOKED_AT)
        if _answers(match[0], query)
    }
    return sorted(found)[:_LOOKED_AT]


@lru_cache(maxsize=32)
def _patterns(query: Query) -> list[re.Pattern[str]]:
    """Words that begin like one that was asked for; most of a text never reaches the slow comparison.

    Each begins with a plain set of letters, in both cases, which is what makes the scan quick.
    """
    beginnings: list[str] = []
    for form in sorted(form[:4] for forms in query.forms for form in forms):
        # Sorted, so that a beginning comes right before what it covers.
        if not beginnings or not form.startswith(beginnings[-1]):
            beginnings.append(form)
    return [
        re.compile(
            rf"{_loose(one[0])}(?<![^\W_].){_MARKS}*{''.join(f'{_looser(letter)}{_MARKS}*' for letter in one[1:])}"
            rf"(?:[^\W_]|{_MARKS})*",
            re.DOTALL,
        )
        for one in beginnings
    ]


def _loose(letter: str) -> str:
    """A set of *letter* in both cases and with any accent."""
    return f"[{re.escape(letter)}{re.escape(letter.upper()) if len(letter.upper()) == 1 else ''}{_ACCENTED.get(letter, '')}]"


def _looser(letter: str) -> str:
    """As ``_loose``, and anything beyond Latin-1: a large set of single letters takes a fifth of a query to compile."""
    near = "".join(one for one in _ACCENTED.get(letter, "") if one <= "\xff")
    upper = letter.upper() if len(letter.upper()) == 1 else ""
    return rf"(?:[{re.escape(letter)}{re.escape(upper)}{near}]|[^\x00-\xff])"


def _answers(word: str, query: Query) -> bool:
    folded = fold(word)
    if query.beginning and folded.startswith(query.beginning):
        return True
    return any(
        form == folded or (len(form) > 2 and folded.startswith(form))
        for forms in query.forms
        for form in forms
    )


def _accented() -> dict[str, str]:
    """Letter → the precomposed Latin letters that are it with an accent."""
    found: dict[str, str] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00), 0x622, 0x623, 0x625):
        base = fold(chr(code))
        if len(base) == 1 and base != chr(code):
            found[base] = found.get(base, "") + chr(code)
    return found


_ACCENTED = _accented()
