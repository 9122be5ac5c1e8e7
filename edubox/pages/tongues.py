"""The languages that a country file brings: what pages say in them (``edubox.pack.wording`` tells what may stand there)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edubox.errors import BadInput
from edubox.pack import canonical, wording


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language of a country. Two with the same *key* say the same, so that pages are prepared for it once."""

    key: str
    #: What readers call it, and how it is written: ``ltr`` or ``rtl``.
    name: str = field(compare=False)
    direction: str = field(compare=False)
    #: English sentence (of a counted one, the plural) → what to say: for one, for all other numbers; or always the same.
    said: Mapping[str, tuple[str, ...]] = field(compare=False)
    #: The language in which everything else is said.
    then: str = field(compare=False)


def tongues(tables: Any, then: str) -> dict[str, Tongue]:
    """The languages that *tables* of a country file bring; what does not fit in them is left out.

    *then* is the country's own language.
    """
    found = {}
    for language, table in tables.items() if isinstance(tables, dict) else ():
        try:
            wording.languages({language: table})
        except BadInput:
            continue
        said = {
            english: forms
            for english, forms in wording.sentences(table["messages"])
            if not isinstance(forms, str)
        }
        key = hashlib.sha256(canonical.write([language, then, table])).hexdigest()
        found[language] = Tongue(key, table["name"], table.get("direction", "ltr"), said, then)
        if len(found) == wording.LANGUAGES:
            break
    return found
