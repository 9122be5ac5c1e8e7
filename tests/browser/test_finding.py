"""Finding a lesson in a real browser: typing on a phone, keyboard alone, what a screen reader hears, and without scripts."""

from __future__ import annotations

import http.server
import json
import threading
from functools import partial

import pytest

from edubox.box.library import Library
from edubox.pack import canonical
from edubox.pack.manifest import Item
from edubox.pages import render
from edubox.pages.addresses import Place, path
from edubox.pages.assets import asset
from edubox.pages.country import parse
from edubox.pages.finding import suggestions
from edubox.pages.fulltext import fulltext, said
from edubox.pages.model import Frame
from edubox.pages.stylesheet import stylesheet
from tests.box.school import COUNTRY, School, manifest_of, page, serving

pytestmark = pytest.mark.browser
FILES = {
    "lave.html": page("La lave", "<p>La lave est une roche fondue.</p>"),
    "seisme.html": page(
        "Séismes et éruptions", "<p>Quand la terre tremble, les fonctions du magma changent.</p>"
    ),
}
TOC = (Item("La lave", "html", "lave.html"), Item("Séismes et éruptions", "html", "seisme.html"))
OPTIONS = "[...document.querySelectorAll('#suggested [role=option]')].map(e => e.textContent)"
FIELD = "document.querySelector('#q')"


@pytest.fixture(scope="module")
def find(tmp_path_factory):
    """The address of a box with few lessons in three languages, and its data folder."""
    school = School(tmp_path_factory.mktemp("finding") / "box")
    school.add(
        "volcans",
        FILES,
        title="Les volcans de la Terre",
        toc=TOC,
        about=["svt"],
        educationalLevel=["sixieme"],
        keywords=["éruption"],
    )
    school.add(
        "fractions",
        {"i.html": page("x")},
        title="Les fractions",
        about=["maths"],
        educationalLevel=["sixieme"],
    )
    school.add("kitab", {"i.html": page("x")}, title="الكِتَابُ والمدرسة", language="ar")
    for number in range(30):
        school.add(
            f"n{number}",
            {"i.html": page("x")},
            title=f"Nombre {number}",
            about=["maths"],
            educationalLevel=["cinquieme"],
        )
    with serving(school.data, languages=["fr", "en", "ar"]) as (pages, _):
        yield pages, school


def write(tab, text):
    """Type *text* into the empty search field and wait for what is suggested."""
    tab.js(
        f"{FIELD}.focus(); {FIELD}.value = ''; document.querySelector('form.find output').textContent = ''"
    )
    tab.send("Input.insertText", text=text)
    return tab.wait(
        lambda: tab.js("document.querySelector('form.find output').textContent"), "an announcement"
    )


def test_a_pupil_types_on_a_phone_and_touches_what_appears(phone, find):
    phone.open(f"{find[0]}/fr/")
    assert write(phone, "VOLC").endswith("1")
    assert phone.js(OPTIONS) == ["Les volcans de la Terre"]
    box = phone.js(
        "(r => [r.left >= 0, r.right <= innerWidth, r.height > 43])(document.querySelector('#suggested a').getBoundingClientRect())"
    )
    assert box == [True, True, True]
    phone.tap("#suggested a")
    assert phone.js("location.pathname") == "/fr/lecon/ministry/test/volcans/"
    assert phone.complaints == []


@pytest.mark.parametrize(("typed", "shown"), [
    ("eruption", ["Les volcans de la Terre", "Séismes et éruptionsLes volcans de la Terre"]), ("seismes", ["Séismes et éruptionsLes volcans de la Terre"]),
    ("كتاب", ["الكِتَابُ والمدرسة"]), ("الكتاب", ["الكِتَابُ والمدرسة"]), ("مدرسة", ["الكِتَابُ والمدرسة"]), ("rien du tout", []),
])  # fmt: skip
def test_accents_capitals_and_vowel_marks_do_not_matter(tab, find, typed, shown):
    tab.open(f"{find[0]}/fr/")
    assert write(tab, typed).endswith(str(len(shown)))
    assert tab.js(OPTIONS) == shown
    assert tab.complaints == []


def test_the_keyboard_alone_walks_through_suggestions_and_opens_one(tab, find):
    tab.open(f"{find[0]}/fr/")
    write(tab, "nombre")
    options = tab.js(OPTIONS)
    assert len(options) == 8
    chosen = f"document.getElementById({FIELD}.getAttribute('aria-activedescendant') || 'none')?.textContent"
    tab.press("ArrowDown")
    tab.press("ArrowDown")
    assert tab.js(chosen) == options[1]
    assert tab.js("document.querySelectorAll('[aria-selected=true]').length") == 1
    assert tab.js("document.activeElement.id") == "q", "the reader goes on typing"
    for _ in range(3):
        tab.press("ArrowUp")
    assert tab.js(chosen) == options[-1], "beyond the first is the field, beyond the field the last"
    target = tab.js("document.querySelector('[aria-selected=true]').pathname")
    with tab.opening():
        tab.press("Enter")
    assert tab.js("location.pathname") == target


def test_escape_closes_the_list_and_keeps_what_was_typed(tab, find):
    tab.open(f"{find[0]}/fr/")
    write(tab, "nombre")
    tab.press("Escape")
    assert tab.js(f"[document.querySelector('#suggested').hidden, {FIELD}.getAttribute('aria-expanded'), {FIELD}.value]") == [
        True, "false", "nombre",
    ]  # fmt: skip


def test_enter_without_choosing_asks_the_search_page(tab, find):
    tab.open(f"{find[0]}/fr/")
    write(tab, "lave")
    with tab.opening():
        tab.press("Enter")
    assert tab.js("location.pathname + location.search") == "/fr/recherche/?q=lave"
    assert "1 réponse" in tab.js("document.querySelector('h1').textContent")


def test_a_screen_reader_hears_a_combobox_its_list_and_how_many(tab, find):
    tab.open(f"{find[0]}/fr/")
    write(tab, "nombre")
    tab.press("ArrowDown")
    tree = tab.send("Accessibility.getFullAXTree")["nodes"]
    named = {
        (one["role"]["value"], one.get("name", {}).get("value", "")) for one in tree if not one.get("ignored")
    }
    roles = {role for role, _ in named}
    assert {"combobox", "listbox", "option"} <= roles or {"searchbox", "listbox", "option"} <= roles, roles
    assert ("combobox", "Trouver une leçon") in named or any(
        role == "combobox" and name for role, name in named
    )
    assert tab.js("document.querySelector('form.find output').textContent").endswith("8")
    assert tab.js(f"{FIELD}.getAttribute('aria-controls')") == "suggested"


def test_from_right_to_left_the_list_stands_below_its_field(tab, find):
    tab.open(f"{find[0]}/ar/")
    write(tab, "الكتاب")
    field, shown = (
        tab.js(f"(r => [r.left, r.right, r.top, r.bottom])({what}.getBoundingClientRect())")
        for what in ("document.querySelector('form.find')", "document.querySelector('#suggested')")
    )
    assert field[0] - 1 <= shown[0] < shown[1] <= field[1] + 1
    assert shown[2] >= tab.js(f"{FIELD}.getBoundingClientRect().bottom")


def test_one_small_request_a_question_and_none_before_the_field_is_touched(tab, find):
    tab.open(f"{find[0]}/fr/")
    assert not [one for one in tab.requests if "/find/" in one]
    write(tab, "nombre 1")
    write(tab, "nombre 12")
    asked = [one.rpartition("/")[2] for one in tab.requests if "/find/" in one]
    assert asked.count("keys.json") == 1
    assert len(asked) == len(set(asked)) <= 4


def test_without_scripts_the_field_the_filters_and_going_back_work(tab, find):
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(f"{find[0]}/fr/")
    tab.send("DOM.getDocument")
    tab.send("Emulation.setScriptExecutionDisabled", value=False)
    assert tab.js("document.querySelector('#suggested').hidden")
    assert tab.js(f"{FIELD}.form.action").endswith("/fr/recherche/")
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(f"{find[0]}/fr/matiere/maths/")
    tab.open(f"{find[0]}/fr/matiere/maths/ordre/title/")
    tab.open(f"{find[0]}/fr/matiere/maths/ordre/title/2/")
    history = tab.send("Page.getNavigationHistory")
    tab.send("Page.navigateToHistoryEntry", entryId=history["entries"][history["currentIndex"] - 1]["id"])
    tab.send("Emulation.setScriptExecutionDisabled", value=False)
    tab.wait(lambda: tab.js("location.pathname") == "/fr/matiere/maths/ordre/title/", "the list of before")


# --- a static site ---


@pytest.fixture
def static(tmp_path, find):
    """The address of a static site with the box's lessons: what ``edubox site export`` has to write for finding."""
    _, school = find
    library = Library(school.data)
    frame = Frame(
        "École",
        ("fr", "en", "ar"),
        "fr",
        parse(canonical.write(COUNTRY)),
        "http://lessons.invalid",
        "/style.css",
    )
    manifest = manifest_of(FILES, title="Les volcans de la Terre", toc=TOC)
    (card,) = [one for one in library.cards() if one.address.endswith("volcans")]
    files = {f"find/fr/{name}": data for name, data in suggestions(library.titles(), "fr")}
    files |= {
        f"find/text/{name}": data
        for name, data in fulltext(
            [(card, said(manifest, school.data / "site" / library.lesson(card.address).manifest))]
        )
    }
    files |= {
        path(Place("search"), "fr").strip("/") + "/index.html": render.search(frame, "", []).encode(),
        "style.css": stylesheet(frame.country).encode(), asset("pupil.js").address.strip("/"): asset("pupil.js").text.encode(),
    }  # fmt: skip
    for name, data in files.items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_static_site_answers_the_whole_question_by_itself(tab, static):
    tab.open(f"{static}/fr/recherche/?q=fonction+magma")
    tab.wait(lambda: tab.js("document.querySelectorAll('.hit').length"), "answers")
    hits = tab.js(
        "[...document.querySelectorAll('.hit')].map(e => [e.querySelector('a').getAttribute('href'), e.textContent])"
    )
    assert hits[0][0] == "/fr/lecon/ministry/test/volcans/2/"
    assert "tremble" in hits[0][1]
    assert tab.js(f"{FIELD}.value") == "fonction magma"
    assert "fonction magma" in tab.js("document.querySelector('h1').textContent")
    assert tab.complaints == []
    assert not [one for one in tab.requests if one.startswith("http") and not one.startswith(static)]


def test_a_static_site_says_kindly_that_nothing_was_found(tab, static):
    tab.open(f"{static}/fr/recherche/?q=xylophone")
    tab.wait(lambda: "xylophone" in tab.js("document.querySelector('h1').textContent"), "an answer")
    assert tab.complaints == []


def test_a_box_and_a_static_site_suggest_from_the_same_bytes(find):
    import urllib.request

    pages, school = find
    for language in ("fr", "ar"):
        for name, data in suggestions(Library(school.data).titles(), language):
            with urllib.request.urlopen(f"{pages}/find/{language}/{name}") as answer:
                assert answer.read() == data
    assert json.loads(data)
