"""The levels that a country's schools teach, by whatever a person calls them: their ids, or names of the country file in any language.

Who writes a school's card at home has no country file at hand and no ids in mind, so ``levels`` of the settings may be written as
people say them. They are looked up whenever they are used; what the country does not have stays as it was written and fits nothing.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edubox.errors import EduboxError
from edubox.pack import canonical


@dataclass(frozen=True, slots=True)
class Levels:
    """*ids* in the country's order; *called*: plain text → the levels of that name, *written*: plain text → how to write it."""

    ids: tuple[str, ...]
    called: Mapping[str, tuple[str, ...]]
    written: Mapping[str, str]

    def of(self, said: Iterable[str]) -> tuple[str, ...]:
        """The ids of what was *said*; what is no level stays as it is. One name may be that of several levels."""
        found = (self.called.get(_plain(one), (one,)) for one in said)
        return tuple(dict.fromkeys(ident for some in found for ident in some))

    def unknown(self, said: Iterable[str]) -> list[str]:
        """What of *said* the country does not have."""
        return [one for one in said if _plain(one) not in self.called]

    def nearest(self, text: str) -> str:
        """The name of a level that is written most like *text*, or the first one; empty if there is none."""
        close = difflib.get_close_matches(_plain(text), self.written, 1, 0.5)
        return self.written[close[0]] if close else next(iter(self.written.values()), "")


def read(country_file: bytes) -> Levels:
    """The levels of *country_file* (canonical JSON); none if it cannot be read."""
    try:
        listed = canonical.read(country_file, what="the country file").get("level")
    except EduboxError:
        listed = None
    ids: dict[str, None] = {}
    called: dict[str, list[str]] = {}
    written: dict[str, str] = {}
    for one in listed if isinstance(listed, list) else []:
        ident = one.get("id") if isinstance(one, dict) else None
        if not isinstance(ident, str):
            continue
        ids[ident] = None
        # The short name is what people write.
        for name in (ident, *_names(one.get("short")), *_names(one.get("name"))):
            known = called.setdefault(_plain(name), [])
            if ident not in known:
                known.append(ident)
            if name != ident:
                written.setdefault(_plain(name), name)
    return Levels(tuple(ids), {name: tuple(some) for name, some in called.items() if name}, written)


def _names(value: Any) -> Iterator[str]:
    names = value.values() if isinstance(value, dict) else [value]
    return (one for one in names if isinstance(one, str))


def _plain(text: str) -> str:
    """*text* in small letters, without accents, spaces and signs: ``1re gén.`` and ``1RE GEN`` are one."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in letters if one.isalnum())
