"""The reader's language: sentences from the catalogues, direction of writing, names of languages.

The standard library's ``gettext`` reads the compiled catalogues; a language without one is shown in English.
"""

from __future__ import annotations

import gettext
import re
from functools import cache
from pathlib import Path

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


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The sentences of *language*."""
    return gettext.translation("edubox", CATALOGUES, [language], fallback=True)


def direction(language: str) -> str:
    """``ltr`` or ``rtl``, for the ``dir`` attribute."""
    return "rtl" if primary(language) in _RIGHT_TO_LEFT else "ltr"


def language_name(language: str) -> str:
    """The name of *language* in itself, or its code."""
    return NAMES.get(primary(language), language)


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
