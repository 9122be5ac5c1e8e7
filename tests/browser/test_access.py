"""Reading with other means: the keyboard alone, large text, a narrow view, wide spacing, no motion, the reader's own colours."""

from __future__ import annotations

import json

import pytest

from tests.browser.everything import LESSON, PARTS, everything
from tests.browser.needs import players_or_skip
from tests.browser.test_finding import write
from tests.browser.test_pupil import WIDE_ENOUGH

pytestmark = pytest.mark.browser
PLACE = "location.pathname"
#: Whether what has the focus is on the screen and marked: by a line round it, its label or what covers its card.
FOCUS_SEEN = """(() => { const one = document.activeElement, label = one.closest('label'), box = (label || one).getBoundingClientRect();
    const lined = (e, part) => { const { outlineStyle, outlineWidth } = getComputedStyle(e, part); return outlineStyle !== 'none' && parseFloat(outlineWidth) > 1; };
    return one.tagName === 'IFRAME' || ((lined(one) || lined(one, '::after') || (label && lined(label)))
      && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth); })()"""
#: Text that its box cuts off. What a list shortens on purpose stands whole on the lesson's own page.
CUT = """[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest('.unseen, svg, iframe, [hidden], .filter .chips')
    && !e.matches('.card p, .school, .school span, .walk .up span, .report span, .cover, .walk span')
    && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 3) && getComputedStyle(e).display !== 'inline'
    && getComputedStyle(e).overflow !== 'visible').map(e => e.outerHTML.slice(0, 120))"""
MOVING = """[...document.querySelectorAll('*')].filter(e => [null, '::before', '::after'].some(part => { const s = getComputedStyle(e, part);
    return parseFloat(s.transitionDuration) > 0 || s.animationName !== 'none' || s.scrollBehavior === 'smooth'; })).map(e => e.outerHTML.slice(0, 90))"""
#: WCAG 1.4.12: what a reader's own style sheet may ask for.
SPACED = """(() => { const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }');
    document.adoptedStyleSheets = [sheet]; })()"""


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    with everything(tmp_path_factory.mktemp("access")) as found:
        yield found


@pytest.fixture
def forgetful(browser, school):
    """The function that opens an address in a fresh tab of *width* × *height* CSS pixels, of a device that remembers nothing."""
    tabs = []

    def opened(address, width=1280, height=720, **how):
        tabs.append(browser.tab(width, height, **how))
        tabs[-1].send("Storage.clearDataForOrigin", origin=school.pages, storageTypes="local_storage")
        return tabs[-1].open(address)

    yield opened
    for tab in tabs:
        tab.send("Storage.clearDataForOrigin", origin=school.pages, storageTypes="local_storage")
        tab.close()


def walk_to(tab, selector):
    """Press Tab until the focus is on *selector*; wherever it rests on the way, one sees it."""
    for _ in range(150):
        tab.press("Tab")
        if tab.js("document.activeElement === document.body"):
            continue  # from the last to the first, by way of the browser itself
        assert tab.js(FOCUS_SEEN), f"no visible focus on {tab.js('document.activeElement.outerHTML')[:200]}"
        if tab.js(f"document.activeElement.matches({json.dumps(selector)})"):
            return
    raise AssertionError(f"the keyboard never comes to {selector} on {tab.js('location.href')}")


def enter(tab, selector=""):
    """Walk to *selector* and press Enter there, or where the focus is; wait for the page that opens."""
    if selector:
        walk_to(tab, selector)
    with tab.opening():
        tab.press("Enter")


def test_the_keyboard_alone_from_the_search_through_a_lesson_to_its_end(forgetful, school):
    tab = forgetful(f"{school.pages}/fr/")
    walk_to(tab, ".skip")
    walk_to(tab, "#q")
    tab.send("Input.insertText", text="volcan")
    tab.wait(lambda: tab.js("document.querySelector('form.find output').textContent"), "suggestions")
    tab.press("ArrowDown")
    enter(tab)
    assert tab.js(PLACE) == f"/fr/lecon/{LESSON}/"
    enter(tab, ".begin .button")
    last = max(number for name, number in PARTS.items() if f"part: {name}" in school.addresses)
    for number in range(1, last):
        assert tab.js(PLACE).endswith(f"/{number}/")
        enter(tab, "[rel=next]")
    enter(tab, ".done")
    assert tab.js(PLACE) == f"/fr/lecon/{LESSON}/"
    assert tab.js("document.querySelectorAll('.toc .tick').length") > 1


def test_the_keyboard_alone_passes_through_a_part_and_comes_out_again(forgetful, school):
    tab = forgetful(school.addresses["part: page"])
    walk_to(tab, "iframe")
    walk_to(tab, ".skip")


def test_the_keyboard_alone_enters_a_class_and_opens_what_was_given(forgetful, school):
    tab = forgetful(f"{school.pages}/fr/")
    enter(tab, "#my-class")
    walk_to(tab, "#code")
    tab.send("Input.insertText", text=school.code)
    enter(tab)
    assert tab.js(PLACE) == f"/fr/classe/{school.code}/"
    enter(tab, ".steps a")
    assert tab.js(PLACE) == f"/fr/lecon/{LESSON}/"


def test_the_keyboard_alone_chooses_a_picture_and_changes_readers(forgetful, school):
    tab = forgetful(f"{school.pages}/fr/")
    enter(tab, 'a[href="/fr/mon-appareil/"]')
    walk_to(tab, "[name=picture]")
    tab.press(" ")
    tab.press("ArrowRight")
    assert tab.js("document.querySelector('[name=picture]:checked').value") == "rabbit"
    walk_to(tab, "#name")
    tab.send("Input.insertText", text="Aya")
    enter(tab)
    walk_to(tab, "#who summary")
    tab.press("Enter")
    enter(tab, "#who li:last-child button")
    assert "Aya" not in tab.js("document.querySelector('#who summary').textContent")


def test_the_keyboard_alone_chooses_how_to_read(forgetful, school):
    tab = forgetful(f"{school.pages}/fr/")
    walk_to(tab, "#comfort summary")
    tab.press(" ")
    walk_to(tab, "[name=size]")
    tab.press("ArrowRight")
    walk_to(tab, "[name=letters]")
    tab.press(" ")
    tab.press("Escape")
    assert tab.js("[document.documentElement.dataset.size, document.querySelector('#comfort').open]") == [
        "1",
        False,
    ]
    assert tab.js("document.activeElement.matches('#comfort summary')"), (
        "the focus goes back to where it came from"
    )


def test_the_keyboard_alone_reads_a_book_with_its_chapters(forgetful, school):
    players_or_skip()
    tab = forgetful(school.addresses["part: epub"])
    tab.wait(lambda: tab.in_frame("/epub.html", "!document.querySelector('.waits')"), "the book")
    walk_to(tab, "iframe")
    focus = "document.activeElement.id"
    for _ in range(9):
        if tab.in_frame("/epub.html", focus) == "contents":
            break
        tab.press("Tab")
    tab.press("Enter")
    tab.press("Tab")
    assert tab.in_frame("/epub.html", "document.activeElement.closest('#chapters') !== null")
    tab.press("Enter")
    where = "document.getElementById('where').textContent"
    tab.wait(lambda: tab.in_frame("/epub.html", where) == "Chapitre deux", "the second chapter")
    assert (
        tab.in_frame("/epub.html", "document.querySelector('[aria-current=true]').textContent")
        == "Chapitre deux"
    )


STRESS = {
    "enlarged four times": (320, 256, ""), "text twice as large": (1280, 720, "document.documentElement.style.fontSize = '200%'"),
    "text twice as large on a phone": (390, 844, "document.documentElement.style.fontSize = '200%'"), "spaced": (390, 844, SPACED),
}  # fmt: skip


@pytest.mark.parametrize("stress", STRESS)
def test_nothing_is_lost(forgetful, school, stress):
    width, height, change = STRESS[stress]
    tab = forgetful("about:blank", width, height)
    found = {}
    for name, address in school.addresses.items():
        tab.open(address)
        tab.js(change or "0")
        found[name] = [] if tab.js(WIDE_ENOUGH) else ["wider than the screen"]
        found[name] += tab.js(CUT)
        if name.startswith("part: "):
            found[name] += ["no room"] if tab.js("document.querySelector('main').clientHeight") < 120 else []
    assert {name: one for name, one in found.items() if one} == {}


def test_letters_further_apart_are_as_far_apart_as_readers_may_ask(forgetful, school):
    tab = forgetful(school.addresses["accessibility"])
    tab.js("document.querySelector('[name=letters]').click()")
    for element in ("p", "h1", "h2", "li", ".foot a"):
        size, letters, words, line = (
            tab.js(f"""(s => ['fontSize', 'letterSpacing', 'wordSpacing', 'lineHeight'].map(n => parseFloat(s[n])))
            (getComputedStyle(document.querySelector('main {element}') || document.querySelector({element!r})))""")
        )
        assert letters >= 0.119 * size, element
        assert words >= 0.159 * size, element
        assert line >= 1.5 * size, element


@pytest.mark.parametrize("wish", ["of the device", "of the reader"])
def test_nothing_moves_for_who_asks_for_it(forgetful, school, wish):
    tab = forgetful(f"{school.pages}/fr/")
    assert tab.js(MOVING), "something moves for the others, or this test would prove nothing"
    if wish == "of the device":
        tab.send(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}]
        )
    else:
        tab.js("document.querySelector('[name=still]').click()")
    for name in ("home", "list", "lesson", "device", "class", "part: page"):
        tab.open(school.addresses[name])
        assert tab.js(MOVING) == [], name


def test_the_reader_s_own_colours_hide_no_sign_and_nothing_that_was_chosen(forgetful, school):
    tab = forgetful("about:blank")
    tab.send(
        "Emulation.setEmulatedMedia",
        features=[
            {"name": "forced-colors", "value": "active"},
            {"name": "prefers-color-scheme", "value": "dark"},
        ],
    )
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    for name in ("home", "lesson", "list with pictures", "part: page", "classes"):
        tab.open(school.addresses[name])
        drawn = tab.js(
            "[...document.querySelectorAll('.icon')].filter(e => e.checkVisibility()).map(e => getComputedStyle(e).stroke)"
        )
        assert drawn
        assert tab.js(ground) not in drawn, name
    edge = "['{0}', '{1}'].map(s => getComputedStyle(document.querySelector(s))).map(s => s.borderBlockEndWidth + s.borderBlockEndColor)"
    for address, chosen, other in (
        (
            school.addresses["list of a level and a subject"],
            ".chip[aria-current]",
            ".chip:not([aria-current])",
        ),
        (school.addresses["subjects with pictures"], ".sign[aria-current]", ".sign:not([aria-current])"),
        (f"{school.pages}/bureau/classes/", ".rooms [aria-current]", ".rooms a:not([aria-current])"),
    ):
        tab.open(address)
        one, another = tab.js(edge.format(chosen, other))
        assert one != another, address


def test_suggestions_are_heard_one_by_one(forgetful, school):
    tab = forgetful(f"{school.pages}/fr/")
    write(tab, "volcan")
    tab.press("ArrowDown")
    chosen = [
        one
        for one in tab.send("Accessibility.getFullAXTree")["nodes"]
        if one.get("role", {}).get("value") == "option"
    ]
    assert any("volcans" in one["name"]["value"] for one in chosen)
    assert any(
        fact["name"] == "selected" and fact["value"]["value"] for one in chosen for fact in one["properties"]
    )
