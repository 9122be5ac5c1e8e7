"""A country file that is odd costs its own line, never the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pack import canonical
from edubox.pages.country import PLAIN, Country, Topic, parse


def test_levels_and_subjects_keep_the_order_of_the_country():
    country = parse(canonical.write({
        "format": 1,
        "level": [{"id": "b", "name": {"fr": "Cinquième"}, "short": {"fr": "5e"}}, {"id": "a", "name": {"fr": "Sixième"}}],
        "subject": [{"id": "maths", "name": {"fr": "Maths", "en": "Mathematics"}, "colour": "#2563EB", "icon": "calculator"}],
    }))  # fmt: skip
    assert [one.id for one in country.levels] == ["b", "a"]
    assert country.level("b").brief("fr") == "5e"
    assert country.level("a").brief("fr") == "Sixième"
    assert country.subject("maths") == Topic(
        "maths", {"fr": "Maths", "en": "Mathematics"}, {}, "#2563eb", "calculator"
    )
    assert country.subject("none") is None


def test_a_name_in_another_language_is_better_than_none():
    assert Topic("x", {"fr": "Musique", "en": "Music"}).name("ar") == "Music"
    assert Topic("x", {"fr": "Musique"}).name("ar") == "Musique"
    assert Topic("x", {"": "Sport"}).name("fr") == "Sport"
    assert Topic("x", {}).name("fr") == "x"


@pytest.mark.parametrize("entry", [1, {}, {"id": 1}, {"id": "../x"}, {"id": "CON"}, {"id": ""}, None, []])
def test_an_entry_without_a_usable_id_is_left_out(entry):
    good = {"id": "good", "name": {"fr": "Bon"}}
    assert [one.id for one in parse(canonical.write({"format": 1, "level": [entry, good]})).levels] == [
        "good"
    ]


@pytest.mark.parametrize("colour", ["red", "#12", "#12345g", 5, "url(x)", "#123456;}body{display:none"])
def test_only_a_colour_becomes_a_colour(colour):
    found = parse(
        canonical.write({"format": 1, "subject": [{"id": "x", "name": {"fr": "X"}, "colour": colour}]})
    )
    assert found.subjects[0].colour == PLAIN


@given(st.binary() | st.recursive(
    st.none() | st.integers(-(2**53), 2**53) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
).map(lambda value: repr(value).encode()))  # fmt: skip
def test_what_cannot_be_read_is_a_country_without_levels(data):
    assert parse(data) == Country()
