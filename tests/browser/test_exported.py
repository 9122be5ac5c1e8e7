"""The exported site at home: behind nginx under two names, and from a folder, in a real browser.

Every test ends with the same two questions: did a page complain, and did anything ask another host?
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import quote, urlsplit

import pytest

from edubox.box.library import Library
from edubox.pack.manifest import Item
from edubox.pages.export.folder import Folder
from edubox.pages.export.site import export
from edubox.pages.player import players
from edubox.store.layout import object_path
from tests.box.school import School, manifest_of, page
from tests.browser.conftest import DRAWING, PDF, film
from tests.browser.containers import activity, book, exercise
from tests.browser.needs import players_or_skip
from tests.browser.test_budgets import cost, told
from tests.cli.country import free_port
from tests.pages.export.nginx import begin, local
from tests.pages.export.reading import kept, wishes

pytestmark = pytest.mark.browser
LESSON, OPEN = "/fr/lecon/ministry/test/volcans/", "/fr/lecon/ministry/test/ouverte/"
CLASS = "/abcdefghijklmnopqrstuvwxyz"
PARTS = {"page": 1, "film": 2, "document": 3, "picture": 4, "file": 5}
PLAYED = {"exercise": 1, "activity": 2, "book": 3}


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """A school with everything that a lesson can be."""
    players_or_skip()
    folder = tmp_path_factory.mktemp("exported")
    folder.chmod(0o755)
    school = School(folder / "data")
    school.folder = folder
    add(school,
        "volcans", {
            "index.html": page("L’éruption", "<p id=first>La lave sort.</p><p><a href='plus/deux.html'>Suite</a></p>"),
            "plus/deux.html": page("Le basalte", "<p>Le zircon est dans le basalte.</p>"),
            "film.webm": film(folder / "film.webm") or b"x", "film.vtt": b"WEBVTT\n\n00:00.000 --> 00:09.000\nVoici.\n",
            "fiche.pdf": PDF, "dessin.svg": DRAWING, "tableur.ods": b"x" * 5000,
        }, title="Les volcans de la Terre", about=["svt"], educationalLevel=["sixieme"], description="Pourquoi la Terre gronde.",
        toc=(
            Item("Lire", "html", "index.html"), Item("Le film", "video", "film.webm", alternatives=("film.vtt",)),
            Item("La fiche", "pdf", "fiche.pdf"), Item("Le dessin", "image", "dessin.svg"), Item("Le tableur", "file", "tableur.ods"),
        ), image="dessin.svg",
    )  # fmt: skip
    made = [exercise(), activity("1.2", "vieux.zip.d/"), book()]
    add(school, "ouverte", {name: data for found, _ in made for name, data in found.items()}, title="Une leçon ouverte",
               toc=tuple(item for _, item in made), about=["svt"])  # fmt: skip
    for number in range(8):
        add(school, f"l{number}", {"i.html": page("x")}, title=f"Une leçon au titre assez long numéro {number}", about=["maths"],
                   educationalLevel=["sixieme", "cinquieme"], description="De quoi lire un moment. " * 4)  # fmt: skip
    return school


def add(school, slug, files, **described):
    """Install a lesson with its manifest, out of which a search is made."""
    manifest = manifest_of(files, **described)
    place = school.data / "mirror" / object_path(manifest.id)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(manifest.to_bytes())
    school.install(slug, manifest, files)


@pytest.fixture(scope="module")
def site(school):
    """The origins of the site's ``pages`` and ``lessons``; it also has a class's folder."""
    port, out = free_port(), school.folder / "out"
    pages, lessons = local(port)
    target = Folder(out)
    given = wishes(lessons=lessons, address=pages, players=players())
    for folder in ("", CLASS):
        export(Library(school.data), kept(school.data), target, given, lambda *_: None, folder)
    target.finish()
    (school.folder / "nginx").mkdir()
    child = begin(school.folder / "nginx", out, port, named=True)
    yield SimpleNamespace(pages=pages, lessons=lessons, out=out)
    child.terminate()
    child.wait(20)


@pytest.fixture
def home(site, tab):
    """A tab at home, which leaves nothing to complain about behind."""
    yield tab
    assert tab.complaints == []
    asked = {urlsplit(one).netloc for one in tab.requests if one.startswith("http")}
    assert asked <= {urlsplit(one).netloc for one in (site.pages, site.lessons)}
    assert not [one for one in tab.requests if "now.json" in one]


def text(tab):
    return tab.js("document.body.innerText")


def in_frame(tab, path, expression):
    return tab.wait_through(lambda: tab.in_frame(path, expression), f"{expression} in {path}")


@pytest.mark.parametrize("folder", ["", CLASS])
def test_from_the_first_page_to_the_end_of_a_lesson(home, site, folder):
    home.open(f"{site.pages}{folder}/fr/")
    home.tap("a[href$='/matiere/svt/']")
    home.tap(".card a[href$='/volcans/']")
    assert home.js("document.querySelector('.front img, .opening img').decode().then(() => true)")
    home.tap(".begin a")
    assert "La lave sort." in in_frame(home, "/index.html", "document.body.innerText")
    for number in range(2, 6):
        home.tap(".walk [rel=next]")
        assert home.js("location.pathname") == f"{folder}{LESSON}{number}/"
    home.tap(".walk .done")
    assert home.js("location.pathname") == f"{folder}{LESSON}"
    assert not [one for one in home.requests if one.startswith("http") and folder not in one]


def test_every_kind_of_part_is_shown(home, site):
    at = f"{site.pages}{LESSON}"
    home.open(f"{at}{PARTS['film']}/")
    assert home.wait_through(lambda: home.js("document.querySelector('video').readyState > 0"), "a film")
    home.js("document.querySelector('video').textTracks[0].mode = 'showing'")
    assert home.wait_through(
        lambda: home.js("document.querySelector('video').textTracks[0].cues.length") == 1, "subtitles"
    )
    home.open(f"{at}{PARTS['document']}/")
    assert home.js("document.querySelector('iframe').src").startswith(f"{site.lessons}/c/")
    home.open(f"{at}{PARTS['picture']}/")
    assert home.js(
        "document.querySelector('.stage img').decode().then(() => document.querySelector('.stage img').naturalWidth)"
    )
    home.open(f"{at}{PARTS['file']}/")
    assert "tableur.ods" in text(home)


def test_a_phone_without_a_viewer_reads_documents_with_ours(home, site):
    home.send(
        "Page.addScriptToEvaluateOnNewDocument",
        source="Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', {get: () => false})",
    )
    home.open(f"{site.pages}{LESSON}{PARTS['document']}/")
    said = "[...document.querySelectorAll('.text span')].map(one => one.textContent).join(' ')"
    home.wait_through(lambda: home.in_frame("/pdf.html", said) == "Bonjour", "the document")
    home.complaints[:] = [one for one in home.complaints if "pdf" not in one.lower()]


def memory(tab):
    key = "'edubox:item:' + document.body.dataset.lesson + ':' + document.body.dataset.item"
    return json.loads(tab.js(f"localStorage.getItem({key})") or "{}")


@pytest.mark.parametrize("folder", ["", CLASS])
def test_an_exercise_plays_and_is_found_again_as_it_was_left(home, site, folder):
    typed = "document.querySelector('iframe').contentDocument.querySelector('#typed')"
    home.open(f"{site.pages}{folder}{OPEN}{PLAYED['exercise']}/")
    in_frame(home, "/h5p.html", f"{typed} !== null")
    home.in_frame("/h5p.html", f"{typed}.value = 'bonjour'")
    home.wait(lambda: "bonjour" in memory(home).get("state", ""), "a kept answer")
    home.open(f"{site.pages}{folder}{OPEN}{PLAYED['exercise']}/")
    assert in_frame(home, "/h5p.html", f"{typed}.value") == "bonjour"
    home.js("localStorage.clear()")


def test_an_activity_and_a_book_play(home, site):
    home.open(f"{site.pages}{OPEN}{PLAYED['activity']}/")
    assert in_frame(home, "/sco/index.html", "document.querySelector('#where').textContent") == "|"
    assert home.in_frame("/sco/index.html", "walk()") == "true,true,true,true,true"
    home.open(f"{site.pages}{OPEN}{PLAYED['book']}/")
    home.wait_through(lambda: chapter(home) == "Chapitre un", "the first chapter")


def chapter(tab):
    return tab.in_frame(
        "/epub.html", "document.querySelector('.waits') ? '' : document.getElementById('where').textContent"
    )


def test_lessons_are_suggested_while_a_word_is_typed(home, site):
    home.open(f"{site.pages}/fr/")
    home.js("document.querySelector('#q').focus()")
    home.send("Input.insertText", text="volc")
    home.wait(lambda: home.js("document.querySelector('#suggested [role=option]') !== null"), "a suggestion")
    home.tap("#suggested [role=option]")
    assert home.js("location.pathname") == LESSON


@pytest.mark.parametrize("folder", ["", CLASS])
def test_an_answer_of_the_search_leads_to_the_page_inside_the_part_itself(home, site, folder):
    home.open(f"{site.pages}{folder}/fr/")
    home.js("document.querySelector('#q').value = 'ZIRCONS'")
    home.tap("form.find button")
    home.wait(lambda: home.js("document.querySelector('.hit a') !== null"), "an answer")
    home.tap(".hit a")
    assert home.js("location.search") == f"?file={quote('plus/deux.html', safe='')}"
    assert "zircon" in in_frame(home, "/plus/deux.html", "document.body.innerText")
    steps = home.js("history.length")
    home.js("history.back()")
    home.wait(lambda: home.js("location.pathname").endswith("/recherche/"), "one step back")
    assert steps == 4  # about:blank, the first page, the answers, the part


def test_an_answer_inside_a_book_opens_its_chapter(home, site):
    home.open(f"{site.pages}/fr/recherche/?q=chapitre+deux")
    home.wait(lambda: home.js("document.querySelector('.hit a[href*=deux]') !== null"), "an answer")
    home.tap(".hit a[href*=deux]")
    home.wait_through(lambda: chapter(home) == "Chapitre deux", "the second chapter")


@pytest.mark.parametrize(
    "file", ["../../../fr/", "..%2f..%2f..%2ffr%2f", "/fr/", "//evil.example/x", "https://evil.example/", "\\\\evil.example\\x",
             "javascript:alert(1)", "a/../../x", "%2e%2e/%2e%2e/x", "?download", "#x"],
)  # fmt: skip
def test_an_address_opens_no_page_outside_the_lesson_that_it_names(home, site, file):
    home.open(f"{site.pages}{LESSON}1/?file={quote(file)}")
    source = home.js("document.querySelector('iframe').src")
    manifest = source.partition("/c/")[2][:64]
    assert len(manifest) == 64
    assert source.startswith(f"{site.lessons}/c/{manifest}/")
    assert [
        one for one in home.requests if one.startswith(site.lessons) and f"/c/{manifest}/" not in one
    ] == []
    home.complaints[:] = [one for one in home.complaints if "404" not in one]


def test_nothing_found_is_said(home, site):
    home.open(f"{site.pages}/fr/recherche/?q=xyzzy")
    home.wait(lambda: "xyzzy" in home.js("document.querySelector('h1').textContent"), "a sentence")
    assert home.js("document.querySelectorAll('.hit').length") == 0


def test_a_wrong_address_helps(home, site):
    home.open(f"{site.pages}/fr/lecon/ministry/test/nulle-part/")
    assert home.js("document.querySelector('main a.button').pathname") == "/fr/"
    home.complaints[:] = [one for one in home.complaints if "404" not in one]


def test_the_class_and_problems_of_school_are_spoken_of_truly(home, site):
    home.open(f"{site.pages}/fr/")
    home.tap("#my-class")
    assert home.js("document.querySelectorAll('main form').length") == 0
    home.open(f"{site.pages}{LESSON}1/")
    home.tap("a.report")
    assert home.js("document.querySelectorAll('main form').length") == 0
    assert len(home.js("document.querySelector('main p').innerText")) > 20


def test_the_address_to_share_and_its_square_are_those_of_the_site(home, site):
    home.open(f"{site.pages}{CLASS}{LESSON}")
    home.js("document.querySelector('#share').open = true")
    assert home.wait(lambda: home.js("document.querySelector('#share img').naturalWidth"), "a square")
    assert home.js("document.querySelector('#address').value") == f"{site.pages}{CLASS}{LESSON}"


@pytest.mark.parametrize("folder", ["", CLASS])
def test_i_have_finished_erases_what_exercises_kept_too(home, site, folder):
    home.open(f"{site.pages}{folder}{LESSON}1/")
    in_frame(home, "/index.html", "localStorage.setItem('mine', '1') || 'kept'")
    home.send("Page.addScriptToEvaluateOnNewDocument", source="window.confirm = () => true")
    home.open(f"{site.pages}{folder}/fr/mon-appareil/")
    home.js("document.querySelector('#everybody').click()")
    home.wait_through(
        lambda: home.in_frame("/forget.html", "document.readyState === 'complete' && 'yes'"),
        "the erasing page",
    )
    home.open(f"{site.pages}{folder}{LESSON}1/")
    assert in_frame(home, "/index.html", "`${localStorage.getItem('mine')}`") == "null"


def test_a_class_that_this_device_remembers_is_asked_for_once_and_forgotten(home, site):
    """As a device of a school whose box had the name that the site has now."""
    home.open(f"{site.pages}/fr/")
    home.js("""localStorage.setItem('edubox:class', JSON.stringify({code: '123456', name: '6e B'}))""")
    home.open(f"{site.pages}/fr/")
    home.wait(lambda: home.js("localStorage.getItem('edubox:class')") is None, "a forgotten class")
    assert len([one for one in home.requests if "now.json" in one]) == 1
    home.requests.clear()
    home.complaints[:] = [one for one in home.complaints if "404" not in one]


def test_what_a_pupil_at_home_costs(site, browser):
    """The first page, a list, a lesson and a part, by somebody who was here never before (docs/operators.md)."""
    fresh = browser.tab(390, 844, phone=True)
    fresh.send("Network.clearBrowserCache")
    spent = {}
    for address in ("/fr/", "/fr/matiere/svt/", LESSON, f"{LESSON}1/"):
        spent |= cost(fresh, site.pages + address)
    fresh.close()
    assert len(spent) <= 8, told(spent)
    assert sum(spent.values()) <= 35_000, told(spent)


@pytest.fixture(scope="module")
def stick(school):
    """The first page of a site in a folder, as a browser names it."""
    target = Folder(school.folder / "stick", twins=False)
    given = wishes(portable=True, players=players())
    export(Library(school.data), kept(school.data), target, given, lambda *_: None)
    target.finish()
    return (school.folder / "stick" / "index.html").as_uri()


@pytest.fixture
def folder(stick, tab):
    """A tab that has opened the folder; nothing but files is asked for, and nobody complains."""
    tab.open(stick)
    tab.wait(
        lambda: tab.js("location.pathname.endsWith('/fr/index.html') && document.readyState === 'complete'"),
        "a page",
    )
    yield tab
    assert [one for one in tab.requests if one.startswith(("http", "ws"))] == []
    # Browsers show no subtitles from a folder.
    assert [one for one in tab.complaints if ".vtt" not in one] == []


def test_a_folder_is_read_from_the_first_page_to_the_next_part(folder):
    folder.tap("a[href$='/matiere/svt/index.html']")
    folder.tap(".card a[href$='/volcans/index.html']")
    assert folder.js("document.querySelector('#share')") is None
    folder.tap(".begin a")
    assert "La lave sort." in folder.wait_through(
        lambda: folder.frame_js("document.body.innerText"), "the lesson"
    )
    folder.tap(".walk [rel=next]")
    assert folder.wait_through(lambda: folder.js("document.querySelector('video').readyState > 0"), "a film")
    for _ in "document", "picture":
        folder.tap(".walk [rel=next]")
    assert folder.js(
        "document.querySelector('.stage img').decode().then(() => document.querySelector('.stage img').naturalWidth)"
    )


def test_a_folder_says_that_it_has_no_search_and_where_to_look(folder):
    folder.js("document.querySelector('#q').focus()")
    folder.send("Input.insertText", text="volcan")
    folder.tap("form.find button")
    assert folder.js("document.querySelector('.lead').textContent") == folder.js(
        "document.querySelector('#answers').dataset.unserved"
    )
    folder.tap("main .more a")
    assert folder.js("location.pathname").endswith("/fr/lecons/index.html")
