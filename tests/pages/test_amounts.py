"""Sizes, durations and days read like a person says them, in French first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pages import amounts
from edubox.pages.words import translations

FRENCH, ENGLISH = translations("fr"), translations("en")
SPANISH, PORTUGUESE = translations("es"), translations("pt")


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


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (None, "on ne sait pas encore", "nobody can say yet"), (5, "moins d’une minute", "less than a minute"),
        (60, "environ 1 minute", "about 1 minute"), (12.4 * 60, "environ 12 minutes", "about 12 minutes"),
        (43 * 60, "environ 45 minutes", "about 45 minutes"), (55 * 60, "environ 1 heure", "about 1 hour"),
        (2.4 * 3600, "environ 2 heures", "about 2 hours"), (2.9 * 3600, "plus de 3 heures", "more than 3 hours"),
        (3.6 * 3600, "plus de 3 heures", "more than 3 hours"), (23.9 * 3600, "plus de 24 heures", "more than 24 hours"),
        (30 * 3600, "plus de 1 jour", "more than 1 day"), (9e9, "plus de 104166 jours", "more than 104166 days"),
    ],
)  # fmt: skip
def test_a_measured_time_is_told_as_roughly_as_it_was_measured(seconds, french, english):
    assert amounts.about(seconds, FRENCH) == french
    assert amounts.about(seconds, ENGLISH) == english


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-500, "à l’instant"), (90, "à l’instant"), (120, "il y a 2 minutes"), (3600, "il y a 1 heure"),
     (86_400 * 3, "il y a 3 jours")],
)  # fmt: skip
def test_how_long_ago(seconds, said):
    assert amounts.ago(seconds, FRENCH) == said


def test_a_time_of_day_is_told_from_where_one_stands():
    now = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
    assert amounts.hour(now.replace(hour=20, minute=30), now, FRENCH).replace("\xa0", " ") == "20 h 30"
    assert (
        amounts.hour(now.replace(day=25, hour=6, minute=0), now, FRENCH).replace("\xa0", " ")
        == "demain à 6 h 00"
    )
    assert amounts.hour(now.replace(day=27, hour=6, minute=0), now, ENGLISH) == "27 November 2026, 6:00"


@pytest.mark.parametrize(
    ("said", "arabic"),
    [
        (lambda words: amounts.size(0, words), "0 بايت"), (lambda words: amounts.size(1, words), "بايت واحد"),
        (lambda words: amounts.size(999, words), "999 بايتًا"), (lambda words: amounts.size(1_500, words), "1,5 كيلوبايت"),
        (lambda words: amounts.size(100, words), "100 بايت"), (lambda words: amounts.duration("P2DT90M", words), "يومان 1 س 30 د"),
        (lambda words: amounts.day(1_795_500_000, words), "24 نوفمبر 2026"),
        (lambda words: amounts.about(60, words), "حوالي دقيقة"), (lambda words: amounts.about(7200, words), "حوالي ساعتين"),
        (lambda words: amounts.ago(180, words), "قبل 3 دقائق"), (lambda words: amounts.ago(11 * 86_400, words), "قبل 11 يومًا"),
    ],
)  # fmt: skip
def test_amounts_read_well_in_arabic_with_its_six_ways_of_counting(said, arabic):
    assert said(translations("ar")).replace("\xa0", " ") == arabic


def test_amounts_read_well_in_spanish_and_portuguese():
    now = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)

    def said(words):
        told = (
            amounts.size(1_500, words), amounts.size(1, words), amounts.duration("P1DT90M", words),
            amounts.day(1_795_500_000, words), amounts.about(60, words), amounts.ago(7200, words),
            amounts.hour(now.replace(hour=6, minute=5), now, words),
        )  # fmt: skip
        return [text.replace("\xa0", " ") for text in told]

    assert said(SPANISH) == [
        "1,5 kB", "1 byte", "1 día 1 h 30 min", "24 de noviembre de 2026", "alrededor de 1 minuto", "hace 2 horas", "6:05",
    ]  # fmt: skip
    assert said(PORTUGUESE) == [
        "1,5 kB", "1 byte", "1 dia 1 h 30 min", "24 de novembro de 2026", "cerca de 1 minuto", "há 2 horas", "6h05",
    ]  # fmt: skip
