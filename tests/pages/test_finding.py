"""Suggestions, full text and lists: what a pupil types or taps leads to the lesson, and every computer says the same."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from edubox.pages import assets, render, shelves
from edubox.pages.addresses import Place, parse, path
from edubox.pages.country import Topic
from edubox.pages.export.places import pages
from edubox.pages.finding import folded, suggestions
from edubox.pages.fulltext import PAGES_A_FILE, Said, fulltext
from edubox.pages.lost import look
from edubox.pages.model import Card
from edubox.pages.shards import LIMIT, name_of
from edubox.pages.stems import fold, words
from tests import needs
from tests.pages.test_render import CARD, ENGLISH, FRAME, Tags

SCRIPT = Path(assets.__file__).parent / "scripts" / "search.js"
VOLCANO = Card(
    "ministry/svt/volcans", "Les volcans de la Terre", "fr", keywords=("éruption",), subjects=("svt",)
)
PARTS = [(1, "La lave"), (2, "Séismes et éruptions"), (3, "Les volcans de la Terre")]


def node(program: str):
    """What *program* prints as JSON, run after the part of the search script that needs no page."""
    needs.programs("node")
    library = re.search(r"(?s)const SUGGESTED = .*?(?=\nconst add)", SCRIPT.read_text("utf-8"))[0]
    ran = subprocess.run(
        ["node", "-"], input=f"{library}\n{program}", capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def asked(files, text: str):
    """What the script suggests for *text* out of *files*."""
    return node(
        f"const at = {json.dumps({f'/find/fr/{name}': json.loads(data) for name, data in files.items()})};"
        "globalThis.fetch = async (name) => { if (!(name in at)) throw new Error('asked in vain: ' + name);"
        "return {ok: true, json: async () => at[name]}; };"
        f"suggest('/find/fr/', {json.dumps(text)}).then((found) => console.log(JSON.stringify(found)));"
    )


def titles(files, text: str):
    return [entry[2] for entry in asked(files, text)]


# --- one way to fold ---


def test_the_script_folds_every_letter_of_our_scripts_as_the_search_does():
    ranges = [
        (0x21, 0x250),
        (0x370, 0x530),
        (0x5D0, 0x5F0),
        (0x620, 0x700),
        (0x1E00, 0x2000),
        (0xAC00, 0xAC40),
        (0xFB00, 0xFB07),
    ]
    letters = [
        chr(code)
        for first, last in ranges
        for code in range(first, last)
        if unicodedata.category(chr(code))[0] in "LN"
    ]
    # Turkish without its dot, and signs that no lesson is written with: capitals that have no small letter of their own.
    letters = [one for one in letters if one not in "ıŉǰΐΰևẖẗẘẙẚẞ" and not "\u1f50" <= one <= "\u1fff"]
    said = node(f"console.log(JSON.stringify({json.dumps(letters)}.map(fold)))")
    assert [(one, ours) for one, ours in zip(letters, said, strict=True) if ours != fold(one)] == []


@pytest.mark.parametrize("text", [
    "L’été, à Nîmes : Œuvre d'art & cœur", "ÉGALITÉ façade Straße ÅNGSTRÖM e\u0301te\u0301", "مُدَرِّسَةٌ الـكــتاب أحمد إلى آخر",
    "a_b c-d 2,5 kg H2O 1789", "ΟΔΟΣ Одесса йод", "¿Qué es la fotosíntesis? São João", "", "👍 ok", "ça\u00a0va",
])  # fmt: skip
def test_the_script_reads_the_same_words_in_a_text(text):
    assert node(f"console.log(JSON.stringify(words({json.dumps(text)})))") == folded(text)


# --- suggestions ---


@pytest.fixture(scope="module")
def few():
    return dict(suggestions([(CARD, [(1, "Lire")]), (VOLCANO, PARTS), (ENGLISH, [])], "fr"))


@pytest.mark.parametrize(("typed", "first"), [
    ("vol", "Les volcans de la Terre"), ("VOLCAN", "Les volcans de la Terre"), ("volcanes", "Les volcans de la Terre"),
    ("eruption", "Les volcans de la Terre"), ("seisme", "Séismes et éruptions"), ("terre volc", "Les volcans de la Terre"),
    ("fraction", "Les fractions"), ("fractions", "Les fractions"), ("la lav", "La lave"),
])  # fmt: skip
def test_what_is_typed_finds_titles_keywords_and_parts(few, typed, first):
    assert titles(few, typed)[0] == first


def test_nothing_is_suggested_for_what_is_nowhere(few):
    assert titles(few, "xylophone") == titles(few, "volcan xylophone") == titles(few, "…") == []


def test_lessons_in_the_readers_language_come_first_and_say_what_they_are():
    files = dict(suggestions([(ENGLISH, []), (CARD, [])], "fr"))
    assert asked(files, "fractions") == [
        [CARD.address, 0, "Les fractions", "", ""], [ENGLISH.address, 0, "Fractions", "", "en"],
    ]  # fmt: skip
    assert dict(suggestions([(ENGLISH, []), (CARD, [])], "en")) != files


def test_a_part_that_is_called_like_its_lesson_is_no_second_suggestion(few):
    assert titles(few, "volcans").count("Les volcans de la Terre") == 1


def many(count: int):
    return [
        (replace(CARD, address=f"ministry/test/l{number}", title=f"Leçon {number} {'abcdefghij'[number % 10]}{number:x} du monde"), [])
        for number in range(count)
    ]  # fmt: skip


def test_files_stay_small_are_told_by_their_names_and_hold_every_word():
    lessons = many(3000)
    files = dict(suggestions(lessons, "fr"))
    assert max(len(data) for name, data in files.items() if name != "keys.json") <= LIMIT
    keys = json.loads(files.pop("keys.json"))
    assert {f"{name_of(key)}.json" for key in keys} == set(files)
    assert len(files) > 20
    for card, _ in lessons[::131]:
        word = folded(card.title)[2]
        key = max((one for one in keys if word.startswith(one)), key=len)
        shard = json.loads(files[f"{name_of(key)}.json"])
        assert card.address in [shard["e"][one][0] for one in shard["g"][shard["w"][word]]]


def test_a_beginning_that_thousands_have_still_suggests_some():
    files = dict(suggestions(many(3000), "fr"))
    assert len(titles(files, "l")) == 8
    assert titles(files, "lecon b7b") == ["Leçon 1979 j7bb du monde"] or titles(files, "monde j7bb") == [
        "Leçon 1979 j7bb du monde"
    ]


def test_the_same_lessons_make_the_same_bytes_and_names_that_every_system_keeps():
    lessons = [*many(500), (replace(CARD, title="Con aux prn الكسور łódź"), [])]
    files = list(suggestions(lessons, "fr"))
    assert files == list(suggestions(lessons, "fr"))
    assert all(re.fullmatch(r"keys\.json|w-[a-z0-9-]*\.json", name) for name, _ in files)


def test_no_lessons_make_files_that_suggest_nothing():
    assert titles(dict(suggestions([], "fr")), "volcan") == []


# --- full text of a static site ---


def site_of(*lessons):
    return {name: json.loads(data) for name, data in fulltext(lessons)}


def answering(files, *typed):
    """Titles of the pages that answer all of *typed*."""
    numbers = None
    for word in typed:
        key = max((one for one in files["keys.json"] if word.startswith(one)), key=len)
        shard = files[f"{name_of(key)}.json"]
        group = shard["g"][shard["w"][word]] if word in shard["w"] else []
        numbers = group if numbers is None else [one for one in numbers if one in group]
    return [files[f"p-{one // PAGES_A_FILE}.json"][one % PAGES_A_FILE][3] for one in numbers or []]


def test_a_static_site_finds_words_inside_lessons_by_any_of_their_forms():
    files = site_of(
        (VOLCANO, [Said(0, "", VOLCANO.title, "Pourquoi la Terre gronde."), Said(1, "", f"La lave – {VOLCANO.title}", "Les fonctions du magma.")]),
        (CARD, [Said(1, "", f"Lire – {CARD.title}", "Une fonction égale."), Said(2, "b.html", "Plus loin", "Fonction, fonction, fonction.")]),
    )  # fmt: skip
    assert answering(files, "fonctions") == answering(files, "fonction") == ["Plus loin", "La lave", "Lire"]
    assert answering(files, "fonction", "magma") == ["La lave"]
    assert answering(files, "gronde") == [VOLCANO.title]


def test_files_of_a_large_static_site_stay_small_and_hold_every_word():
    letters = "abcdefghijklmnopqrst"
    lessons = [
        (replace(VOLCANO, address=f"ministry/test/l{number}"),
         [Said(part, "", f"Partie {part} – {VOLCANO.title}", " ".join(f"{a}{b}{letters[number % 20]}mot" for a in letters for b in letters)) for part in range(1, 4)])
        for number in range(40)
    ]  # fmt: skip
    files = dict(fulltext(lessons))
    assert max(len(data) for name, data in files.items() if name.startswith("w-")) <= LIMIT
    read = {name: json.loads(data) for name, data in files.items()}
    assert len(answering(read, "abcmot")) == 6
    assert len(answering(read, "volcans")) == 120


def test_a_word_of_two_languages_answers_in_both():
    files = site_of(
        (CARD, [Said(1, "", "Lire", "les plantes")]), (ENGLISH, [Said(1, "", "Read", "she plantes")])
    )
    assert set(answering(files, "plantes")) == {"Lire", "Read"}


# --- lists ---


def shelf(count=30):
    kinds = (("film",), ("exercise", "reading"), ("reading",))
    return [
        replace(CARD, address=f"ministry/test/l{number}", title=f"Leçon {chr(90 - number % 26)}", kinds=kinds[number % 3],
                duration=("PT10M", "PT45M", "PT2H", "")[number % 4], language="fr" if number % 5 else "en", added=1_795_500_000 - number * 86_400)
        for number in range(count)
    ]  # fmt: skip


def links(text):
    return [one["href"] for one in Tags(text).all("a")]


@pytest.mark.parametrize(("trait", "value", "count"), [
    ("kind", "film", 10), ("kind", "exercise", 10), ("length", "short", 8), ("length", "long", 7), ("spoken", "en", 6), ("order", "title", 30),
    ("look", "pictures", 30),
])  # fmt: skip
def test_a_list_is_narrowed_by_a_plain_link_that_leads_back(trait, value, count):
    cards = shelf()
    place = Place("lessons", subject="maths", trait=trait, value=value)
    assert parse(path(place, "fr"), ("fr", "en")) == ("fr", place)
    assert path(place, "fr") in links(render.lessons(FRAME, Place("lessons", subject="maths"), cards))
    text = render.lessons(FRAME, place, cards)
    assert f">{count} leçons<" in text
    assert path(Place("lessons", subject="maths"), "fr") in links(text)


def test_the_order_of_the_alphabet_is_that_of_the_titles():
    text = render.lessons(FRAME, Place("lessons", trait="order", value="title"), shelf(20))
    shown = re.findall(r"Leçon ([A-Z])</a>", text)
    assert shown == sorted(shown)


def test_few_lessons_offer_no_choice_beyond_level_and_subject():
    text = render.lessons(FRAME, Place("lessons"), shelf(5))
    assert "wishes" not in text
    assert render.lessons(FRAME, Place("lessons", trait="kind", value="film"), shelf(5)) is None


@pytest.mark.parametrize(
    ("trait", "value"),
    [("kind", "none"), ("length", "pictures"), ("spoken", "de"), ("order", "added"), ("look", "words")],
)
def test_what_no_list_offers_is_no_page(trait, value):
    assert render.lessons(FRAME, Place("lessons", trait=trait, value=value), shelf()) is None


def test_twenty_levels_fold_away_and_five_do_not():
    levels = tuple(Topic(f"n{number}", {"fr": f"Niveau {number}"}) for number in range(20))
    cards = [
        replace(CARD, address=f"ministry/test/l{number}", levels=(f"n{number}",)) for number in range(20)
    ]
    frame = replace(FRAME, country=replace(FRAME.country, levels=levels))
    assert "Niveau 3</summary>" in render.lessons(frame, Place("lessons", "n3"), cards)
    assert "wishes fold" not in render.lessons(frame, Place("lessons"), cards[:5])


def test_every_list_that_a_page_links_to_is_among_those_that_a_site_is_made_of():
    lists = {
        path(place, "fr"): text for place, text in pages(FRAME, shelf(60), lambda _: None, Path()) if place.kind == "lessons"
    }  # fmt: skip
    assert len(lists) > 20
    for address, text in lists.items():
        linked = {one for one in links(text) if (found := parse(one, ("fr",))) and found[1].kind == "lessons"}
        assert linked <= set(lists), address


def test_new_is_the_week_of_the_newest_whatever_the_clock_says():
    cards = shelf()
    assert len(shelves.newest_week(cards)) == 7
    assert "Nouveau cette semaine" in render.home(FRAME, cards) or "New this week" in render.home(
        FRAME, cards
    )
    assert shelves.newest_week(cards[:5]) == [], "where all came at once, nothing is news"


def test_for_those_who_cannot_read_a_level_shows_signs_and_pictures():
    text = render.lessons(FRAME, Place("lessons", "sixieme", trait="look", value="pictures"), shelf())
    assert "/fr/niveau/sixieme/matiere/maths/vue/pictures/" in links(text), "looking at pictures goes on"
    assert 'class="cards pictures"' in text
    assert "/fr/niveau/sixieme/" in links(text)


# --- addresses that lead nowhere ---


@pytest.mark.parametrize(("address", "why"), [
    ("/fr/lecon/academy/other/fractions/", "the same name elsewhere"), ("ministry/test/fractoins", "mistyped"),
    ("/fr/lecon/ministry/test/les-fractions-simples/2/", "a word of it"), ("/fr/fractions", "no lesson's address at all"),
])  # fmt: skip
def test_a_wrong_address_leads_to_the_lesson_that_was_meant(address, why):
    assert [card.title for card in look(address, [VOLCANO, CARD]).near] == ["Les fractions"], why


@pytest.mark.parametrize(
    "address", ["/", "/fr/", "/fr/nulle-part/", "//////", "/%00/%ff/", "/fr/lecon/" + "a/" * 500]
)
def test_an_address_that_means_nothing_leads_nowhere(address):
    assert look(address, [VOLCANO, CARD]).near == ()


def test_the_field_is_filled_with_the_words_of_the_address():
    text = render.missing(FRAME, look("/fr/lecon/a/b/les-volcans-d-auvergne/", [VOLCANO]))
    assert 'value="les volcans d auvergne"' in text
    assert "/fr/lecon/ministry/svt/volcans/" in links(text)


def test_words_of_the_stylesheet_of_this_subject_travel_with_the_one_stylesheet():
    from edubox.pages.country import Country
    from edubox.pages.stylesheet import stylesheet

    assert ".suggested" in stylesheet(Country())
    assert words("a b") == ["a", "b"]
