"""What a search costs when a box holds a whole library: CPU time of a query over 50,000 passages.

``python -m tests.bench search``: lessons of made-up French (syllables, plurals and accents, frequencies after Zipf's
law as in real text) enter the catalogue the way a synchronisation brings them; queries of one to three words,
frequent and rare, whole, begun and mistyped, are then asked as the pages ask, what was meant included. ``EDUBOX_PASSAGES`` changes the size.
"""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
import time
from itertools import accumulate
from pathlib import Path

from edubox.box.catalog import Catalogue
from edubox.box.library import Library
from edubox.pack.index import Index
from edubox.pack.manifest import File, Item, Manifest
from edubox.pages.passages import WORDS
from tests.bench.school import percentile

PASSAGES = int(os.environ.get("EDUBOX_PASSAGES", "50000"))
OF_A_LESSON, VOCABULARY, QUERIES = 500, 40_000, 400


def run() -> dict:
    """Figures of QUERIES queries."""
    source = random.Random(7)
    words = vocabulary(source)
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        begin = time.monotonic()
        for number in range(PASSAGES // OF_A_LESSON):
            enter(data, number, source, words)
        filled = time.monotonic() - begin
        library = Library(data)
        library.search("éclipse", "fr")  # opens the database and loads the stemmer
        seconds, answered = [], 0
        for query in queries(source, words):
            begin = time.thread_time()
            answered += bool(library.search(query, "fr"))
            library.meant(query, "fr")
            seconds.append(time.thread_time() - begin)
        size = (data / "box.db").stat().st_size
    return {
        "passages": PASSAGES, "queries": QUERIES, "answered": answered,
        "cpu_ms": {"p50": ms(seconds, 0.5), "p95": ms(seconds, 0.95), "worst": ms(seconds, 1.0)},
        "database_mb": round(size / 1e6), "seconds_to_fill": round(filled),
    }  # fmt: skip


def vocabulary(source: random.Random) -> list[str]:
    """Word forms, most frequent first."""
    consonants = ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "ch", "pr", "tr"]
    vowels = ["a", "e", "i", "o", "u", "é", "è", "ou", "an", "on"]
    syllables = [consonant + vowel for consonant in consonants for vowel in vowels]
    stems = {
        "".join(source.choices(syllables, k=source.choice((1, 2, 2, 3, 3, 4)))) for _ in range(VOCABULARY)
    }
    return [form for stem in sorted(stems, key=lambda stem: (len(stem), stem)) for form in (stem, stem + "s")]


def enter(data: Path, number: int, source: random.Random, words: list[str]) -> None:
    """One lesson of OF_A_LESSON pages, each a passage."""
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
    tree = data / "tree"
    tree.mkdir(exist_ok=True)
    files = []
    for page in range(OF_A_LESSON):
        body = " ".join(source.choices(words, cum_weights=weights, k=WORDS - 20))
        text = f"<title>Page {page}</title><p>{body}</p>".encode()
        path = f"page-{page:04}.html"
        (tree / path).write_bytes(text)
        files.append(File(path, hashlib.sha256(text).hexdigest(), len(text), "text/html"))
    items = tuple(Item(f"Page {page}", "html", file.path) for page, file in enumerate(files))
    manifest = Manifest(f"Leçon {number}", "fr", items, tuple(files))
    index = Index(
        manifest.name, "fr", 1, "2026-11-24T08:00Z", manifest.id, len(manifest.to_bytes()), manifest.size
    )
    Catalogue(data).activate("ministry/bench", f"lesson-{number}", index, manifest, tree, complete=True)


def queries(source: random.Random, words: list[str]) -> list[str]:
    """As pupils type: mostly a word or two, sometimes frequent ones, sometimes only the beginning of the last."""
    found = []
    for number in range(QUERIES):
        pool = words[100:1000] if number % 4 == 0 else words[1000:8000] if number % 4 < 3 else words[8000:]
        chosen = source.choices(pool, k=source.choice((1, 1, 2, 3)))
        if number % 5 == 0 and len(chosen[-1]) > 4:
            chosen[-1] = chosen[-1][:4]
        elif number % 5 == 1 and len(chosen[-1]) > 5:
            chosen[-1] = chosen[-1][:2] + chosen[-1][3] + chosen[-1][2] + chosen[-1][4:]
        found.append(" ".join(chosen))
    return found


def ms(seconds: list[float], share: float) -> float:
    return round(percentile(seconds, share) * 1000, 1)


def broken(figures: dict) -> list[str]:
    """The budget that is not kept."""
    return [] if figures["cpu_ms"]["p95"] <= 20 else ["search p95 ≤ 20 ms CPU"]
