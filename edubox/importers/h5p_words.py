"""What an H5P exercise says to a pupil, found in its parameters.

``content.json`` holds the author's words between switches, colours, files and the words on buttons, in a shape that
each library defines. Rather than know them all, this reading leaves out what is never an author's sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from edubox.importers import html
from edubox.pack.canonical import nfc

#: Characters kept for the search.
MAX_TEXT = 1_000_000
#: Branches that hold the library's own words, switches and rights.
_UNSEEN = frozenset({
    "l10n", "ui", "i18n", "behaviour", "copyright", "override", "confirmcheck", "confirmretry", "a11y", "metadata", "endscreen",
    "subcontentid", "library", "mime", "path", "license", "source", "version", "kind", "srclang", "currentmenu", "dictionary",
})  # fmt: skip
#: Ends of names of single parameters that libraries label their buttons with.
_LABELS = (
    "label",
    "button",
    "buttontext",
    "message",
    "a11y",
    "announcement",
    "url",
    "color",
    "align",
    "type",
)
#: ``You got @score of @total points``
_PLACEHOLDER = re.compile(r"(?<![\w.])[@:][a-z]\w*")
_LIBRARY = re.compile(r"[A-Za-z0-9_.-]{1,100} [0-9]{1,6}\.[0-9]{1,6}\Z")
#: Parameters that a player loads when they hold an address.
_LOADED = frozenset({"path", "src", "poster"})


@dataclass(slots=True)
class Words:
    """The *text* for the search, the *libraries* and addresses that the content names: those it *loads*, and all."""

    text: str = ""
    libraries: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    links: dict[str, None] = field(default_factory=dict)


def words_of(content: dict[str, Any]) -> Words:
    """Read the parameters *content*, in their order."""
    words = Words()
    said: list[str] = []
    waiting: list[tuple[str, Any, bool]] = [("", content, True)]
    while waiting:
        key, value, seen = waiting.pop()
        if isinstance(value, dict):
            waiting += [
                (name, one, seen and name.lower() not in _UNSEEN) for name, one in reversed(value.items())
            ]
        elif isinstance(value, list):
            waiting += [(key, one, seen) for one in reversed(value)]
        elif isinstance(value, str):
            value = value.encode("utf-8", "ignore").decode()
            if key == "library" and _LIBRARY.match(value):
                words.libraries.append(value)
            elif html.is_external(value.strip()):
                words.links[value.strip()] = None
                if key in _LOADED:
                    words.loads.append(value.strip())
            elif seen and not key.lower().endswith(_LABELS) and not _PLACEHOLDER.search(value):
                said.append(html.plain(value))
                if "<" in value:
                    _addresses(value, words)
    lines = dict.fromkeys(line for one in said for line in one.splitlines() if any(map(str.isalpha, line)))
    words.text = nfc("\n".join(lines))[:MAX_TEXT]
    return words


def _addresses(value: str, words: Words) -> None:
    found = html.scan(value)
    words.loads += filter(html.is_external, found.loads)
    words.links |= dict.fromkeys(filter(html.is_external, [*found.loads, *found.follows]))
