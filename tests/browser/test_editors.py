"""A text and a quiz are written in a real browser, and save themselves; then both are seen as pupils will see them."""

from __future__ import annotations

import json

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.teacher import drafts
from edubox.box.teacher.build import build
from tests.box.desk_client import person
from tests.box.school import School, serving

pytestmark = pytest.mark.browser
SAVED = "document.getElementById('said').textContent === document.forms[FORM].dataset.saved"


def type_in(tab, selector, words):
    tab.js(
        f"(e => {{ e.value = {json.dumps(words)}; e.dispatchEvent(new Event('input', {{bubbles: true}})) }})(document.querySelector({json.dumps(selector)}))"
    )


def saved(tab, form):
    tab.wait_through(lambda: tab.js(SAVED.replace("FORM", f"'{form}'")), "it is saved")


def test_what_is_typed_is_saved_and_seen_as_pupils_see_it(tab, tmp_path):
    data = School(tmp_path / "box").data
    draft = drafts.create(data, Person(person(data).id, "Ada", TEACHER), "La lune").id
    files = drafts.folder(data, draft) / "files"
    with serving(data, role="teacher") as (pages, _):
        desk = f"{pages}/bureau/drafts/{draft}"
        tab.open(f"{desk}/text/")
        type_in(tab, "#title", "Lire")
        type_in(tab, "#written", "# Lune\n\nElle")
        saved(tab, "write")
        type_in(tab, "#written", "# Lune\n\nElle **tourne**.")
        tab.wait_through(
            lambda: tab.js("document.querySelectorAll('#sight strong').length"), "it is shown beside"
        )
        assert (files / "Lire.md").read_text() == "# Lune\n\nElle **tourne**."

        tab.open(f"{desk}/quiz/")
        tab.js("document.querySelector('[value=\"add:number\"]').click()")
        tab.wait_through(
            lambda: tab.js("document.activeElement.name") == "q1.text", "the new question has the focus"
        )
        type_in(tab, "[name='q1.text']", "6 × 7 ?")
        type_in(tab, "[name='q1.value']", "42")
        tab.js("document.querySelector('[value=\"remove:0\"]').click()")
        tab.wait_through(
            lambda: tab.js("document.querySelectorAll('.questions > li').length") == 1, "a question has gone"
        )
        saved(tab, "quiz")
        assert (files / "quiz.gift").read_text().strip() == "[plain]6 × 7 ? {# =42}"

        build(data, draft)
        tab.open(f"{desk}/preview/?both")
        tab.wait_through(lambda: "/apercu/" in tab.js("location.pathname"), "the preview")
        begin = tab.js("document.querySelector('.projector iframe').src")
        assert (
            tab.js("document.querySelector('.phone iframe').contentDocument.querySelector('h1').textContent")
            == "La lune"
        )
        tab.open(f"{begin}1/")
        assert tab.in_frame("/c/", "document.querySelector('strong').textContent === 'tourne'")
