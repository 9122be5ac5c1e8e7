"""Sizes, durations and days read like a person says them, in French first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pages import amounts
from edubox.pages.words import translations

FRENCH, ENGLISH = translations("fr"), translations("en")


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0 octet", "0 bytes"), (1, "1 octet", "1 byte"), (999, "999 octets", "999 bytes"), (1000, "1,0 ko", "1.0 kB"),
        (9949, "9,9 ko", "9.9 kB"), (131_000, "131 ko", "131 kB"), (999_600, "1,0 Mo", "1.0 MB"),
        (2_500_000_000, "2,5 Go", "2.5 GB"), (7 * 10**15, "7000 To", "7000 TB"),
    ],
)  # fmt: skip
def test_sizes(count, french, english):
    assert amounts.size(count, FRENCH).replace("\xa0", " ") == french
    assert amounts.size(count, ENGLISH) == english


@pytest.mark.parametrize(
    ("value", "said"),
    [("PT45M", "45 min"), ("PT90M", "1 h 30 min"), ("PT2H", "2 h"), ("P1DT1H", "1 jour 1 h"), ("P2D", "2 jours"),
     ("", ""), ("PT", ""), ("soon", ""), ("PT20S", ""), ("PT99999999999M", "")],
)  # fmt: skip
def test_durations(value, said):
    assert amounts.duration(value, FRENCH).replace("\xa0", " ") == said


def test_days():
    assert amounts.day(1_795_500_000, FRENCH).replace("\xa0", " ") == "24 novembre 2026"
    assert amounts.day(1_795_500_000, ENGLISH) == "24 November 2026"


@pytest.mark.parametrize("moment", [0, 86_400, -1, 10**18])
def test_a_clock_that_knew_no_better_says_no_day(moment):
    assert amounts.day(moment, FRENCH) == ""


@given(st.integers(0, 10**18), st.text(max_size=20))
def test_nothing_that_a_lesson_says_breaks_a_page(number, text):
    assert amounts.size(number, FRENCH)
    amounts.duration(text, FRENCH)
    amounts.day(number, FRENCH)
