"""The page of text: it fits the smallest terminal, says what the page for the person in charge says, and obeys no stranger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edubox.box.console import front, screen
from edubox.box.console.facts import Facts
from edubox.box.console.plain import HEIGHT, WIDTH
from edubox.hardware.card.state import APPLIED, REFUSED, CardState
from edubox.hardware.card.status_file import Here
from edubox.pages.state import FIRST, TITLES
from edubox.pages.words import translations

WELL = (("card", "good", "A file can be written."),)
FULL = Facts(
    school="École Jean-Moulin", checks=WELL, pages=[f"http://10.0.{n}.2/" for n in range(9)], desk="https://x.local/bureau/",
    wifi="Moulin", system=("a", 12), other=("b", 0), synchronised=1_764_000_000.0, stick=Path("/media/sda1"), heard=True,
    has_password=True, has_code=True,
)  # fmt: skip


def test_all_that_can_be_said_fits_the_smallest_terminal():
    ill = tuple((name, "broken", "x" * 400) for name in TITLES)
    lines = screen.page(replace(FULL, school="É" * 300, wifi="W" * 300, checks=ill))
    assert len(lines) <= HEIGHT - 2
    assert max(map(len, lines)) <= WIDTH
    assert len(screen.details(replace(FULL, checks=ill))) <= HEIGHT - 3


@pytest.mark.parametrize("level", FIRST)
def test_the_first_sentence_is_that_of_the_page_in_two_languages(level):
    french, english = screen.sentences(replace(FULL, checks=(("power", level, "too low"), *WELL)))
    assert french.startswith(translations("fr").gettext(FIRST[level]).split("%")[0])
    assert english.startswith(FIRST[level].split("%")[0])
    if "%(what)s" in FIRST[level]:
        assert "Power supply" in english
        assert translations("fr").gettext("Power supply") in french


def test_nothing_that_a_stranger_wrote_moves_the_cursor():
    evil = "\x1b[2J\x1b]0;x\x07 \u202e gone\n\r 1  Format"
    facts = replace(FULL, school=evil, wifi=evil, checks=(("own", "broken", evil),))
    shown = screen.page(facts) + screen.details(facts) + screen.secret("Wi-Fi", evil)
    shown += (
        front.render(CardState(APPLIED, shown={"school": evil}), Here("1", [evil]), evil).decode().split("\n")
    )
    assert not any(one in line for line in shown for one in "\x1b\x07\r\n\u202e")


def test_only_what_can_be_done_is_offered():
    assert screen.offered(FULL) == ["1", "2", "3", "4", "5", "6", "0"]
    assert screen.offered(Facts()) == ["0"]
    assert screen.offered(replace(FULL, stick=None, has_code=False)) == ["1", "2", "3", "6", "0"]


def test_numbers_stay_the_same_whatever_is_offered():
    fewer = screen.page(replace(FULL, has_password=False, has_code=False))
    assert " 5  Rapport technique sur la clé / Technical report to the stick" in fewer


def test_no_password_and_no_code_is_on_the_first_page():
    """They are not even among its facts: whoever asks for one has asked for it."""
    assert not {"password", "code"} & set(Facts.__dataclass_fields__)


def test_a_box_whose_data_partition_is_not_there_says_so_and_can_be_switched_off():
    lines = screen.page(Facts(there=False, heard=True))
    assert "partition" in lines[1]
    assert [line[:3] for line in lines if line.startswith(" ")] == [" 1 ", " 2 ", " 0 "]


def test_a_box_that_never_synchronised_says_so():
    assert any("pas encore / not yet" in line for line in screen.page(replace(FULL, synchronised=0.0)))


def test_details_are_what_is_not_well_worst_first_and_everything_if_all_is():
    ill = (("power", "warning", "too low"), ("own", "note", "print"), *WELL)
    assert screen.details(replace(FULL, checks=ill)) == ["warning - power: too low", "note - own: print"]
    assert screen.details(FULL) == ["good - card: A file can be written."]


def test_who_has_no_keyboard_reads_where_the_box_is_and_what_is_wrong():
    state = CardState(
        REFUSED, mistakes=({"fr": "Ligne 3 : faux", "en": "Line 3: wrong"},), shown={"school": "École"}
    )
    here = Here(
        "1.0",
        ["http://edubox-1.local/", "http://10.0.2.15/"],
        "https://edubox-1.local/bureau/",
        "reset",
        "secret-wifi",
        "SECRET-CODE",
        True,
    )
    text = front.render(state, here, "Moulin").decode()
    for said in (
        "École - edubox 1.0",
        "http://10.0.2.15/",
        "Moulin",
        "À FAIRE : Ligne 3 : faux",
        "TO DO: Line 3: wrong",
        "Entrée",
        "Enter",
    ):
        assert said in text
    assert "secret" not in text.lower()
    assert "reset" not in text
    assert len(text.split("\n")) <= HEIGHT


def test_a_front_with_everything_wrong_still_says_what_to_press():
    wrong = tuple({"fr": "F" * 400, "en": "E" * 400} for _ in range(40))
    state = CardState(REFUSED, mistakes=wrong, shown={"school": "S" * 400})
    lines = front.render(state, Here("1", ["http://x/"] * 30, "https://x/"), "W" * 400).decode().split("\n")
    assert len(lines) <= HEIGHT
    assert max(map(len, lines)) <= WIDTH
    assert "Enter" in lines[-2]


def test_who_only_looks_is_asked_for_no_number():
    lines = screen.page(FULL, menu=False)
    assert not [line for line in lines if line.startswith(" 0 ")]
    assert "" not in screen.page(Facts(there=False), menu=False)
