"""Exercises, activities and books open in a pupil's browser, and are found again as they were left."""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from edubox.pack.manifest import Item
from edubox.pages.player import NEEDS
from tests.box.school import School, serving
from tests.browser.chromium import Browser
from tests.browser.conftest import PDF
from tests.browser.containers import activity, book, exercise
from tests.browser.needs import players_or_skip

pytestmark = pytest.mark.browser
ENTRY = {"exercise": 1, "old": 2, "new": 3, "book": 4, "arabic": 5, "scripted": 6, "pdf": 7}
LESSON = "/fr/lecon/ministry/test/ouverte/"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A school whose one lesson has a part for every player; its origins."""
    players_or_skip()
    made = [
        exercise(), activity("1.2", "vieux.zip.d/"), activity("2004 3rd Edition", "neuf.zip.d/"), book(),
        book("arabe.epub.d/", right_to_left=True), book("programme.epub.d/", scripted=True),
    ]  # fmt: skip
    files = {name: data for found, _ in made for name, data in found.items()} | {"fiche.pdf": PDF}
    school = School(tmp_path_factory.mktemp("players") / "box")
    toc = (*(item for _, item in made), Item("La fiche", "pdf", "fiche.pdf"))
    school.add("ouverte", files, title="Une leçon ouverte", toc=toc)
    with serving(school.data) as (pages, lessons):
        yield SimpleNamespace(pages=pages, lessons=lessons, at=lambda name: f"{pages}{LESSON}{ENTRY[name]}/")


@pytest.fixture(autouse=True)
def afresh(browser, opened):
    """Every test is another pupil's device."""
    cleaning = browser.tab()
    cleaning.send("Storage.clearDataForOrigin", origin=opened.pages, storageTypes="local_storage")
    cleaning.close()


def kept(tab) -> dict:
    """What this device keeps about the part that is shown."""
    key = "'edubox:item:' + document.body.dataset.lesson + ':' + document.body.dataset.item"
    return json.loads(tab.js(f"localStorage.getItem({key})") or "{}")


def inside(tab, expression):
    """The value of *expression* in the document of the H5P exercise."""
    return tab.in_frame(
        "/h5p.html", f"((document) => {expression})(document.querySelector('iframe').contentDocument)"
    )


def test_an_exercise_opens_and_is_found_again_as_it_was_left(tab, opened):
    tab.open(opened.at("exercise"))
    tab.wait_through(lambda: inside(tab, "document.querySelector('#typed') !== null"), "the exercise")
    inside(tab, "document.querySelector('#typed').value = 'bonjour'")
    tab.wait(lambda: "bonjour" in kept(tab).get("state", ""), "a kept answer")
    tab.open(opened.at("exercise"))
    assert (
        tab.wait_through(lambda: inside(tab, "document.querySelector('#typed').value"), "the answer")
        == "bonjour"
    )
    assert not tab.complaints


def test_an_exercise_that_is_completed_is_done_and_its_points_stay_on_the_device(tab, opened):
    tab.open(opened.at("exercise"))
    tab.wait_through(lambda: inside(tab, "document.querySelector('#answer') !== null"), "the exercise")
    tab.requests.clear()
    inside(tab, "document.querySelector('#answer').click()")
    assert tab.wait(lambda: kept(tab).get("score"), "points") == [3, 4]
    assert kept(tab)["done"] is True
    # A font or picture of the exercise may still be arriving; its address says nothing of what the pupil did.
    told = [
        one
        for one in tab.requests
        if "?" in one or urlsplit(one).path.partition("/")[2][:2] not in {"p/", "c/"}
    ]
    assert not told, "points leave the device nowhere"


def test_an_exercise_uses_the_width_and_as_much_height_as_it_needs(phone, opened):
    phone.open(opened.at("exercise"))
    phone.wait_through(lambda: inside(phone, "document.querySelector('#typed') !== null"), "the exercise")
    phone.wait(lambda: phone.js("document.querySelector('iframe').offsetHeight") > 1500, "room for all of it")
    assert phone.js("document.querySelector('iframe').offsetWidth") == 390
    assert inside(phone, "document.documentElement.offsetWidth") >= 370
    assert phone.in_frame("/h5p.html", "document.documentElement.scrollWidth") <= 390
    phone.wait(
        lambda: not phone.in_frame("/h5p.html", "!!document.querySelector('.comes')"),
        "no sign of waiting any more",
    )


@pytest.mark.parametrize("edition", ["old", "new"])
def test_an_activity_goes_on_where_its_reader_was(tab, opened, edition):
    tab.open(opened.at(edition))
    where = "document.querySelector('#where').textContent"
    assert tab.wait_through(lambda: tab.in_frame("/sco/index.html", where), "the activity") == "|"
    assert tab.in_frame("/sco/index.html", "walk()") == "true,true,true,true,true"
    tab.wait(lambda: "vu=1,2,3" in kept(tab).get("state", ""), "a kept state")
    assert tab.wait(lambda: kept(tab).get("score"), "points") == [8, 10]
    tab.open(opened.at(edition))
    assert (
        tab.wait_through(lambda: tab.in_frame("/sco/index.html", where), "the activity") == "page-7|vu=1,2,3"
    )
    assert not tab.complaints


@pytest.mark.parametrize(("edition", "said"), [("old", "niveau=2,7"), ("new", "niveau=2,")])
def test_an_activity_is_told_what_its_package_says_of_it(tab, opened, edition, said):
    tab.open(opened.at(edition))
    tab.wait_through(lambda: tab.in_frame("/sco/index.html", "typeof told === 'function'"), "the activity")
    assert tab.in_frame("/sco/index.html", "told()") == said


def test_a_damaged_memory_begins_an_activity_afresh(tab, opened):
    tab.open(opened.at("old"))
    key = "'edubox:item:' + document.body.dataset.lesson + ':' + document.body.dataset.item"
    tab.js(f'localStorage.setItem({key}, JSON.stringify({{state: \'{{"suspend_data": 5, "core\'}}))')
    tab.open(opened.at("old"))
    assert (
        tab.wait_through(
            lambda: tab.in_frame("/sco/index.html", "document.querySelector('#where').textContent"), "it"
        )
        == "|"
    )
    assert not tab.complaints


def chapter(tab):
    return tab.in_frame(
        "/epub.html", "document.querySelector('.waits') ? '' : document.getElementById('where').textContent"
    )


def press(tab, key):
    tab.in_frame(
        "/epub.html", f"dispatchEvent(new KeyboardEvent('keydown', {{key: '{key}', bubbles: true}}))"
    )


def test_a_book_is_read_with_its_chapters_and_found_again_at_its_page(tab, opened):
    tab.open(opened.at("book"))
    tab.wait_through(lambda: chapter(tab) == "Chapitre un", "the first chapter")
    tab.in_frame("/epub.html", "document.getElementById('contents').click()")
    names = tab.in_frame(
        "/epub.html", "[...document.querySelectorAll('#chapters button')].map(one => one.textContent)"
    )
    assert names == ["Chapitre un", "Chapitre deux", "Chapitre trois"]
    tab.in_frame("/epub.html", "document.querySelectorAll('#chapters button')[1].click()")
    tab.wait_through(lambda: chapter(tab) == "Chapitre deux", "the second chapter")
    tab.in_frame("/epub.html", "document.getElementById('bigger').click()")
    tab.wait(lambda: '"letters":2' in kept(tab).get("state", ""), "bigger letters")
    tab.open(opened.at("book"))
    tab.wait_through(lambda: chapter(tab) == "Chapitre deux", "the page where it was left")
    assert not tab.complaints


def test_a_chapter_that_a_search_found_is_opened_itself(tab, opened):
    tab.open(f"{opened.pages}/fr/recherche/?q=deux")
    tab.tap(f'.hit a[href*="ouverte/{ENTRY["book"]}/"]')
    tab.wait_through(lambda: chapter(tab) == "Chapitre deux", "the chapter")


def test_a_book_turns_with_the_keyboard_and_ends(tab, opened):
    tab.open(opened.at("book"))
    tab.wait_through(lambda: chapter(tab), "a chapter")
    tab.in_frame("/epub.html", "document.querySelectorAll('#chapters button')[2].click()")
    tab.wait_through(lambda: chapter(tab) == "Chapitre trois", "the last chapter")

    def at_the_end():
        press(tab, "ArrowRight")
        return kept(tab).get("done")

    assert tab.wait(at_the_end, "the end of the book")


def test_an_arabic_book_turns_from_the_right(tab, opened):
    tab.open(opened.at("arabic"))
    tab.wait_through(lambda: chapter(tab), "a chapter")
    assert tab.in_frame("/epub.html", "document.querySelector('.bar').dir") == "rtl"
    tab.wait(lambda: "cfi" in kept(tab).get("state", ""), "a place")

    def further():
        press(tab, "ArrowLeft")
        return chapter(tab) == "Chapitre deux"

    assert tab.wait(further, "the second chapter, to the left")


def test_a_book_s_buttons_have_names_in_the_reader_s_language(tab, opened):
    tab.open(opened.at("book"))
    tab.wait_through(lambda: chapter(tab), "a chapter")
    names = tab.in_frame(
        "/epub.html",
        "[...document.querySelectorAll('.bar button')].map(one => one.getAttribute('aria-label'))",
    )
    assert all(names)
    assert "contents" not in names, "a word that was not translated"


def test_no_script_of_a_book_runs(tab, opened):
    tab.open(opened.at("scripted"))
    tab.wait_through(lambda: chapter(tab), "a chapter")
    assert (
        tab.wait_through(
            lambda: tab.in_frame("blob:", "document.querySelector('h1').textContent"), "the text"
        )
        == "Chapitre un"
    )
    assert tab.in_frame("blob:", "document.body.id") == ""


def test_a_phone_without_a_viewer_reads_documents_with_ours(tmp_path, opened):
    browser = Browser(tmp_path / "profile")
    try:
        phone = browser.tab(390, 844, phone=True)
        phone.send(
            "Page.addScriptToEvaluateOnNewDocument",
            source="Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', {get: () => false})",
        )
        phone.open(opened.at("pdf"))
        said = "[...document.querySelectorAll('.text span')].map(one => one.textContent).join(' ')"
        assert phone.wait_through(lambda: phone.in_frame("/pdf.html", said), "the document") == "Bonjour"
        assert (
            phone.in_frame("/pdf.html", "document.querySelector('canvas').getBoundingClientRect().width")
            > 350
        )
        assert phone.in_frame("/pdf.html", "document.getElementById('where').textContent") == "1 / 1"
        assert not [one for one in phone.complaints if "pdf" not in one.lower()]
        phone.close()
    finally:
        browser.close()


@pytest.mark.parametrize("name", ["exercise", "old", "book"])
def test_without_the_page_around_it_a_part_still_opens(tab, opened, name):
    tab.open(opened.at(name))
    alone = tab.js("document.querySelector('iframe').src")
    tab.open(alone)
    look = {"exercise": "iframe", "old": "iframe", "book": "foliate-view"}[name]
    assert tab.wait(lambda: tab.js(f"document.querySelector('{look}') !== null"), "the part")


@pytest.mark.parametrize("player", NEEDS)
@pytest.mark.parametrize(
    "what",
    ["", "c=x&e=y", "c=../../x&e=index.html", "c={manifest}&e=javascript:alert(1)", "c={manifest}&e=../../../fr/", "c={manifest}&e=//evil/x",
     "c={manifest}&e=none.html", "c={foreign}&e=index.html", "c={manifest}&e=%5C%5Cevil%5Cx", "c={manifest}&e=data:text/html,x"],
)  # fmt: skip
def test_a_player_shows_files_of_lessons_and_nothing_else(tab, opened, player, what):
    tab.open(opened.at("exercise"))
    source = tab.js("document.querySelector('iframe').src")
    manifest = source.partition("#c=")[2][:64]
    player_page = source.partition("h5p.html")[0] + f"{player}.html"
    tab.open("about:blank")
    tab.requests.clear()
    tab.open(f"{player_page}#{what.format(manifest=manifest, foreign='0' * 64)}")
    tab.wait(lambda: tab.js("document.querySelector('.trouble, iframe') !== null"), "a sentence")
    allowed = (f"{opened.lessons}/p/", f"{opened.lessons}/c/{manifest}/", f"{opened.lessons}/c/{'0' * 64}/")
    assert [one for one in tab.requests if not one.startswith((*allowed, "blob:", "about:"))] == []
    assert tab.js("location.origin") == opened.lessons
