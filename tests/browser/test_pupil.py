"""A pupil's way, on a phone and on a projector, in a real browser."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests import needs

pytestmark = pytest.mark.browser
LESSON = "/fr/lecon/ministry/test/volcans/"
PAGES = ["/fr/", "/en/", "/fr/lecons/", "/fr/matiere/maths/", "/fr/niveau/sixieme/matiere/maths/", LESSON, *(f"{LESSON}{n}/" for n in range(1, 7)),
         "/fr/recherche/?q=lave", "/fr/recherche/?q=rien-du-tout", "/fr/recherche/?q=anticonstitutionnellement", "/fr/donnees/", "/fr/mon-appareil/", "/fr/accessibilite/", "/fr/lecon/ministry/test/long/", "/fr/nulle-part/"]  # fmt: skip
WIDE_ENOUGH = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
#: Everything a finger may aim at; links inside a sentence are exempt (WCAG 2.5.8).
SMALL_TARGETS = """[...document.querySelectorAll('a, button, input')].map(e => e.closest('label') || e).filter(e => e.checkVisibility()).filter(e => !e.closest('p:not(.begin, .more)') || e.matches('.button'))
  .filter(e => !e.matches('.skip, .card a, .hit a')).map(e => [e.textContent.trim() || e.name, e.getBoundingClientRect()])
  .filter(([, r]) => r.width && (r.width < 43.5 || r.height < 43.5)).map(([text, r]) => `${text} ${r.width}x${r.height}`)"""


def own(requests, school):
    """Requests that went to neither of the box's two origins."""
    hosts = {urlsplit(one).netloc for one in school}
    return [one for one in requests if one.startswith("http") and urlsplit(one).netloc not in hosts]


def complaints(tab):
    return [one for one in tab.complaints if "404" not in one or "nulle-part" not in str(tab.requests)]


def test_from_the_poster_to_the_first_line_in_two_taps(phone, school):
    phone.open(f"{school[0]}/")
    assert phone.js("location.pathname") == "/fr/"
    phone.tap('.card a[href*="/l7/"]')
    assert phone.js("document.querySelector('h1').textContent").startswith("Une leçon")
    phone.tap(".begin a")
    assert phone.frame_js("document.querySelector('h1').textContent") == "x"
    assert not phone.complaints
    assert not own(phone.requests, school)


def test_the_first_page_is_light_in_a_cold_browser(browser, school):
    tab = browser.tab()
    tab.send("Network.clearBrowserCache")
    tab.open(f"{school[0]}/fr/")
    sizes = tab.js(
        "[performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')].map(e => e.transferSize)"
    )
    assert len([one for one in tab.requests if one.startswith("http")]) <= 8
    assert 0 < sum(sizes) <= 60_000
    tab.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_fits_has_room_for_fingers_and_says_nothing_in_the_console(browser, school, width, dark):
    tab = browser.tab(width, 640, dark=dark, phone=width < 500)
    for path in PAGES:
        tab.open(school[0] + path)
        assert tab.js(WIDE_ENOUGH), f"{path} is wider than its screen"
        assert tab.js(SMALL_TARGETS) == [], path
        assert complaints(tab) == [], path
        assert own(tab.requests, school) == [], path
    tab.close()


@pytest.mark.parametrize(("width", "columns"), [(320, 1), (1280, 2)])
def test_one_column_on_a_small_phone_and_two_on_a_projector(browser, school, width, columns):
    tab = browser.tab(width, 800)
    tab.open(f"{school[0]}/fr/")
    assert (
        len(tab.js("getComputedStyle(document.querySelector('.cards')).gridTemplateColumns").split())
        == columns
    )
    tab.close()


def test_the_colours_follow_the_device(browser, school):
    grounds = []
    for dark in (False, True):
        tab = browser.tab(dark=dark)
        tab.open(f"{school[0]}/fr/")
        grounds.append(tab.js("getComputedStyle(document.documentElement).backgroundColor"))
        tab.close()
    light, night = (sum(map(int, re.findall(r"\d+", ground))) for ground in grounds)
    assert light > 600 > 150 > night


def test_a_keyboard_reaches_everything_and_skips_to_the_content(tab, school):
    tab.open(f"{school[0]}/fr/")
    tab.press("Tab")
    assert tab.js("document.activeElement.className") == "skip"
    assert tab.js("document.activeElement.getBoundingClientRect().top") >= 0, "what has the focus is seen"
    seen = set()
    for _ in range(80):
        seen.add(
            tab.js(
                "document.activeElement.getAttribute('href') || document.activeElement.name || document.activeElement.tagName"
            )
        )
        outline = tab.js(
            "(e => e === document.body || [e, e].some((x, i) => getComputedStyle(x, i ? '::after' : null).outlineStyle !== 'none'))(document.activeElement)"
        )
        assert outline, f"no visible focus on {tab.js('document.activeElement.outerHTML')}"
        tab.press("Tab")
    wanted = set(
        tab.js(
            "[...document.querySelectorAll('a')].filter(e => e.checkVisibility()).map(e => e.getAttribute('href'))"
        )
    ) | {"q"}
    assert wanted <= seen


def test_a_search_without_accents_and_with_the_keyboard_alone_finds_and_opens_the_page(tab, school):
    tab.open(f"{school[0]}/fr/")
    tab.js("document.querySelector('#q').focus()")
    tab.send("Input.insertText", text="eruption")
    with tab.opening():
        tab.press("Enter")
    assert "éruption" in tab.js("document.querySelector('.hits mark').textContent")
    tab.tap(".hit a")
    assert tab.frame_js("document.querySelector('#first').textContent") == "La lave sort."


def test_a_page_deep_inside_a_lesson_is_found_and_opened_itself(tab, school):
    tab.open(f"{school[0]}/fr/recherche/?q=zebre")
    tab.tap(".hit a")
    assert tab.frame_js("document.querySelector('p').textContent") == "Le zèbre."


def test_a_lesson_is_walked_to_its_end_and_back(tab, school):
    tab.open(f"{school[0]}{LESSON}1/")
    for _ in range(5):
        tab.tap('[rel="next"]')
    assert tab.js("location.pathname") == f"{LESSON}6/"
    tab.tap(".done")
    assert tab.js("location.pathname") == LESSON
    assert not tab.complaints


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 480), (1280, 720)])
def test_the_content_fills_the_screen(browser, school, width, height):
    tab = browser.tab(width, height, phone=width < 500)
    tab.open(f"{school[0]}{LESSON}1/")
    wide, high = tab.js(
        "(r => [r.width, r.height])(document.querySelector('iframe').getBoundingClientRect())"
    )
    assert wide == width
    assert high >= 0.85 * height
    assert tab.js("document.documentElement.scrollHeight <= innerHeight")
    tab.close()


def test_a_film_plays_from_the_middle_with_subtitles(tab, school):
    needs.programs("ffmpeg")
    tab.open(f"{school[0]}{LESSON}2/")
    tab.wait(lambda: tab.js("document.querySelector('video').readyState") >= 1, "a film")
    assert (
        tab.js("""new Promise(done => { const film = document.querySelector('video');
        film.addEventListener('seeked', () => done(film.currentTime)); film.currentTime = 8; })""")
        == pytest.approx(8, abs=0.2)
    )
    tab.js("document.querySelector('video').textTracks[0].mode = 'showing'")
    cues = "document.querySelector('video').textTracks[0].cues"
    assert tab.wait(lambda: tab.js(f"({cues} || []).length"), "subtitles") == 1
    assert not tab.complaints


def test_a_pdf_shows(tab, school):
    tab.open(f"{school[0]}{LESSON}3/")
    viewer = tab.wait(
        lambda: [one for one in tab.requests if one.startswith("chrome-extension://")],
        "the browser's PDF viewer",
    )
    assert viewer
    pdf = [one for one in tab.requests if one.partition("#")[0].endswith("fiche.pdf")]
    assert pdf[0].startswith(school[1])
    assert not tab.complaints


def test_a_picture_shows(tab, school):
    tab.open(f"{school[0]}{LESSON}4/")
    assert tab.js(
        "(i => i.complete && i.naturalWidth > 0 && i.getBoundingClientRect().width > 200)(document.querySelector('.stage img'))"
    )


def test_pages_turn_round_for_languages_written_from_the_right(tab, school):
    tab.open(f"{school[0]}/fr/")
    tab.js("document.documentElement.dir = 'rtl'")
    assert tab.js(WIDE_ENOUGH)
    cover, text = tab.js(
        "['.card .cover', '.card > div'].map(s => document.querySelector(s).getBoundingClientRect().x)"
    )
    assert cover > text
