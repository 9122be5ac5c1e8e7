"""Addresses: the same place in every language, and nothing else is a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pages.addresses import HOME, Place, parse, path, search_path

LANGUAGES = ("fr", "en", "es", "pt")
PLACES = [
    HOME,
    Place("lessons"),
    Place("lessons", page=3),
    Place("lessons", level="sixieme"),
    Place("lessons", subject="maths"),
    Place("lessons", "sixieme", "maths"),
    Place("lessons", "sixieme", "maths", 2),
    Place("lesson", address="ministry/test/volcans"),
    Place("part", address="ministry/test/volcans", part=12),
    Place("search"),
    Place("data"),
    Place("class"),
    Place("class", code="482913"),
    Place("report"),
    Place("device"),
    Place("accessibility"),
    Place("booklet", address="ministry/test/volcans"),
    Place("lessons", trait="kind", value="film"),
    Place("lessons", subject="maths", trait="order", value="name", page=2),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_place_has_an_address_that_leads_back_to_it(place, language):
    assert parse(path(place, language), LANGUAGES) == (language, place)


def test_addresses_can_be_read_aloud_in_class():
    assert path(Place("lessons", "sixieme", "maths"), "fr") == "/fr/niveau/sixieme/matiere/maths/"
    assert (
        path(Place("part", address="ministry/test/volcans", part=2), "en")
        == "/en/lesson/ministry/test/volcans/2/"
    )
    assert path(Place("data"), "fr") == "/fr/donnees/"
    assert path(Place("lessons", "sixieme", "maths"), "es") == "/es/nivel/sixieme/materia/maths/"
    assert (
        path(Place("part", address="ministry/test/volcans", part=2), "pt")
        == "/pt/licao/ministry/test/volcans/2/"
    )
    assert search_path("fr", "l'eau & co") == "/fr/recherche/?q=l%27eau+%26+co"


@pytest.mark.parametrize("language", LANGUAGES)
def test_addresses_can_be_typed_on_any_keyboard(language):
    for place in PLACES:
        address = path(place, language)
        assert address.isascii()
        assert address == address.lower()


@pytest.mark.parametrize(
    "text",
    [
        "", "/", "/fr", "fr/", "/de/", "/fr//", "/fr/lecon/", "/fr/lecon/a/b/", "/fr/lecon/a/b/c/0/", "/fr/lecon/a/b/c/01/",
        "/fr/lecon/a/b/c/-1/", "/fr/lecon/a/b/c/1/2/", "/fr/lecon/../b/c/", "/fr/lecon/A/b/c/", "/fr/lecons/1/",
        "/fr/niveau/", "/fr/niveau/x/matiere/", "/fr/matiere/x/niveau/y/", "/fr/recherche/x/", "/en/lecon/a/b/c/",
        "/fr/lecon/a/b/c/99999999999999999999/", "/fr/classe/048291/", "/fr/classe/12345/", "/fr/classe/482913/x/", "/fr/classe/٤٨٢٩١٣/", "/fr/signaler/x/", "/fr/lecon/a/b/c/٣/",
    ],
)  # fmt: skip
def test_anything_else_is_no_place(text):
    assert parse(text, LANGUAGES) is None


@given(
    st.text() | st.lists(st.sampled_from(["fr", "lecon", "niveau", "1", "a", "..", "", "con"])).map("/".join)
)
def test_whatever_is_asked_for_is_a_place_spelled_in_one_way_or_none(text):
    found = parse(text, LANGUAGES)
    assert found is None or path(found[1], found[0]) == text
