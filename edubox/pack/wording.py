"""The words that a country brings in its own file, for a language that the program does not speak.

A table says what a page shall say instead of an English sentence. It is checked with this before it is signed, and a box
passes over what does not fit: pages take these sentences as they are, markup and all, so a sentence holds none, and
fills in only what the English one fills in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from edubox.errors import BadInput

#: Languages in one country file, sentences of one language, characters of one sentence. Our own catalogues have 550.
LANGUAGES, SENTENCES, LONGEST = 16, 2000, 2000
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_FILLED = re.compile(r"%\(\w+\)\d*[sd]")
_UNFIT = re.compile(r'[<>&"\x00-\x1f\x7f]')


def languages(tables: object) -> dict[str, dict[str, Any]]:
    """The tables by language, each with a name, a direction and messages. Raises BadInput."""
    if not isinstance(tables, dict) or len(tables) > LANGUAGES:
        raise BadInput(reason=f"the country file: words must be tables of at most {LANGUAGES} languages")
    for language, table in tables.items():
        if not _LANGUAGE.match(language) or not isinstance(table, dict):
            raise BadInput(
                reason=f"the country file: words.{language[:20]} must be a table, called by a code such as br"
            )
        strange = table.keys() - {"name", "direction", "messages"}
        if strange:
            raise BadInput(
                reason=f"the country file: words.{language} has an unknown field {min(strange)[:40]!r}"
            )
        if not _sentence(table.get("name")):
            raise BadInput(
                reason=f"the country file: words.{language} needs a name, as its readers call their language"
            )
        if table.get("direction", "ltr") not in ("ltr", "rtl"):
            raise BadInput(
                reason=f'the country file: the direction of words.{language} must be "ltr" or "rtl"'
            )
        messages = table.get("messages")
        if not isinstance(messages, dict) or len(messages) > SENTENCES:
            raise BadInput(
                reason=f"the country file: words.{language}.messages must be at most {SENTENCES} sentences"
            )
    return tables


def sentences(messages: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...] | str]]:
    """Each English sentence of *messages*, with its one or two forms, or with what is wrong with them, as a text."""
    for english, said in messages.items():
        forms = said if isinstance(said, list) else [said]
        allowed = set(_FILLED.findall(english))
        if not 1 <= len(forms) <= 2 or not all(_sentence(form) for form in forms):
            yield (
                english,
                f'needs a sentence or two, at most {LONGEST} characters long, without < > & " or line breaks',
            )
        elif any(not set(_FILLED.findall(form)) <= allowed or "%" in _FILLED.sub("", form) for form in forms):
            yield english, "may have a % only where the English sentence has one, spelled like there"
        else:
            yield english, tuple(forms)


def _sentence(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text.strip()) <= LONGEST and not _UNFIT.search(text)
