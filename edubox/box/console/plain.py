"""Text for a terminal: names and sentences come from strangers, and a terminal does what control characters say."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable

#: Columns and lines that every terminal has.
WIDTH, HEIGHT = 79, 24
#: Characters of the longest text that is looked at.
_LONGEST = 1000


def plain(text: str) -> str:
    """*text* on one line, without anything that a terminal would do instead of show."""
    shown = (one if not unicodedata.category(one).startswith(("C", "Z")) else " " for one in text[:_LONGEST])
    return " ".join("".join(shown).split())


def wrapped(text: str, lines: int, indent: str = "") -> list[str]:
    """*text* in at most so many *lines*; those after the first begin with *indent*, and what does not fit ends with three dots."""
    return textwrap.wrap(
        plain(text),
        WIDTH,
        subsequent_indent=indent,
        max_lines=lines,
        placeholder=" ...",
        break_on_hyphens=False,
    )


def labelled(label: str, values: Iterable[str], column: int = 24) -> list[str]:
    """*values*, one a line, beside *label*; nothing if there are none."""
    shown = [plain(value)[: WIDTH - column] for value in values]
    return [f"{plain(label) if not number else '':{column}}{value}" for number, value in enumerate(shown)]
