"""Words as the search compares them: without accents and capitals, and cut to their stem.

Stems are those of Snowball for the lesson's language, of the word *without* its accents: a pupil who types
*egalites* gets the same stem as the page that says *égalité*. Where the stemmer is pure Python a word takes
0.2 ms, so stems are remembered.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from threading import Lock
from typing import Any

#: ISO 639-1 → name of the algorithm.
ALGORITHMS = {"ar": "arabic", "en": "english", "es": "spanish", "fr": "french", "pt": "portuguese"}
#: What SQLite's unicode61 calls a word, and the marks that vowels are written with in Arabic.
_WORD = re.compile(r"(?:[^\W_][\u064b-\u0652\u0670\u0640]*)+")
#: A longer word is a mistake or an attack on the stemmer.
_LONGEST = 40
#: Words remembered by who reads lessons: more than the different words of a large one, 300 bytes each. Fewer than there
#: are, and nearly every word of a text is stemmed again: a lesson that took a minute took a quarter of an hour.
_VOCABULARY = 40_000
#: Words remembered by who answers questions.
_TYPED = 4_000
#: A stemmer works in a buffer of its own: one thread at a time.
_one_at_a_time = Lock()


def words(text: str) -> list[str]:
    """The words of *text*, as they are written."""
    return _WORD.findall(text)


@lru_cache(maxsize=_TYPED)
def fold(word: str) -> str:
    """*word* without capitals, accents and vowel marks."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFD", word.casefold().replace("\u0640", ""))
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))


@lru_cache(maxsize=_TYPED)
def stem(folded: str, language: str) -> str:
    """The stem of a *folded* word in *language*; the word itself in languages without an algorithm."""
    stemmer = _stemmer(language)
    # Numbers and codes have no stem, and there is no end of different ones.
    if stemmer is None or len(folded) > _LONGEST or not folded.isalpha():
        return folded
    with _one_at_a_time:
        stemmed: str = stemmer.stemWord(folded)
    return stemmed


def stems(text: str, language: str) -> str:
    """The stems of *text* that its own words would not give, as one text."""
    found = dict.fromkeys(_own_stem(word, language) for word in words(text))
    found.pop("", None)
    return " ".join(found)


@lru_cache(maxsize=_VOCABULARY)
def _own_stem(word: str, language: str) -> str:
    """The stem of *word* if the word itself would not answer for it, else nothing."""
    folded = fold(word)
    stemmed = stem(folded, language)
    # SQLite folds Latin accents by itself, but takes Arabic vowel marks for spaces.
    return stemmed if stemmed != folded or (language == "ar" and folded != word) else ""


@cache
def _stemmer(language: str) -> Any:
    name = ALGORITHMS.get(language)
    if name is None:
        return None
    import snowballstemmer

    return snowballstemmer.stemmer(name)
