"""The reader's language: sentences from the catalogues, direction of writing, names of languages.

The standard library's ``gettext`` reads the compiled catalogues; a language without one is shown in English. A country
file may bring more languages, and better words for ours: what it does not say is taken from our catalogue of that
language, else from the one of the country's own language.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from edubox.pages.tongues import Tongue

CATALOGUES = Path(__file__).parent / "catalogues"
#: What readers call their own language.
NAMES = {
    "ar": "العربية", "br": "Brezhoneg", "co": "Corsu", "de": "Deutsch", "en": "English", "es": "Español",
    "eu": "Euskara", "fr": "Français", "it": "Italiano", "oc": "Occitan", "pt": "Português", "und": "—",
}  # fmt: skip
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})
_OFFER = re.compile(
    r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,32})?\s*(?:;\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*)?\Z"
)


class _Brought(gettext.NullTranslations):
    """What a country brings says first, then its fallbacks."""

    def __init__(self, said: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._said = said

    def gettext(self, message: str) -> str:
        found = self._said.get(message)
        return found[-1] if found else super().gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        found = self._said.get(msgid2)
        return found[0 if n == 1 else -1] if found else super().ngettext(msgid1, msgid2, n)


@lru_cache(maxsize=64)
def translations(language: str, brought: Tongue | None = None) -> gettext.NullTranslations:
    """The sentences of *language*, for which the country may have *brought* its own."""
    if brought is None:
        return gettext.translation("edubox", CATALOGUES, [language], fallback=True)
    said = _Brought(brought.said)
    said.add_fallback(gettext.translation("edubox", CATALOGUES, [language, brought.then], fallback=True))
    return said


def offered(languages: tuple[str, ...], tongues: Mapping[str, Tongue]) -> tuple[str, ...]:
    """Those of *languages* that we or the country have words for; all of them rather than none."""
    return tuple(one for one in languages if one in tongues or one in _ours()) or languages


@cache
def _ours() -> frozenset[str]:
    return frozenset(folder.name for folder in CATALOGUES.iterdir() if folder.is_dir())


def direction(language: str, tongues: Mapping[str, Tongue] | None = None) -> str:
    """``ltr`` or ``rtl``, for the ``dir`` attribute; *tongues* are the country's."""
    brought = (tongues or {}).get(primary(language))
    if brought is not None:
        return brought.direction
    return "rtl" if primary(language) in _RIGHT_TO_LEFT else "ltr"


def language_name(language: str, tongues: Mapping[str, Tongue] | None = None) -> str:
    """The name of *language* in itself, or its code; *tongues* are the country's."""
    brought = (tongues or {}).get(primary(language))
    return NAMES.get(primary(language), language) if brought is None else brought.name


def primary(language: str) -> str:
    """The language of a tag such as ``fr-CA``."""
    return language.partition("-")[0].lower()


def preferred(accepted: str, offered: tuple[str, ...]) -> str:
    """The language of *offered* (the first is the default) that an ``Accept-Language`` asks for most.

    *accepted* comes from outside: whatever cannot be read is passed over.
    """
    best, weight = offered[0], 0.0
    for part in accepted[:1000].split(","):
        match = _OFFER.match(part)
        if match is None:
            continue
        asked = float(match[2] or 1)
        if asked > weight and match[1].lower() in offered:
            best, weight = match[1].lower(), asked
    return best
