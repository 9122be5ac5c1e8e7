"""What each kind of page may cost a class on one hotspot: requests and bytes on the wire, counted by Chromium itself.

Cold means that the browser has been here never; warm that it has seen the first page, as all others are seen. Bytes are
those of answers with their heads. A budget is raised by someone who says why.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.importers.pictures import COVER_BYTES
from edubox.pack.manifest import Item
from edubox.pages.assets import asset
from edubox.pages.render import PICTURED
from tests.box.school import School, page, serving

pytestmark = pytest.mark.browser
LESSON = "/fr/lecon/ministry/test/l0/"
LESSONS = 60
#: Kind of page → address, requests and bytes when it is opened first of all, requests and bytes after the first page.
#: The frame of a part adds the lesson's own page, which is tiny here.
BUDGETS = {
    "home": ("/fr/", 8, 60_000, 2, 8_000),
    "list": ("/fr/lecons/", 8, 60_000, 2, 10_000),
    "list of a subject": ("/fr/matiere/maths/", 8, 60_000, 2, 10_000),
    "lesson": (LESSON, 5, 30_000, 2, 8_000),
    "part": (f"{LESSON}1/", 5, 30_000, 3, 6_000),
    "search": ("/fr/recherche/?q=lave", 5, 30_000, 4, 8_000),
    "class": ("/fr/classe/{code}/", 6, 30_000, 3, 6_000),
    "device": ("/fr/mon-appareil/", 6, 35_000, 4, 20_000),
    "data": ("/fr/donnees/", 4, 25_000, 2, 6_000),
    "not here": ("/fr/nulle-part/", 4, 25_000, 2, 6_000),
}


@pytest.fixture(scope="module")
def busy_school(tmp_path_factory):
    """Origins of a school with many lessons, and the code of a class that was given some."""
    school = School(tmp_path_factory.mktemp("budgets") / "box")
    for number in range(LESSONS):
        toc = tuple(Item(f"Partie {part}", "html", f"{part}.html") for part in range(8))
        files = {
            f"{part}.html": page(f"Partie {part}", "<p>La lave sort du volcan.</p>") for part in range(8)
        }
        school.add(f"l{number}", files, title=f"Une leçon au titre assez long, numéro {number}", toc=toc, about=["maths"],
                   educationalLevel=["sixieme", "cinquieme"], description="De quoi lire un moment. " * 6)  # fmt: skip
    file = SchoolFile(school.data)
    code = classes.make(file, "6e B")
    with serving(school.data) as (pages, lessons):
        yield pages, lessons, code


@pytest.fixture
def fresh(browser):
    """A phone with an empty cache."""
    opened = browser.tab(390, 844, phone=True)
    opened.send("Network.clearBrowserCache")
    yield opened
    opened.close()


def cost(tab, url):
    """Addresses that *tab* fetched over the network to open *url*, each with its bytes on the wire."""
    tab.network.clear()
    tab.open(url)
    # Lazy pictures are asked for when the page has been drawn; a request of a page that was left never ends.
    tab.js("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 100)))")
    tab.wait(lambda: not set(asked(tab)) - set(ended(tab)), "the end of every request")
    return {asked(tab)[name]: size for name, size in ended(tab).items() if name in asked(tab) and size}


def asked(tab):
    return {
        event["params"]["requestId"]: event["params"]["request"]["url"]
        for event in tab.network
        if event["method"] == "Network.requestWillBeSent" and event["params"]["request"]["url"].startswith("http")
    }  # fmt: skip


def ended(tab):
    """Bytes of every request that ended; none for what the browser had."""
    sizes = {event["params"]["requestId"]: event["params"]["encodedDataLength"] for event in tab.network
             if event["method"] == "Network.loadingFinished"}  # fmt: skip
    failed = [
        event["params"]["requestId"] for event in tab.network if event["method"] == "Network.loadingFailed"
    ]
    cached = [
        event["params"]["requestId"]
        for event in tab.network
        if event["method"] == "Network.requestServedFromCache"
    ]
    return sizes | dict.fromkeys([*failed, *cached], 0)


def told(spent):
    return "\n".join(f"{size:7.0f} {url}" for url, size in spent.items())


@pytest.mark.parametrize("kind", BUDGETS)
def test_a_page_costs_no_more_than_its_budget_cold_and_after_the_first_page(fresh, busy_school, kind):
    pages, _, code = busy_school
    path, requests, size, warm_requests, warm_size = BUDGETS[kind]
    cold = cost(fresh, pages + path.format(code=code))
    assert 0 < len(cold) <= requests, told(cold)
    assert sum(cold.values()) <= size, told(cold)
    fresh.send("Network.clearBrowserCache")
    cost(fresh, f"{pages}/fr/lecons/2/")
    warm = cost(fresh, pages + path.format(code=code))
    assert 0 < len(warm) <= warm_requests, told(warm)
    assert sum(warm.values()) <= warm_size, told(warm)


def test_a_first_page_of_pictured_lessons_keeps_to_its_budget(fresh, tmp_path):
    """Covers as large as a build makes them, and no two alike."""
    school = School(tmp_path / "box")
    for number in range(8):
        files = {"index.html": page("x"), "cover.webp": bytes([number]) * COVER_BYTES}
        school.add(
            f"l{number}",
            files,
            title=f"Leçon {number}",
            toc=(Item("x", "html", "index.html"),),
            image="cover.webp",
        )
    with serving(school.data) as (pages, _):
        cold = cost(fresh, f"{pages}/fr/")
    assert sum(url.endswith("/cover.webp") for url in cold) == PICTURED, told(cold)
    assert len(cold) <= 8, told(cold)
    assert sum(cold.values()) <= 60_000, told(cold)


@pytest.mark.parametrize("kind", BUDGETS)
def test_a_page_loads_one_style_sheet_no_font_and_nothing_of_strangers(fresh, busy_school, kind):
    pages, lessons, code = busy_school
    cost(fresh, pages + BUDGETS[kind][0].format(code=code))
    own = {urlsplit(one).netloc for one in (pages, lessons)}
    kinds = [(event["params"].get("type"), event["params"]["request"]["url"]) for event in fresh.network
             if event["method"] == "Network.requestWillBeSent" and event["params"]["request"]["url"].startswith("http")]  # fmt: skip
    assert [url for _, url in kinds if urlsplit(url).netloc not in own] == []
    assert [url for what, url in kinds if what == "Font"] == []
    assert len([url for what, url in kinds if what == "Stylesheet" and url.startswith(pages)]) == 1
    assert len([url for what, url in kinds if what == "Script" and url.startswith(pages)]) <= 1


def test_the_script_of_every_page_is_small():
    assert len(asset("pupil.js").text.encode()) <= 20_000
    assert len(asset("mine.js").text.encode()) <= 24_000, "the page about the device does more than others"
