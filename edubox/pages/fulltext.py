"""What stands inside the lessons, as an index that a browser searches: for a static site, where nothing answers questions.

A box has its own search (``box.search``) and none of these files. Words with one stem share their entries here, once, so
that the script needs no stemmer; an entry is the number of a page, best first; ``p-<n>.json`` holds PAGES_A_FILE
pages: address, part, file, title, the lesson's title, language and how the text begins. All postings are held in memory
while the index is made, 8 bytes for each different word of each page: some hundred megabytes for 50,000 pages, which
is an exporting computer's work and not a box's.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.pack.manifest import Manifest
from edubox.pages.finding import bare, folded
from edubox.pages.model import Card
from edubox.pages.passages import beginning, passages, texts
from edubox.pages.shards import as_json, shards
from edubox.pages.stems import stem
from edubox.pages.words import primary

#: Pages of one file; answers lie near one another, as lessons do.
PAGES_A_FILE = 24
#: Pages that one word remembers: beyond them it tells nothing.
_OF_A_WORD = 400
#: Worth of a word in a title beside one in the text, and the most that repeating it is worth.
_NAMED, _REPEATED = 24, 15
_BEGINNING = 160


@dataclass(frozen=True, slots=True)
class Said:
    """A passage of a lesson: where it stands, as in ``passages.Text``, and what it says."""

    part: int
    file: str
    title: str
    body: str


def said(manifest: Manifest, tree: Path) -> Iterator[Said]:
    """What the lesson *manifest* says, whose files lie in *tree*."""
    for text in texts(manifest):
        for passage in passages(text, manifest, tree):
            yield Said(text.part, text.file, passage.title, passage.body)


def fulltext(lessons: Iterable[tuple[Card, Iterable[Said]]]) -> Iterator[tuple[str, bytes]]:
    """The files of ``/find/text/``, name and bytes, for what *lessons* say; a lesson's passages come in its order."""
    pages: list[list[Any]] = []
    #: Every word of a language → its stem: more words than ``stems`` remembers, and each costs 0.2 ms.
    vocabulary: dict[tuple[str, str], str] = {}
    postings: dict[str, array[int]] = {}
    for card, all_said in lessons:
        language = primary(card.language)
        numbers: dict[tuple[int, str], int] = {}
        counts: dict[int, Counter[str]] = {}
        for one in all_said:
            number = numbers.get((one.part, one.file))
            if number is None:
                number = numbers[one.part, one.file] = len(pages)
                pages.append(_page(card, one))
                counts[number] = Counter()
                _count(counts[number], one.title, language, vocabulary, _NAMED)
            _count(counts[number], one.body, language, vocabulary, 1)
        for number, counted in counts.items():
            for stemmed, times in counted.items():
                worth = min(times, _NAMED + _REPEATED)
                postings.setdefault(stemmed, array("Q")).append((255 - worth) << 32 | number)
    best = {
        stemmed: [one & 0xFFFFFFFF for one in sorted(found)[:_OF_A_WORD]]
        for stemmed, found in postings.items()
    }
    stems_of: dict[str, set[str]] = {}
    for (_, word), stemmed in vocabulary.items():
        for key in {word, bare(word)}:
            stems_of.setdefault(key, set()).add(stemmed)
    yield from shards({word: _merged([best[one] for one in sorted(some)]) for word, some in stems_of.items()})
    for begin in range(0, len(pages), PAGES_A_FILE):
        yield f"p-{begin // PAGES_A_FILE}.json", as_json(pages[begin : begin + PAGES_A_FILE])


def _count(
    counts: Counter[str], text: str, language: str, vocabulary: dict[tuple[str, str], str], worth: int
) -> None:
    for word in folded(text):
        stemmed = vocabulary.get((language, word))
        if stemmed is None:
            stemmed = vocabulary[language, word] = stem(word, language)
        counts[stemmed] += worth


def _merged(found: list[list[int]]) -> list[int]:
    """The entries of a word that has several stems, in several languages."""
    return found[0] if len(found) == 1 else sorted(set().union(*found))


def _page(card: Card, one: Said) -> list[Any]:
    title = one.title.removesuffix(f" – {card.title}") if one.part else ""
    begins = beginning(one.body, _BEGINNING)
    return [card.address, one.part, one.file, title or card.title, card.title, card.language, begins]
