"""The page for the person in charge in a real browser: it moves while lessons come, and works without a script."""

from __future__ import annotations

import threading
from urllib.parse import quote, urlsplit

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.keeper import Keeper
from edubox.store.mirror_app import mirror_app
from tests.box.school import School, page, serving, settings
from tests.browser.desk import showing
from tests.browser.test_pupil import SMALL_TARGETS, WIDE_ENOUGH
from tests.pages.desk_states import STATES
from tests.sync import hub
from tests.sync.country import Box, Country, film, text

pytestmark = pytest.mark.browser
BAR = "(document.querySelector('#bar') || {}).value"
SENTENCE = "document.querySelector('.verdict .lead').textContent"
ALL_BLOCKS = 10_000


class Tap:
    """A hub whose films come block by block, each when the test lets it."""

    def __init__(self, mirror):
        self.usual, self.open = mirror_app(mirror), threading.Semaphore(0)

    def __call__(self, environ, start_response):
        body = self.usual(environ, start_response)
        return self.drip(body) if environ["PATH_INFO"].startswith("/objects/") else body

    def drip(self, body):
        for block in body:
            self.open.acquire()
            yield block


class SchoolBox(Box):
    """A box whose list of lessons is the one that pages read."""

    @property
    def catalogue(self):
        return Catalogue(self.data)


@pytest.fixture
def box(tmp_path):
    country = Country(tmp_path / "country")
    contents = {"index.html": text(1, 5000), "film.mp4": film(1, 6_000_000)}
    country.publish("volcans", contents, frozenset({"film.mp4"}))
    return SchoolBox(tmp_path / "box", country)


def test_the_bar_moves_and_the_page_fills_while_lessons_come_and_nobody_loads_it_again(tab, box):
    tap = Tap(box.country.mirror)
    with hub.serving(tap) as source, serving(box.data, role="admin") as (pages, _):
        tab.open(f"{pages}/bureau/arriving/")
        assert "pas encore de leçons" in tab.js(SENTENCE)
        tab.js("window.stays = 'here'")
        work = threading.Thread(target=box.sync, args=(source,))
        work.start()
        try:
            tab.wait(lambda: tab.js(BAR) is not None, "a progress bar")
            assert "Des leçons arrivent" in tab.js(SENTENCE)
            seen = [tab.js(BAR)]
            for _ in range(3):
                tap.open.release(20)  # 60 of at most 64 KiB are less than the film
                tab.wait(lambda: tab.js(BAR) > seen[-1], "a bar that has moved")
                seen.append(tab.js(BAR))
            listed = "(document.querySelector('.arrivals') || {}).textContent || ''"
            tab.wait(lambda: "Leçon volcans" in tab.js(listed), "the list")
        finally:
            tap.open.release(ALL_BLOCKS)
            work.join(60)
        tab.wait(lambda: "Tout va bien" in tab.js(SENTENCE), "the end of the run")
        assert tab.js(BAR) is None
        assert tab.js("window.stays") == "here", "the page was never loaded again"
    assert not tab.complaints
    assert {urlsplit(one).netloc for one in tab.requests if one.startswith("http")} == {
        urlsplit(pages).netloc
    }


def test_without_scripts_every_button_works_and_the_page_comes_again_by_itself(tab, tmp_path):
    school = School(tmp_path / "box")
    school.add("volcans", {"i.html": page("x")})
    keeper = Keeper(school.data, settings(sources=["http://hub.example/"]))
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    with serving(school.data, keeper, role="admin") as (pages, _):
        tab.open(f"{pages}/bureau/arriving/")
        tab.tap("#pause")
        assert "En pause" in tab.js(SENTENCE)
        tab.tap("#resume")
        assert "En pause" not in tab.js(SENTENCE)
        tab.tap("#now")
        assert "dans un instant" in tab.js(SENTENCE)
        with tab.opening():
            pass  # the browser takes the page once more by itself
        tab.tap("#pause-morning")
        assert "demain" in tab.js("document.querySelector('.verdict').textContent")
    assert not tab.complaints


@pytest.fixture(scope="module")
def states():
    """The base address of all states; each is a path."""
    with showing() as origin:
        yield origin


@pytest.mark.parametrize(("width", "dark"), [(320, False), (320, True), (1280, False)])
def test_every_state_fits_and_has_room_for_fingers(browser, states, width, dark):
    tab = browser.tab(width, 640, dark=dark, phone=width < 500)
    for name in STATES:
        tab.open(f"{states}/{quote(name)}")
        assert tab.js(WIDE_ENOUGH), f"{name} is wider than its screen"
        assert tab.js(SMALL_TARGETS) == [], name
        tab.js("document.documentElement.dir = 'rtl'")
        assert tab.js(WIDE_ENOUGH), f"{name} is wider than its screen, from the right"
    assert not tab.complaints
    tab.close()


def test_what_is_written_is_read_on_every_ground(browser, states):
    """Contrast of the sentence and its advice with what lies under them: WCAG AA asks 4.5 of text."""
    shades = """[...document.querySelectorAll('.verdict p')].map(p => [getComputedStyle(p).color,
        getComputedStyle(p.closest('.verdict')).backgroundColor])"""
    for dark in (False, True):
        tab = browser.tab(dark=dark)
        for name in ("all is well", "refused", "the card is full", "first start"):
            tab.open(f"{states}/{quote(name)}")
            for ink, ground in tab.js(shades):
                assert contrast(ink, ground) >= 4.5, (name, dark, ink, ground)
        tab.close()


def contrast(one, other):
    from edubox.pages.colours import contrast as of

    def written(colour):
        return "#" + "".join(f"{int(part):02x}" for part in colour[4:-1].split(","))

    return of(written(one), written(other))


def test_printed_it_is_the_list_without_the_buttons(tab, states):
    tab.open(f"{states}/{quote('fetching')}")
    tab.send("Emulation.setEmulatedMedia", media="print")
    hidden = "[...document.querySelectorAll('.controls, .arrivals form, .rooms')].every(e => !e.getClientRects().length)"
    assert tab.js(hidden)
    assert tab.js("document.querySelector('.arrivals').getClientRects().length") > 0
