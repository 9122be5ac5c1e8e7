"""What a reader may mean while still typing: titles of lessons and of their parts, by their words.

All lessons in, files of ``/find/<language>/`` out (their form: ``shards``). The script beside the search field reads
them; a box and a static site hold the same bytes. Nothing is stemmed here, since a box makes these files while a reader
waits: the script looks past the last letters of a word instead. What stands inside the lessons is the search page's
business (``box.search`` on a box, ``fulltext`` on a static site).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from edubox.pages.model import Card
from edubox.pages.shards import shards
from edubox.pages.stems import fold, words
from edubox.pages.words import primary

#: Titles that are suggested, and those of one lesson: bounds what a box keeps in memory, a megabyte or two.
TITLES, OF_A_LESSON = 12_000, 120
#: Entries of one word: somebody who wants the others types on.
_OF_A_WORD = 40
#: Characters of a title, and words of it that it is found by.
_LONGEST, _MOST_WORDS = 120, 16
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=...)")

#: A lesson, and number and title of what can be opened in it.
Titles = tuple[Card, Iterable[tuple[int, str]]]


def suggestions(lessons: Iterable[Titles], language: str) -> Iterator[tuple[str, bytes]]:
    """The files of ``/find/<language>/``, name and bytes, for readers of *language*.

    *lessons* come newest first; those in the reader's own language are suggested first, lessons before their parts.
    """
    entries: list[tuple[list[Any], str]] = []
    later: list[tuple[list[Any], str]] = []
    known = list(islice(lessons, TITLES))
    for card, parts in sorted(known, key=lambda one: primary(one[0].language) != language):
        foreign = card.language if primary(card.language) != language else ""
        title = _shown(card.title)
        entries.append(([card.address, 0, title, "", foreign], f"{title} {' '.join(card.keywords)}"))
        later += [
            ([card.address, number, _shown(name), title, foreign], _shown(name))
            for number, name in islice(parts, OF_A_LESSON) if number and name != card.title
        ]  # fmt: skip
    entries = (entries + later)[:TITLES]
    found: dict[str, list[int]] = {}
    for place, (_, said) in enumerate(entries):
        for word in list(dict.fromkeys(folded(said)))[:_MOST_WORDS]:
            for key in {word, bare(word)}:
                of_word = found.setdefault(key, [])
                if len(of_word) < _OF_A_WORD:
                    of_word.append(place)
    yield from shards(found, lambda chosen: {"e": [entries[one][0] for one in chosen]})


def folded(text: str) -> list[str]:
    """The words of *text*, folded, as the script folds what is typed."""
    return [fold(word) for word in words(unicodedata.normalize("NFC", text))]


def bare(word: str) -> str:
    """*word*, folded, without the article and particles that Arabic writes at its beginning; the script drops them too."""
    return _ARTICLE.sub("", word)


def _shown(title: str) -> str:
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"
