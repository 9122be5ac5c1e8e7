"""Pages in Arabic, in a real browser: written from right to left, and nothing of them lost at the edges."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest

from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.pack.manifest import Item
from edubox.pages.sheet import Sheet, alone
from tests.box.school import School, page, serving
from tests.browser.conftest import PDF
from tests.browser.containers import book, exercise
from tests.browser.test_pupil import WIDE_ENOUGH

pytestmark = pytest.mark.browser
LESSON, OWN = "/ar/lesson/ministry/test/volcans/", "/ar/lesson/ministry/test/qamar/"
PUPILS = [
    "/ar/", "/ar/lessons/", "/ar/lessons/2/", "/ar/lessons/look/pictures/", "/ar/subject/maths/", "/ar/level/sixieme/subject/maths/", LESSON,
    f"{LESSON}1/", f"{LESSON}2/", f"{LESSON}3/", f"{LESSON}4/", f"{LESSON}5/", f"{LESSON}6/", f"{LESSON}print/", OWN, f"{OWN}1/",
    "/ar/search/?q=lave", "/ar/search/?q=القمر", "/ar/search/?q=xyzxyz", "/ar/data/", "/ar/my-device/", "/ar/accessibility/",
    "/ar/class/", "/ar/report/?lesson=ministry/test/volcans&part=1", "/ar/nowhere/",
]  # fmt: skip
DESKS = ["arriving/", "secours/", "classes/", "classes/{code}/", "classes/{code}/give/?lesson=ministry/test/volcans", "classes/{code}/delete/",
         "classes/sheet/", "classes/reports/", "carry/", "boitier/", "boitier/niveaux/"]  # fmt: skip
#: Lines of text that begin or end outside what contains them, or outside the screen; strips that a finger pushes sideways may.
CUT_OFF = """[...document.querySelectorAll('h1, h2, h3, p, li, dt, dd, a, button, label')].filter(e => e.checkVisibility() && !e.matches('.unseen, .unseen *, .skip, .filter *, .rooms *'))
  .filter(e => (r => r.width > 1 && (r.left < -1 || r.right > innerWidth + 1))(e.getBoundingClientRect())).map(e => e.outerHTML.slice(0, 90))"""
MIDDLE = "(r => r.left + r.width / 2)(document.querySelector({!r}).getBoundingClientRect())"


@contextlib.contextmanager
def arabic_school(folder):
    """A school that reads Arabic and French: addresses of its pages, of every page of its desk and of its class."""
    school = School(folder / "box")
    files = {
        "index.html": page("La lave", "<p>La lave sort.</p>"), "fiche.pdf": PDF, "tableur.ods": b"x" * 5000,
        "demain.mp4": b"y" * 1_400_000, "son.mp3": b"z" * 3000,
    }  # fmt: skip
    played = [exercise(), book("arabe.epub.d/", right_to_left=True)]
    files |= {name: data for found, _ in played for name, data in found.items()}
    toc = (
        Item("Lire (1) : la lave !", "html", "index.html"), Item("La fiche", "pdf", "fiche.pdf"),
        *(item for _, item in played), Item("Le film", "video", "demain.mp4"), Item("Le tableur", "file", "tableur.ods"),
    )  # fmt: skip
    school.add("volcans", files, title="Les volcans de la Terre : 2e partie", toc=toc, absent=("demain.mp4",), about=["svt"],
               educationalLevel=["sixieme"], description="Pourquoi la Terre gronde ? (Réponse à la fin.)", timeRequired="PT45M")  # fmt: skip
    school.add("qamar", {"i.html": page("القمر", "<p>يدور القمر حول الأرض.</p>")}, title="القمر وأطواره", language="ar",
               about=["svt"], educationalLevel=["sixieme"], description="لماذا يتغير شكل القمر كل ليلة؟", timeRequired="PT1H")  # fmt: skip
    for number in range(30):
        school.add(f"l{number}", {"i.html": page("x")}, title=f"Une leçon au titre assez long, numéro {number}", about=["maths"],
                   educationalLevel=["sixieme", "cinquieme"])  # fmt: skip
    code = classes.make(SchoolFile(school.data), "6e B")
    with serving(school.data, role="admin", languages=["ar", "fr"]) as (pages, lessons):
        desks = [f"{pages}/bureau/{one.format(code=code)}" for one in DESKS]
        desks = [f"{one}{'&' if '?' in one else '?'}lang=ar" for one in desks]
        yield SimpleNamespace(pages=pages, lessons=lessons, desks=desks, code=code)


@pytest.fixture(scope="module")
def arabic(tmp_path_factory):
    with arabic_school(tmp_path_factory.mktemp("arabic")) as school:
        yield school


def middle(tab, selector):
    """How far from the left edge the middle of what *selector* finds is."""
    return tab.js(MIDDLE.format(selector))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_fits_a_narrow_screen(browser, arabic, dark):
    tab = browser.tab(320, 640, dark=dark, phone=True)
    pages = [
        *(arabic.pages + path for path in PUPILS),
        f"{arabic.pages}/ar/class/{arabic.code}/",
        *arabic.desks,
    ]
    for page_ in pages:
        tab.open(page_)
        assert tab.js("[document.documentElement.lang, document.documentElement.dir].join()") == "ar,rtl", (
            page_
        )
        assert tab.js(WIDE_ENOUGH), f"{page_} is wider than its screen"
        assert tab.js(CUT_OFF) == [], page_
    tab.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_one_goes_on_to_the_left_and_back_to_the_right(browser, arabic, width):
    tab = browser.tab(width, 800, phone=width < 500)
    tab.open(f"{arabic.pages}{LESSON}2/")
    assert middle(tab, "[rel=next]") < middle(tab, ".up") < middle(tab, "[rel=prev]")
    # The picture of an arrow points to the right; where pages run to the left, it is turned round.
    assert tab.js("getComputedStyle(document.querySelector('[rel=next] .along')).transform").startswith(
        "matrix(-1,"
    )
    tab.open(f"{arabic.pages}/ar/")
    assert middle(tab, ".tools") < width / 2 < middle(tab, ".school")
    tab.close()


def test_a_french_title_runs_its_own_way_and_begins_at_the_page_s_edge(browser, arabic, phone):
    phone.open(f"{arabic.pages}{LESSON}")
    title, text = (f"getComputedStyle(document.querySelector('{one}'))" for one in ("h1", "h2"))
    assert phone.js(f"[{title}.direction, {text}.direction].join()") == "ltr,rtl"
    ends = """(e => { const line = document.createRange(); line.selectNodeContents(e);
      return e.getBoundingClientRect().right - line.getBoundingClientRect().right })(document.querySelector('h1'))"""
    assert phone.js(ends) < 2
    phone.open(f"{arabic.pages}{LESSON}2/")
    assert (
        phone.js(
            "document.querySelector('.up small').textContent + getComputedStyle(document.querySelector('.up small')).direction"
        )
        == "2 / 6ltr"
    )
    phone.open(f"{arabic.pages}/ar/")
    assert phone.js("getComputedStyle(document.querySelector('.remembered bdi')).direction") == "ltr"


def test_addresses_and_codes_on_paper_are_not_turned_round(browser, tmp_path, tab):
    sheet = Sheet(
        "École",
        "http://edubox.local:8080/",
        "https://edubox.local:8443/bureau/",
        "ABCD-EFGH-IJKL",
        f"local/{'a' * 26}",
        1_796_000_000,
    )
    (tmp_path / "sheet.html").write_text(alone(sheet, ("ar", "fr")), "utf-8")
    tab.open((tmp_path / "sheet.html").as_uri())
    groups = tab.js("[...document.querySelectorAll('.groups span')].map(e => e.getBoundingClientRect().left)")
    assert groups == sorted(groups)
    assert set(
        tab.js("[...document.querySelectorAll('.address')].map(e => getComputedStyle(e).direction)")
    ) == {"ltr"}
    assert tab.js("document.documentElement.dir") == "rtl"
