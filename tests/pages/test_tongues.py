"""A language that a country brings: its words are shown, the rest in the country's own language."""

from __future__ import annotations

import gettext
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pack import canonical
from edubox.pages import render
from edubox.pages.country import Country, parse
from edubox.pages.model import Card, Frame
from edubox.pages.tongues import tongues
from edubox.pages.words import direction, language_name, offered, translations
from tests.box.school import COUNTRY

BRETON = {
    "name": "Brezhoneg",
    "messages": {
        "What shall we learn?": "Petra a zeskomp?", "Subjects": "Danvezioù", "fractions, volcano, Moon…": "Al Loar…",
        "All %(num)d lessons": ["Ar gentel", "An holl %(num)d kentel"], "November": "Du", "%(num)d lessons": "%(num)d kentel",
    },
}  # fmt: skip
NKO = {"name": "ߒߞߏ", "direction": "rtl", "messages": {"Subjects": "ߞߟߊߒߞߋ"}}


def described(**words):
    return parse(canonical.write(COUNTRY | {"words": words}))


def frame(country, language="br", languages=("fr", "br", "nqo")):
    return Frame("Skol", languages, language, country, "http://box:8081", "/style.css")


def test_the_first_page_says_what_the_country_brings_and_the_rest_in_its_own_language():
    country = described(br=BRETON, nqo=NKO)
    cards = [Card(f"a/b/c{number}", "Al loar", "br", subjects=("maths",)) for number in range(7)]
    shown = render.home(frame(country), cards)
    assert '<html lang="br" dir="ltr">' in shown
    assert "Petra a zeskomp?" in shown
    assert "An holl 7 kentel" in shown
    assert "Nouveautés" in shown, "nobody said that in Breton"
    assert "Sixième" not in shown or "Year 7" not in shown
    assert '<a href="/nqo/" hreflang="nqo" lang="nqo" dir="rtl">ߒߞߏ</a>' in shown
    assert '<html lang="nqo" dir="rtl">' in render.home(frame(country, "nqo"), cards)


def test_names_of_levels_fall_back_to_the_country_s_own_language():
    assert described(br=BRETON).level("sixieme").name("br") == "Sixième"


def test_a_country_may_say_some_things_better_in_a_language_of_ours():
    words = frame(described(ar={"name": "العربية", "messages": {"November": "نونبر"}}), "ar").words
    assert words.gettext("November") == "نونبر"
    assert words.gettext("Begin") == translations("ar").gettext("Begin") != "Begin"


def test_counting_has_a_form_for_one_and_a_form_for_all_other_numbers():
    words = frame(described(br=BRETON)).words
    said = [words.ngettext("The only lesson", "All %(num)d lessons", count) for count in (0, 1, 2)]
    assert said == ["An holl %(num)d kentel", "Ar gentel", "An holl %(num)d kentel"]
    assert words.ngettext("%(num)d lesson", "%(num)d lessons", 1) == "%(num)d kentel"
    assert words.ngettext("%(num)d answer", "%(num)d answers", 2) == "%(num)d answers"
    assert words.ngettext("%(num)d minute ago", "%(num)d minutes ago", 2) == "il y a %(num)d minutes"


def test_a_page_is_prepared_once_for_the_same_words_and_anew_for_others():
    before, same = described(br=BRETON).tongues["br"], described(br=BRETON).tongues["br"]
    other = described(br=BRETON | {"messages": {"Subjects": "Danvez"}}).tongues["br"]
    assert render._environment("br", before) is render._environment("br", same)
    assert render._environment("br", other) is not render._environment("br", before)
    assert translations("br", other).gettext("Subjects") == "Danvez"


def test_only_languages_with_words_are_offered():
    country = described(br=BRETON)
    assert offered(("fr", "br", "wo", "ar"), country.tongues) == ("fr", "br", "ar")
    assert offered(("wo",), {}) == ("wo",)
    assert language_name("br-FR", country.tongues) == "Brezhoneg"
    assert (direction("ar", country.tongues), direction("nqo", described(nqo=NKO).tongues)) == ("rtl", "rtl")


@pytest.mark.parametrize(
    "words", [5, [], {"br": 1}, {"br": {}}, {"br": {"name": "<b>", "messages": {}}}, {"b r": BRETON}]
)
def test_tables_that_are_odd_cost_themselves_and_no_page(words):
    country = parse(canonical.write(COUNTRY | {"words": words}))
    assert country.tongues == {}
    assert len(country.levels) == 2


def test_a_hostile_sentence_is_left_out_and_the_others_stay():
    evil = {
        "Subjects": "<script src=//x></script>", "Levels": "%(gone)s", "Begin": ["a", "b", "c"], "Next": "War-lerc'h",
        "All %(num)d lessons": "%(num)s%(num)x",
    }  # fmt: skip
    country = described(br={"name": "Brezhoneg", "messages": evil})
    assert country.tongues["br"].said == {"Next": ("War-lerc'h",)}
    assert "<script src=//x>" not in render.home(
        frame(country), [Card("a/b/c", "x", "fr", subjects=("maths",))]
    )


@given(st.recursive(
    st.none() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["br", "name", "direction", "messages", "Begin"]) | st.text(), inner),
))  # fmt: skip
def test_whatever_stands_there_gives_languages_that_can_speak(tables):
    for language, one in tongues(tables, "fr").items():
        assert isinstance(translations(language, one), gettext.NullTranslations)


def test_without_any_words_nothing_changes():
    plain = frame(Country(), "fr", ("fr", "en"))
    assert render.home(plain, []) == render.home(replace(plain, country=Country(tongues={})), [])
