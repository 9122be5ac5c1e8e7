"""The hub's own catalogue: complete in French, up to date, and with the same holes to fill as the English."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

from edubox.hub.desk.words import CATALOGUES, translations

ROOT = Path(__file__).parents[3]
_HOLE = re.compile(r"%\(\w+\)[sd]|%%")


def catalogue():
    with (CATALOGUES / "fr" / "LC_MESSAGES" / "hub.po").open("rb") as handle:
        return {message.id: message for message in read_po(handle, locale="fr") if message.id}


def said(message):
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def test_every_sentence_is_translated_and_none_is_left_over(tmp_path):
    target = tmp_path / "hub.pot"
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "packaging/babel-hub.cfg", "-k", "_ ngettext:1,2", "-o",
         target, "edubox"], cwd=ROOT, check=True,
    )  # fmt: skip
    with target.open("rb") as handle:
        wanted = {message.id for message in read_po(handle) if message.id}
    known = catalogue()
    assert known.keys() == wanted, "run make messages"
    assert not [one for one, message in known.items() if not all(said(message)) or message.fuzzy]


def test_a_sentence_has_the_same_holes_in_french():
    for one, message in catalogue().items():
        english = one if isinstance(one, tuple) else (one,)
        for spoken in said(message):
            assert set(_HOLE.findall(spoken)) == set(_HOLE.findall(english[-1])), one


def test_what_the_hub_does_not_say_itself_is_said_by_the_pages_for_everybody():
    assert translations("fr").gettext("January") == "janvier"
    assert translations("en").gettext("Enrolments") == "Enrolments"
