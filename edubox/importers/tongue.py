"""The language of a text that does not say it, by the small words that every page is full of."""

from __future__ import annotations

import re
from collections import Counter

#: Words that are frequent in one of these languages and rare in the others.
_SMALL = {
    "fr": "le les des et est une du dans qui que pour pas sur au avec sont ce cette il elle nous vous",
    "en": "the of and to is in that for are with this it be as on by from which you we not",
    "es": "el los las y es una del que para por con se su como son esta este más pero",
    "pt": "o os as e é uma do da não que para por com se um em são mais dos ao",
}  # fmt: skip
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile(r"[\u0621-\u064a]")
#: Characters that are looked at; small words below which nothing is said, how many of all words they must be (of a text in
#: one of these languages a third, in another a few), and how far ahead the first must be.
_ENOUGH_TEXT, _LEAST, _SHARE, _AHEAD = 20_000, 10, 0.12, 1.3


def tongue_of(text: str) -> str:
    """The language of *text* as a BCP 47 code, empty if that cannot be told."""
    text = text[:_ENOUGH_TEXT].lower()
    words = _WORD.findall(text)
    if len(_ARABIC.findall(text)) > len(text) / 3:
        return "ar"
    counted = Counter({language: sum(word in small for word in words) for language, small in _WORDS.items()})
    (first, most), (_, next_one) = counted.most_common(2)
    return first if most >= max(_LEAST, _SHARE * len(words), _AHEAD * next_one) else ""
