"""An index of words cut into small files, so that a browser fetches only the few that a question needs.

A shard is named after the first letters of the words that it holds. It is split by one more letter until it fits; what
was split keeps the word that is its name and, among suggestions, the best of all, for who has typed no further yet. ``keys.json`` lists the
names: the shard of a word is the longest of them that the word begins with, and nothing is ever asked for in vain.
Words are folded (``stems.fold``); a script that reads shards must fold in the same way (``scripts/search.js``).

A shard is ``{"w": {word: group}, "g": [[entry, …], …]}``: words with one stem share a group. Entries are numbers, best
first. As the same words make the same bytes, a box and a static site answer alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

#: Bytes of one shard, beyond which it is split: on a class's shared air, the time of one small picture.
LIMIT = 12_000
#: Entries that a split shard of suggestions keeps.
BEST = 16

Words = Mapping[str, Sequence[int]]


def shards(
    words: Words, describe: Callable[[list[int]], dict[str, Any]] | None = None
) -> Iterator[tuple[str, bytes]]:
    """The files that hold *words* (folded word → entries, best first): name and bytes, ``keys.json`` last.

    With *describe*, a shard numbers its entries from 0 and says what they are: the given fields are added to it.
    """
    keys = []
    for key, found in _divide("", dict(sorted(words.items())), describe):
        keys.append(key)
        yield f"{name_of(key)}.json", found
    yield "keys.json", as_json(keys)


def name_of(key: str) -> str:
    """The name of the file of *key*: no system's reserved name, and only letters that every file system keeps."""
    return "w-" + "".join(one if one.isascii() and one.isalnum() else f"{ord(one):x}-" for one in key)


def _divide(
    key: str, words: dict[str, Sequence[int]], describe: Callable[[list[int]], dict[str, Any]] | None
) -> Iterator[tuple[str, bytes]]:
    # A word costs four bytes and more: what cannot fit is not even tried.
    whole = _shard(words, describe) if 4 * len(words) <= LIMIT else b""
    longer: dict[str, dict[str, Sequence[int]]] = {}
    for word, entries in words.items():
        if word != key:
            longer.setdefault(word[: len(key) + 1], {})[word] = entries
    if (whole and len(whole) <= LIMIT) or not longer:
        yield key, whole
        return
    kept = {key: words[key]} if key in words else {}
    if describe is not None:
        best = set(sorted({entry for entries in words.values() for entry in entries[:BEST]})[:BEST])
        some = {word: [entry for entry in entries if entry in best] for word, entries in words.items()}
        kept = {word: entries for word, entries in some.items() if entries} | kept
    yield key, _shard(kept, describe)
    for longer_key, inside in longer.items():
        yield from _divide(longer_key, inside, describe)


def _shard(words: dict[str, Sequence[int]], describe: Callable[[list[int]], dict[str, Any]] | None) -> bytes:
    places: dict[int, int] = {}
    if describe is not None:
        places = {
            entry: place
            for place, entry in enumerate(sorted({one for some in words.values() for one in some}))
        }
    groups: dict[tuple[int, ...], int] = {}
    numbered = {}
    for word, entries in words.items():
        group = tuple(places[one] for one in entries) if describe else tuple(entries)
        numbered[word] = groups.setdefault(group, len(groups))
    described = describe(list(places)) if describe else {}
    return as_json({"w": numbered, "g": list(groups), **described})


def as_json(value: Any) -> bytes:
    """*value* as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
