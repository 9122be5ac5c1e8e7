"""What a reader may have meant who typed a word that stands nowhere: a word of the lessons, one slip away.

A slip is a letter too many, too few, wrong, or two letters swapped. The search's own vocabulary tells which words there
are, so no list of its own is needed. Asking it for one word costs 50 µs and a word has some hundred slips; but whoever
mistypes a word mostly begins it well, so first those that begin alike are read in one go, and only when none of them is
near are slips at the beginning asked for one by one.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from itertools import islice

from edubox.pages.stems import fold, stem, words

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءئؤ"
#: Words this short are one slip away from anything; longer ones than that are not typed.
_SHORTEST, _LONGEST = 4, 24
#: Letters that most people type rightly, and words beginning with them that are read.
_BEGUN, _ALIKE = 3, 4000
#: Unknown words of one question that are looked after: each costs some milliseconds.
_WORDS = 2


def meant(db: sqlite3.Connection, text: str, languages: list[str]) -> str:
    """*text* with its unknown words put right; empty if all are known, or nothing is near.

    *languages* are those whose stems the search knows.
    """
    text = unicodedata.normalize("NFC", text[:200])
    unknown = (
        word for word in islice(words(text), 12)
        if _SHORTEST <= len(fold(word)) <= _LONGEST and not _known(db, fold(word), languages)
    )  # fmt: skip
    put_right = {
        word: _written(db, near, languages)
        for word in islice(unknown, _WORDS)
        if (near := _near(db, fold(word)))
    }
    return " ".join(put_right.get(word, word) for word in words(text)) if put_right else ""


def _known(db: sqlite3.Connection, folded: str, languages: list[str]) -> bool:
    """Whether the search would find *folded*: as it is, as the beginning of a word, or by its stem."""
    begun = db.execute(
        "SELECT 1 FROM word WHERE term >= ? AND term < ? LIMIT 1", (folded, folded + "\U0010ffff")
    ).fetchone()
    if begun:
        return True
    stems = {stem(folded, language) for language in languages}
    return any(db.execute("SELECT 1 FROM word WHERE term = ?", (one,)).fetchone() for one in stems)


def _near(db: sqlite3.Connection, folded: str) -> str:
    """The word of the lessons one slip from *folded* that most of them use, well begun ones first; empty if there is none."""
    begun, slips = folded[:_BEGUN], _slips(folded)
    alike = db.execute(
        "SELECT term, doc FROM word WHERE term >= ? AND term < ? LIMIT ?",
        (begun, begun + "\U0010ffff", _ALIKE),
    )
    near = [row for row in alike if row["term"] in slips]
    if not near:
        others = [slip for slip in slips if not slip.startswith(begun)]
        query = f"SELECT term, doc FROM word WHERE term IN ({', '.join('?' * len(others))})"  # noqa: S608 - marks only
        near = db.execute(query, others).fetchall()
    return str(min(near, key=lambda row: (-row["doc"], row["term"]))["term"]) if near else ""


def _slips(folded: str) -> set[str]:
    alphabet = _LATIN if folded.isascii() else _ARABIC if "\u0600" <= folded[0] <= "\u06ff" else ""
    cut = [(folded[:at], folded[at:]) for at in range(len(folded) + 1)]
    found = {before + after[1:] for before, after in cut if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in cut if len(after) > 1}
    found |= {before + letter + after[1:] for before, after in cut if after for letter in alphabet}
    found |= {before + letter + after for before, after in cut for letter in alphabet}
    return found - {folded}


def _written(db: sqlite3.Connection, term: str, languages: list[str]) -> str:
    """*term*, which may be a stem, as some lesson writes it."""
    row = db.execute(
        "SELECT title, body FROM passage WHERE passage MATCH ? LIMIT 1", (f'"{term}"',)
    ).fetchone()
    written = {fold(word): word.lower() for word in words(f"{row['title']} {row['body']}")} if row else {}
    if term in written:
        return written[term]
    # A stem costs 0.1 ms, and only Arabic's drop the beginning of a word.
    begun = term[:2] if term.isascii() else ""
    likely = (folded for folded in written if folded.startswith(begun))
    found = next((one for one in likely if any(term == stem(one, language) for language in languages)), None)
    return term if found is None else written[found]
