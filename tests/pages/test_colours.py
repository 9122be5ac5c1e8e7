"""Text can be read on every surface, in light and in dark, whatever colour a country gives a subject (WCAG AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import edubox.pages
from edubox.pages import colours
from edubox.pages.colours import contrast, deep, shades
from edubox.pages.country import PLAIN, Country, Topic
from edubox.pages.stylesheet import stylesheet

CSS = (Path(edubox.pages.__file__).parent / "pages.css").read_text("utf-8")
AA_TEXT, AA_SIGN = 4.5, 3.0
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def variables(block):
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


LIGHT = variables(CSS.split("@media")[0])
DARK = LIGHT | variables(CSS.split("prefers-color-scheme: dark")[1].split("\n}\n")[0])


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("text", "page"), ("text", "card"), ("quiet", "page"), ("quiet", "card"), ("accent", "page"), ("accent", "card"),
        ("on-accent", "accent"), ("on-board", "board"), ("on-mark", "mark"), ("on-note", "note"), ("ink", "soft"),
        ("ink", "card"), ("ink", "page"), ("text", "soft"),
    ],
)  # fmt: skip
def test_our_own_colours_can_be_read(mode, text, ground):
    assert contrast(mode[text], mode[ground]) >= AA_TEXT


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
def test_the_focus_is_seen(mode):
    assert min(contrast(mode["focus"], mode[ground]) for ground in ("page", "card", "soft")) >= AA_SIGN


@given(COLOURS)
@example(PLAIN)
@example("#ffff00")
@example("#000000")
@example("#ffffff")
def test_any_colour_of_a_subject_can_be_read(colour):
    light, dark = shades(colour)
    for shade, mode in ((light, LIGHT), (dark, DARK)):
        assert contrast(shade.ink, shade.soft) >= AA_TEXT
        assert contrast(shade.ink, mode["card"]) >= AA_TEXT
        assert contrast(mode["text"], shade.soft) >= AA_TEXT
    assert contrast("#ffffff", deep(colour)) >= AA_TEXT


def test_the_surfaces_that_shades_are_made_for_are_those_of_the_stylesheet():
    assert (LIGHT["page"], LIGHT["card"]) == (colours.LIGHT_PAGE, colours.LIGHT_CARD)
    assert (DARK["page"], DARK["card"]) == (colours.DARK_PAGE, colours.DARK_CARD)


def test_the_stylesheet_is_small_and_speaks_of_every_subject_in_both_modes():
    text = stylesheet(Country(subjects=tuple(Topic(f"s{number}", {}) for number in range(30))))
    # 6.8 kB on the air; what only a few pages need (handing in, printing) has a sheet of its own.
    assert len(text.split(".s0{")[0]) <= 32_000
    assert text.count(".s29{") == 2


def test_the_stylesheet_needs_no_other_side():
    sides = re.findall(
        r"(?:margin|padding|border|inset)-(?:left|right|top|bottom)|text-align: (?:left|right)|\b(?:left|right):",
        re.sub(r"env\([^)]*\)", "", CSS),
    )
    assert not sides, "logical properties only: pages are read from right to left too"
    assert "url(" not in CSS
