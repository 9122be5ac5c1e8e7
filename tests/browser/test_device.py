"""What a pupil's device remembers: where they were, for whom, in a file to take along, and nothing once they have finished."""

from __future__ import annotations

import json

import pytest

from tests import needs
from tests.browser.test_pupil import LESSON, SMALL_TARGETS, WIDE_ENOUGH

pytestmark = pytest.mark.browser
DEVICE = "/fr/mon-appareil/"
BEGIN = "document.querySelector('.begin a')"
TICKED = "[...document.querySelectorAll('.toc .tick')].map(e => e.closest('li').dataset.item)"
KEPT = "JSON.stringify(Object.entries(localStorage))"
#: Storage as a browser refuses it: every use throws.
REFUSED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
#: A file that means harm: keys and fields that are none of ours, markup, a lesson from the far future.
HOSTILE = {
    "format": 1,
    "kept": {
        "people": {"now": 7, "all": [{"id": 7, "picture": "x", "name": "x"}]},
        "__proto__": {"star": True}, "lesson:../../x/y": {"title": "up"}, "class": {"code": "000000", "away": "javascript:alert(1)"},
        "lesson:ministry/test/evil": {"title": "<img src=x onerror='window.hurt = 1'>", "part": 1, "when": 1e15, "star": True,
                                      "__proto__": {"path": "x"}, "href": "javascript:alert(1)"},
        "lesson:ministry/test/odd": {"title": ["x"], "part": "1/../../..", "star": "yes"},
        "item:ministry/test/evil:i.html": {"done": 1, "state": 5, "second": "9"}, "comfort": "large",
    },
}  # fmt: skip


@pytest.fixture
def device(tab, school):
    """A browser that remembers nothing yet; gives the function that opens an address in it."""
    tab.send("Storage.clearDataForOrigin", origin=school[0], storageTypes="all")
    tab.send("Storage.clearDataForOrigin", origin=school[1], storageTypes="all")
    tab.js("window.confirm = () => true")

    def to(address):
        tab.open(school[0] + address)
        tab.js("window.confirm = () => true")
        return tab

    yield to
    assert [one for one in tab.complaints if "404" not in one] == []
    tab.send("Storage.clearDataForOrigin", origin=school[0], storageTypes="all")


def click(tab, selector):
    """Press what does not lead to another page."""
    tab.js(f"document.querySelector({json.dumps(selector)}).click()")


def choose(tab, picture, name=""):
    """Choose a picture on the page about the device."""
    tab.js(f"document.querySelector('[value={picture}]').checked = true")
    tab.js(f"document.querySelector('#name').value = {json.dumps(name)}")
    tab.tap("#picture .button")


def read(tab, school, number):
    """Open a part and go on to the next."""
    tab.open(f"{school[0]}{LESSON}{number}/")
    tab.tap('[rel="next"]')


def open_file(tab, path):
    node = tab.send("DOM.getDocument")["root"]["nodeId"]
    found = tab.send("DOM.querySelector", nodeId=node, selector="#open")["nodeId"]
    tab.send("DOM.setFileInputFiles", nodeId=found, files=[str(path)])
    return tab.wait(lambda: tab.js("document.querySelector('#said').textContent"), "a word about the file")


def save(tab, folder):
    """The file that the page saves."""
    tab.save_in(folder)
    click(tab, "#save")
    return tab.wait(lambda: next(folder.glob("*.json"), None), "a saved file")


def test_a_lesson_goes_on_where_it_was_left_and_ticks_what_is_done(device, tab, school):
    device(LESSON)
    assert "Go on" not in tab.js(f"{BEGIN}.textContent")
    read(tab, school, 1)
    read(tab, school, 2)
    device(LESSON)
    assert tab.js(f"{BEGIN}.href").endswith("/3/")
    assert "3" in tab.js(f"{BEGIN}.textContent")
    assert tab.js(TICKED) == ["index.html", "film.webm"]
    device("/fr/")
    assert tab.js("document.querySelector('#go-on').hidden") is False
    tab.tap("#go-on a")
    assert tab.js("location.pathname") == f"{LESSON}3/"


def test_a_finished_lesson_begins_again_and_leaves_the_first_page(device, tab, school):
    device(f"{LESSON}6/")
    tab.tap(".done")
    assert tab.js(f"{BEGIN}.href").endswith("/1/")
    assert tab.js(TICKED) == [], "the last part is still on its way: nobody has seen it"
    device("/fr/")
    assert tab.js("document.querySelector('#go-on').hidden")


def test_a_film_goes_on_at_its_second(device, tab):
    needs.programs("ffmpeg")
    device(f"{LESSON}2/")
    tab.wait(lambda: tab.js("document.querySelector('video').readyState") >= 1, "a film")
    tab.js(
        "(f => { f.currentTime = 6; return f.play().then(() => f.pause()); })(document.querySelector('video'))"
    )
    tab.wait(lambda: "second" in tab.js(KEPT), "the second kept")
    device(f"{LESSON}2/")
    assert tab.js("document.querySelector('video').currentTime") == 0, (
        "nothing is fetched before the film is wanted"
    )
    tab.js("document.querySelector('video').play()")
    tab.wait(
        lambda: 6 <= tab.js("document.querySelector('video').currentTime") < 10,
        "the film at its sixth second",
    )


def test_favourites_are_on_the_first_page(device, tab, school):
    device(LESSON)
    assert tab.js("document.querySelector('.star').getAttribute('aria-pressed')") == "false"
    tab.js("document.querySelector('.star').focus()")
    tab.press("Enter")
    assert tab.js("document.querySelector('.star').getAttribute('aria-pressed')") == "true"
    device("/fr/")
    assert tab.js("document.querySelector('[aria-labelledby=starred] a').href") == school[0] + LESSON
    device(LESSON)
    click(tab, ".star")
    device("/fr/")
    assert tab.js("document.querySelector('#go-on').hidden")


def test_a_file_carries_it_to_another_device_beside_what_that_one_knew(device, tab, school, tmp_path):
    read(tab, school, 1)
    device(LESSON)
    click(tab, ".star")
    device(DEVICE)
    file = save(tab, tmp_path)
    assert file.stat().st_size < 2000
    tab.js("localStorage.clear()")
    read(tab, school, 3)
    device("/fr/lecon/ministry/test/l1/")
    click(tab, ".star")
    device(DEVICE)
    assert "1" in open_file(tab, file)
    assert len(tab.js("[...document.querySelectorAll('#kept li')].map(e => e.textContent)")) == 2
    device(LESSON)
    assert tab.js(TICKED) == ["index.html", "fiche.pdf"]
    assert tab.js(f"{BEGIN}.href").endswith("/4/"), "the newer place counts"
    assert tab.js("document.querySelector('.star').getAttribute('aria-pressed')") == "true"


@pytest.mark.parametrize("content", [
    "", "x", "[]", "null", "{}", '{"format":1}', '{"format":1,"kept":null}', '{"format":2,"kept":{}}', "[" * 100_000, "\0" * 1_100_000,
], ids=lambda text: f"{text[:24]!r}{len(text)}")  # fmt: skip
def test_a_file_of_another_kind_changes_nothing(device, tab, tmp_path, content):
    device(DEVICE)
    before = tab.js(KEPT)
    (tmp_path / "x.json").write_text(content)
    said = open_file(tab, tmp_path / "x.json")
    assert said == tab.js("document.querySelector('#mine').dataset.unreadable")
    assert tab.js(KEPT) == before


def test_a_hostile_file_brings_no_markup_no_people_and_no_class(device, tab, tmp_path):
    device(DEVICE)
    (tmp_path / "evil.json").write_text(json.dumps(HOSTILE))
    open_file(tab, tmp_path / "evil.json")
    kept = {key: json.loads(value) for key, value in json.loads(tab.js(KEPT))}
    assert set(kept) <= {
        "edubox:lesson:ministry/test/evil", "edubox:lesson:ministry/test/odd", "edubox:item:ministry/test/evil:i.html", "edubox:comfort",
    }  # fmt: skip
    assert set(kept["edubox:lesson:ministry/test/evil"]) == {"title", "part", "when", "star"}
    assert kept["edubox:lesson:ministry/test/evil"]["when"] <= tab.js("Date.now() / 1000")
    assert kept["edubox:item:ministry/test/evil:i.html"] == {}
    assert "star" not in kept["edubox:lesson:ministry/test/odd"]
    for page in (DEVICE, "/fr/"):
        device(page)
        assert "<img" in tab.js("document.querySelector('.remembered a').textContent")
        assert tab.js("window.hurt === undefined && ({}).star === undefined")


def test_two_pupils_on_one_tablet_do_not_see_each_other_and_change_in_two_taps(device, tab, school):
    device(DEVICE)
    assert tab.js("document.querySelector('#who').hidden"), "who needs no pictures sees none"
    choose(tab, "owl", "Aya")
    read(tab, school, 1)
    device(DEVICE)
    choose(tab, "cat")
    device(LESSON)
    assert tab.js(TICKED) == []
    assert "Aya" not in tab.js("document.querySelector('#who summary').textContent")
    click(tab, "#who summary")
    tab.tap("#who li:first-child button")
    assert "Aya" in tab.js("document.querySelector('#who summary').textContent")
    assert tab.js(TICKED) == ["index.html"]


def test_i_have_finished_leaves_nothing_of_this_pupil_and_all_of_the_other(device, tab, school):
    device(DEVICE)
    choose(tab, "owl", "Aya")
    read(tab, school, 1)
    device(DEVICE)
    choose(tab, "cat", "Binta")
    read(tab, school, 2)
    device(DEVICE)
    click(tab, "#finished")
    assert tab.js("document.querySelector('#gone').hidden") is False
    kept = tab.js(KEPT)
    assert "Binta" not in kept
    assert "edubox@2:" not in kept
    assert "edubox@1:" in kept
    device("/fr/")
    assert tab.js("document.querySelector('#go-on').hidden")


def test_i_have_finished_leaves_nothing_at_all_of_a_reader_alone_not_even_what_exercises_kept(
    device, tab, school
):
    read(tab, school, 1)
    device(f"{LESSON}1/")
    tab.frame_js("localStorage.setItem('exercise', 'Aya'), sessionStorage.setItem('exercise', 'Aya')")
    device("/fr/")
    tab.js("document.querySelector('[name=letters]').click()")
    device(DEVICE)
    assert tab.js("localStorage.length") > 0
    click(tab, "#finished")
    # A busy computer runs the frame's script some time after it has come.
    empty = "localStorage.length + sessionStorage.length"
    tab.wait_through(lambda: tab.in_frame("forget.html", empty) == 0, "the lessons' origin has forgotten")
    device("/fr/")
    assert tab.js("localStorage.length + sessionStorage.length") == 0
    device(f"{LESSON}1/")
    assert tab.frame_js("localStorage.length") == 0


def test_what_is_erased_for_all_is_erased_for_all(device, tab, school):
    device(DEVICE)
    choose(tab, "owl")
    read(tab, school, 1)
    device(DEVICE)
    click(tab, "#everybody")
    device("/fr/")
    assert tab.js("localStorage.length") == 0


def test_one_lesson_can_be_forgotten(device, tab, school):
    read(tab, school, 1)
    device(DEVICE)
    assert "volcans" in tab.js("document.querySelector('#kept button').getAttribute('aria-label')")
    click(tab, "#kept button")
    assert tab.js("document.querySelectorAll('#kept li').length") == 0
    assert "volcans" not in tab.js(KEPT)


def test_reading_comfort_holds_on_every_page_and_closes_with_escape(device, tab):
    device("/fr/")
    usual = tab.js("parseFloat(getComputedStyle(document.body).fontSize)")
    click(tab, "#comfort summary")
    for name in ("letters", "contrast", "still"):
        click(tab, f"[name={name}]")
    click(tab, '[name=size][value="3"]')
    tab.press("Escape")
    assert tab.js("document.querySelector('#comfort').open") is False
    assert tab.js("document.activeElement.parentNode.id") == "comfort"
    device("/fr/lecons/")
    assert tab.js("parseFloat(getComputedStyle(document.body).fontSize)") > 1.6 * usual
    assert tab.js("parseFloat(getComputedStyle(document.querySelector('.card p')).letterSpacing)") > 0
    assert tab.js("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.js("getComputedStyle(document.querySelector('.card')).transitionDuration") == "0s"
    assert tab.js("document.querySelector('[name=letters]').checked")


@pytest.mark.parametrize("size", [0, 3])
def test_the_largest_text_fits_the_smallest_phone_and_menus_have_room_for_fingers(browser, school, size):
    tab = browser.tab(320, 640, phone=True)
    tab.open(school[0] + DEVICE)
    choose(tab, "owl", "Marie-Antoinette des Champs")
    tab.js(f"localStorage.setItem('edubox@1:comfort', JSON.stringify({{size: {size}, letters: true}}))")
    for path in ("/fr/", LESSON, DEVICE, "/fr/accessibilite/", "/fr/donnees/"):
        tab.open(school[0] + path)
        for menu in ("#who", "#comfort"):
            click(tab, f"{menu} summary")
            assert tab.js(WIDE_ENOUGH), (path, menu)
            assert tab.js(f"(r => r.left >= 0 && r.right <= innerWidth)(document.querySelector('{menu} .panel').getBoundingClientRect())"), (path, menu)  # fmt: skip
            assert tab.js(SMALL_TARGETS.replace("a, button, input", ".tool summary, .tool a, .tool button, .tool label, main button")) == [], path  # fmt: skip
    tab.js("localStorage.clear()")
    tab.close()


def test_a_browser_that_refuses_storage_reads_on_and_is_told(device, tab, school):
    script = tab.send("Page.addScriptToEvaluateOnNewDocument", source=REFUSED)["identifier"]
    device(DEVICE)
    assert tab.js("document.querySelector('#mine').hidden && !document.querySelector('#forgetful').hidden")
    device(LESSON)
    assert tab.js("document.querySelector('.star').hidden && document.querySelector('#comfort').hidden")
    tab.tap(".begin a")
    assert tab.frame_js("document.querySelector('#first').textContent") == "La lave sort."
    tab.tap('[rel="next"]')
    assert tab.js("location.pathname") == f"{LESSON}2/"
    tab.send("Page.removeScriptToEvaluateOnNewDocument", identifier=script)


def test_without_scripts_there_is_no_button_that_does_nothing(device, tab, school):
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    for path in ("/fr/", LESSON, DEVICE):
        tab.open(school[0] + path)
        tab.send("Emulation.setScriptExecutionDisabled", value=False)
        seen = tab.js("[...document.querySelectorAll('main button, main input, #who, #comfort, #go-on')].filter(e => e.checkVisibility()).map(e => e.outerHTML)")  # fmt: skip
        tab.send("Emulation.setScriptExecutionDisabled", value=True)
        assert [one for one in seen if 'name="q"' not in one] == [], path
    tab.send("Emulation.setScriptExecutionDisabled", value=False)


def test_back_leads_from_a_part_to_its_lesson_in_one_step(device, tab):
    device(LESSON)
    tab.tap(".begin a")
    tab.js("history.back()")
    tab.wait(lambda: tab.js("location.pathname") == LESSON, "the lesson's page")


def test_a_page_is_shared_as_an_address_to_copy_and_a_square_to_photograph(device, tab, school):
    device(LESSON)
    assert not [one for one in tab.requests if one.endswith("qr.svg")], (
        "nobody pays for what is not looked at"
    )
    click(tab, "#share summary")
    tab.wait(
        lambda: tab.js("(i => i.complete && i.naturalWidth > 0)(document.querySelector('#share img'))"),
        "the square",
    )
    assert tab.js("document.querySelector('#address').value") == school[0] + LESSON


def test_a_lesson_prints_without_what_only_a_screen_needs(device, tab):
    device(LESSON)
    tab.send("Emulation.setEmulatedMedia", media="print")
    shown = tab.js(
        "['.find', '.tools', '.foot', '.begin', '.star', '.share'].filter(s => document.querySelector(s).checkVisibility())"
    )
    assert shown == []
    assert tab.js(
        "document.querySelector('.toc').checkVisibility() && document.querySelector('h1').checkVisibility()"
    )
