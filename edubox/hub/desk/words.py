"""What the desk of the hub says, in the reader's language: a catalogue of its own, and the pupils' pages' one behind it.

Operators read of hubs, publishers and signatures, which pupils never do; so these sentences are kept apart.
"""

from __future__ import annotations

import gettext
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edubox.pages import words

CATALOGUES = Path(__file__).parent / "catalogues"
#: The first is shown to whoever did not choose.
LANGUAGES = ("fr", "en")


@lru_cache(maxsize=8)
def translations(language: str) -> gettext.NullTranslations:
    """The sentences of *language*."""
    own = gettext.translation("hub", CATALOGUES, [language], fallback=True)
    own.add_fallback(words.translations(language))
    return own


@lru_cache(maxsize=8)
def templates(folder: Path, language: str) -> Environment:
    """The templates in *folder*, which say their sentences in *language* and escape whatever they are given."""
    made = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"], auto_reload=False,
    )  # fmt: skip
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    return made
