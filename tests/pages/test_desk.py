"""The desk's page in every state that a box can be in: whole HTML, one sentence first, words for a person."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from edubox import errors
from edubox.pages import desk, state
from edubox.pages.assets import asset
from edubox.pages.news import Arrival
from edubox.pages.stylesheet import compact
from edubox.pages.verdict import MISHAPS, STALE, UNKNOWN, WAITS, verdict
from edubox.pages.words import translations
from tests.pages.desk_states import ARRIVALS, DESK, FETCHING, FRAME, LATER, NOW, STATES, WELL, failed
from tests.pages.test_render import EVIL, Tags
from tests.pages.test_words import FORBIDDEN

SAID = translations("fr").gettext


def page(news, frame=FRAME):
    return desk.lessons(frame, DESK, news)


def plain(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text).replace("\xa0", " "))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", STATES)
def test_every_state_is_a_whole_page_that_begins_with_one_sentence(name, language):
    text = page(STATES[name], replace(FRAME, language=language))
    tags = Tags(text)
    assert tags.all("html")[0] == {"lang": language, "dir": "ltr"}
    assert len(tags.all("h1")) == len(tags.all("main")) == 1
    first = re.search(r'<p class="lead">(.*?)</p>', text)[1]
    assert first
    assert text.index("lead") < text.index("<h2")
    assert "%(" not in text
    named = [attrs.get(key, "") for _, attrs in tags.seen for key in ("href", "src", "action", "data-state")]
    assert all(one.startswith(("/", "#", "?lang=", "data:image")) for one in named if one), named
    assert [one["src"] for one in tags.all("script")] == [asset("desk.js").address]


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("language", FORBIDDEN)
def test_no_state_speaks_the_words_of_the_machinery(name, language):
    text = page(replace(STATES[name], said=""), replace(FRAME, language=language))
    assert not re.search(rf"\b(?:{FORBIDDEN[language]})\b", plain(text), re.IGNORECASE)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("all is well", "Tout va bien : toutes les leçons sont là."),
        ("first start", "Ce boîtier fonctionne et n’a pas encore de leçons."),
        ("fetching", "Des leçons arrivent. Il n’y a rien à faire."),
        ("more later", "Tout va bien : ce qui manque encore viendra tout seul."),
        ("waiting for the window", "20 minutes sans lecture"),
        ("paused until the morning", "Jusqu’à demain à 6 h 00."),
        ("the month is used up", "500 Mo sur 500 Mo permis"),
        ("offline for three days", "Plus de nouvelles depuis plusieurs jours."),
        ("old confirmations, a note", "est périmée"),
        ("old confirmations, a warning", "depuis des mois"),
        ("old confirmations, new lessons wait", "mais les nouvelles attendent"),
        ("the card is full", "La carte est pleine"),
        ("no line", "Ce boîtier n’a pas de ligne"),
        ("refused", "n’était pas ce que les autorités ont envoyé"),
    ],
)
def test_a_state_says_in_french_what_is_and_what_to_do(name, sentence):
    assert sentence in plain(page(STATES[name]))


def test_what_is_under_way_how_far_it_is_and_how_long_it_takes_is_seen():
    text = page(FETCHING)
    (bar,) = Tags(text).all("progress")
    assert (bar["value"], bar["max"]) == ("249", "1000")
    assert "Les volcans de la Terre" in re.search(r'id="what">(.*?)<', text)[1]
    assert "13 Mo sur 51 Mo" in plain(text)
    assert "Temps restant : environ 12 minutes" in plain(text)


def test_a_bar_whose_end_nobody_knows_has_no_value_and_the_time_is_unknown():
    text = page(STATES["fetching, no measure yet"])
    assert "value" not in Tags(text).all("progress")[0]
    assert "on ne sait pas encore" in text


def test_what_is_needed_tomorrow_comes_first_and_what_is_here_last():
    text = page(FETCHING)
    titles = re.findall(r"<strong>(.*?)</strong>", text)
    assert titles[0] == "Les fractions"
    assert titles[-1] == "La Lune et ses phases"
    assert "passe en premier" in text
    assert 'value="not-urgent"' in text
    assert text.count('value="urgent"') == 2, "what is here already cannot be asked for"


def test_what_arrived_in_the_last_run_is_no_longer_coming():
    done = replace(LATER, coming=ARRIVALS)
    assert "La Lune" not in page(done)
    assert "Rien n’est annoncé" in page(replace(WELL, coming=ARRIVALS[:1]))


def test_a_thousand_lessons_make_a_list_that_a_person_can_read():
    many = tuple(Arrival(f"ministry/test/l{number}", "Leçon", "coming", 0, 1000) for number in range(1000))
    text = page(replace(LATER, coming=many))
    assert text.count("<strong>") == desk.LISTED
    assert "et 950 autres" in text


@pytest.mark.parametrize(
    ("news", "buttons"),
    [
        (FETCHING, {"pause", "pause-morning"}), (LATER, {"now", "pause", "pause-morning"}),
        (STATES["paused"], {"resume"}), (STATES["about to begin"], {"pause", "pause-morning"}), (STATES["no keeper"], set()),
    ],
)  # fmt: skip
def test_only_what_can_be_done_now_is_offered(news, buttons):
    found = {one["value"] for one in Tags(page(news)).all("input") if one["name"] == "action"}
    assert found - {"urgent", "not-urgent"} == buttons


def test_the_last_success_names_from_whom_it_came():
    assert "il y a 2 heures, par internet, par le boîtier voisin" in plain(page(WELL)).replace(" ,", ",")
    assert "par une clé" in page(replace(WELL, brought={"stick": 5, "hub": 0}))
    assert "par internet," not in plain(page(replace(WELL, brought={"stick": 5, "hub": 0})))


def test_old_confirmations_are_told_even_when_something_worse_comes_first():
    text = plain(page(replace(STATES["the card is full"], stale_days=200)))
    assert "La carte est pleine" in text
    assert "Confirmation des leçons périmée depuis 200 jours" in text


def test_without_scripts_the_browser_takes_the_page_again():
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page(FETCHING)
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in page(WELL)


def test_the_technician_s_words_are_there_but_not_in_the_way():
    text = page(STATES["refused"])
    assert re.search(r"<details>.*hash-mismatch: bundle 1234.*</details>", text, re.DOTALL)
    assert "<details>" not in page(WELL)
    long = page(failed("failed", "x" * 5000))
    assert len(re.search(r"x{100,}", long)[0]) <= 500


def test_nothing_from_outside_becomes_markup():
    wicked = replace(FETCHING, what=EVIL, said=EVIL, coming=(Arrival("ministry/test/x", EVIL, "coming"),))
    tags = Tags(page(wicked, replace(FRAME, school=EVIL)))
    assert len(tags.all("script")) == 1
    assert not tags.all("img")
    looked = Tags(state.state(FRAME, DESK, [(EVIL, EVIL, EVIL)], state.Controls(heard=False, now=0)))
    assert not looked.all("script") + looked.all("img")


# --- the verdict ---


def test_the_worst_is_said_first():
    bad = replace(failed("hash-mismatch"), free=0, stale_days=500)
    assert verdict(bad) == MISHAPS["no-room"]
    assert verdict(replace(bad, free=10**10)) == STALE["blocked"]
    assert verdict(replace(bad, free=10**10, stale_days=0)) == MISHAPS["hash-mismatch"]


def test_a_run_under_way_is_not_judged_by_the_one_before():
    assert verdict(replace(FETCHING, code="unreachable")).level == "working"


def test_every_error_that_a_run_may_end_with_has_words_and_an_unknown_one_too():
    codes = {
        one.code
        for one in vars(errors).values()
        if isinstance(one, type)
        and issubclass(one, errors.Unreachable | errors.NoRoom | errors.Busy | errors.DamagedCatalogue)
    }
    assert codes <= MISHAPS.keys()
    assert {"not-trusted", "expired", "rollback", "hash-mismatch"} <= MISHAPS.keys()
    assert verdict(failed("from-the-future")) == UNKNOWN
    every = [*MISHAPS.values(), *WAITS.values(), *STALE.values(), UNKNOWN]
    assert all(SAID(one.sentence) != one.sentence for one in every)
    assert all(SAID(one.advice) != one.advice for one in every if one.advice)


def test_a_silence_of_three_days_is_said_and_a_box_without_a_line_is_not_blamed_for_it():
    silent = replace(WELL, success=NOW - timedelta(days=3))
    assert verdict(silent).level == "warning"
    assert verdict(replace(silent, waits="no-source")) == WAITS["no-source"]
    assert verdict(replace(silent, success=NOW + timedelta(days=9))).level == "good", "the clock was set back"


# --- what moves ---


def test_only_the_moving_texts_change_while_bytes_arrive():
    later = replace(FETCHING, now=NOW + timedelta(seconds=2), done=20_000_000, left=500.0, line=15_000_000,
                    coming=(*ARRIVALS[:1], replace(ARRIVALS[1], done=20_000_000), *ARRIVALS[2:]))  # fmt: skip
    before, after = desk.moving(FRAME, FETCHING), desk.moving(FRAME, later)
    assert before["version"] == after["version"]
    assert (before["share"], after["share"]) == (249, 389)
    ids = {one.get("id") for _, one in Tags(page(FETCHING)).seen}
    assert after["texts"].keys() <= ids, "every text has its place on the page"


@pytest.mark.parametrize(
    "change",
    [{"running": False}, {"coming": ARRIVALS[1:]}, {"lessons": 43}, {"code": "no-room"}, {"waits": "paused"},
     {"coming": (replace(ARRIVALS[0], urgent=True), *ARRIVALS[1:])}],
    ids=str,
)  # fmt: skip
def test_a_page_that_has_changed_otherwise_is_taken_again(change):
    assert (
        desk.moving(FRAME, FETCHING)["version"] != desk.moving(FRAME, replace(FETCHING, **change))["version"]
    )
    assert f'data-version="{desk.moving(FRAME, FETCHING)["version"]}"' in page(FETCHING)


def test_what_moves_is_small_whatever_a_lesson_is_called():
    assert len(str(desk.moving(FRAME, replace(FETCHING, what="é" * 5000)))) < 1000


def test_the_script_and_the_stylesheet_are_small_and_need_nobody():
    script, style = asset("desk.js").text, compact("desk.css")
    assert len(script.encode()) <= 4000
    assert len(style) <= 10_500, "all rooms of the desk: the door, classes, giving, what is on its way"
    assert "http" not in script + style
    assert "import" not in script
    assert not re.search(
        r"(?:margin|padding|border|inset)-(?:left|right|top|bottom)|\b(?:left|right):", style
    )
