"""axe finds nothing wrong with any page in any state: by day and by night, in five languages, with menus open."""

from __future__ import annotations

import time

import pytest

from edubox.box.library import Library
from edubox.box.school import classes
from edubox.pages.addresses import Place, path
from edubox.pages.takehome.one_page import one_page
from tests.browser.axe import COLOURS, violations
from tests.browser.everything import LANGUAGES, LESSON, PARTS, everything
from tests.browser.needs import players_or_skip
from tests.browser.test_finding import OPTIONS, write

pytestmark = pytest.mark.browser
#: What is asked in every language; the page's text is what differs.
MAIN = {
    "home": Place("home"), "list": Place("lessons"), "list of a subject": Place("lessons", subject="maths"),
    "lesson": Place("lesson", address=LESSON), "part": Place("part", address=LESSON, part=6), "class code": Place("class"),
    "device": Place("device"), "data": Place("data"), "accessibility": Place("accessibility"), "search": Place("search"),
}  # fmt: skip
#: Pages that are looked at with “More contrast” too; the others are made of the same pieces.
CONTRASTED = {
    "home",
    "list",
    "lesson",
    "answers",
    "class",
    "device",
    "report",
    "part: video",
    "part: waiting",
    "home, old news",
    "data",
    "booklet",
}
#: Rules about a whole page, which a frame is not: its page has the heading, the landmarks and the way to skip.
WHOLE_PAGE = ("page-has-heading-one", "landmark-one-main", "region", "bypass")


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    with everything(tmp_path_factory.mktemp("everything")) as found:
        yield found


@pytest.fixture
def reader(browser, school):
    """A phone that remembers nothing."""
    opened = browser.tab(390, 844, phone=True)
    opened.send("Storage.clearDataForOrigin", origin=school.pages, storageTypes="local_storage")
    yield opened
    opened.send("Storage.clearDataForOrigin", origin=school.pages, storageTypes="local_storage")
    opened.close()


def colours(tab, scheme="light", contrast=False):
    """Change the colours of the page that is shown."""
    tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    tab.js(f"document.documentElement.toggleAttribute('data-contrast', {str(contrast).lower()})")


def wrong(tab, *, menu=False, contrast=False):
    """What axe finds wrong with the page as it is shown, by day and by night, and with *contrast* at the reader's wish.

    What an open *menu* covers cannot be touched before it is closed again; test_device.py measures what is in menus.
    """
    found = violations(tab.js, without=("target-size",) if menu else ())
    colours(tab, "dark")
    found += [f"dark: {one}" for one in violations(tab.js, *COLOURS)]
    for scheme in ("light", "dark") if contrast else ():
        colours(tab, scheme, contrast=True)
        found += [f"contrast, {scheme}: {one}" for one in violations(tab.js, "color-contrast-enhanced")]
    colours(tab)
    return found


def test_every_page_in_every_state(reader, school):
    found = {}
    for name, address in school.addresses.items():
        reader.open(address)
        found[name] = wrong(reader, contrast=name in CONTRASTED)
    assert {name: one for name, one in found.items() if one} == {}


def test_the_person_in_charge_in_every_state_of_a_box(reader, school):
    found = {}
    for name, address in school.states.items():
        reader.open(address)
        found[name] = violations(reader.js)
    assert {name: one for name, one in found.items() if one} == {}


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "fr"])
def test_the_main_pages_in_every_language(tab, school, language):
    found = {}
    addresses = {name: path(place, language) for name, place in MAIN.items()}
    addresses |= {
        "class": path(Place("class", code=school.code), language),
        "desk": f"/bureau/classes/?lang={language}",
    }
    for name, address in addresses.items():
        tab.open(school.pages + address)
        html = tab.js("[document.documentElement.lang, document.documentElement.dir]")
        assert html == [language, "rtl" if language == "ar" else "ltr"], name
        found[name] = violations(tab.js)
    assert {name: one for name, one in found.items() if one} == {}


def test_menus_and_lists_that_are_open(reader, school):
    reader.open(f"{school.pages}/fr/")
    reader.js("""localStorage['edubox:people'] = JSON.stringify({now: 1, all: [{id: 1, picture: 'owl', name: 'Aya'}, {id: 2, picture: 'cat', name: 'Chat'}]});
        localStorage['edubox:class'] = JSON.stringify({code: '000000', name: '6e B'});
        localStorage[`edubox@1:lesson:ministry/test/tout`] = JSON.stringify({title: 'Les volcans', part: 2, path: 'fiche.pdf', when: 1e9, star: true});
        localStorage[`edubox@1:item:ministry/test/tout:index.html`] = JSON.stringify({done: true})""")
    found = {}
    for name in ("home", "lesson", "list"):
        reader.open(school.addresses[name])
        found[name] = wrong(reader)
        for number in range(reader.js("document.querySelectorAll('details').length")):
            reader.js(
                f"document.querySelectorAll('details').forEach((one, at) => {{ one.open = at === {number} }})"
            )
            found[f"{name}, menu {number}"] = wrong(reader, menu=True)
    reader.open(school.addresses["home"])
    write(reader, "une")
    reader.press("ArrowDown")
    assert reader.js(OPTIONS)
    found["suggestions"] = wrong(reader, menu=True)
    reader.open(school.addresses["device"])
    reader.js("window.confirm = () => true; document.querySelector('#finished').click()")
    assert reader.js("document.querySelector('#gone').checkVisibility()")
    found["erased"] = wrong(reader)
    assert {name: one for name, one in found.items() if one} == {}


def test_a_class_that_follows_its_teacher(reader, school):
    found = {}
    for only in (False, True):
        classes.show(
            school.file, school.code, LESSON, "Les volcans", now=int(time.time()), minutes=60, only=only
        )
        reader.open(school.addresses["data"])
        reader.js(
            f"localStorage['edubox:shown'] = {classes.of_code(school.file, school.code).showing.mark}"
        )  # it has been there
        for name in ("class", "class of the desk", "classes"):
            reader.open(school.addresses[name])
            found[name, only] = wrong(reader)
    reader.js("localStorage.removeItem('edubox:shown')")
    reader.send("Page.bringToFront")  # a phone in a pocket does not ask
    reader.open(school.addresses["data"])
    reader.wait(lambda: reader.js("!!document.querySelector('.told')"), "a line that tells what comes")
    found["told"] = wrong(reader)
    classes.stop_showing(school.file, school.code)
    assert {name: one for name, one in found.items() if one} == {}


@pytest.mark.parametrize(
    ("shows", "ready"),
    [
        ("h5p", "document.querySelector('iframe[title]')"),
        ("epub", "!document.querySelector('.waits')"),
        ("scorm", "document.querySelector('iframe')"),
        ("pdf", "document.querySelector('.text')"),
    ],
)
def test_the_bars_of_players(reader, school, shows, ready):
    players_or_skip()
    if shows == "pdf":
        lacking = "Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', {get: () => false})"
        reader.send("Page.addScriptToEvaluateOnNewDocument", source=lacking)
    reader.open(school.addresses[f"part: {shows}"])
    place = f"/{shows}.html"
    reader.wait(lambda: reader.in_frame(place, f"!!({ready})"), "the player")

    def inside(expression):
        return reader.in_frame(place, expression)

    assert violations(inside, without=WHOLE_PAGE) == []
    assert inside("document.documentElement.lang") == "fr"
    assert inside("document.title") == reader.js("document.querySelector('h1').textContent")
    if shows == "epub":
        inside("document.getElementById('contents').click()")
        assert violations(inside, without=WHOLE_PAGE) == []


def test_what_is_taken_home(reader, school, tmp_path):
    lesson = Library(school.school.data).lesson(LESSON)
    assembly = one_page(lesson, school.school.data / "site" / lesson.manifest)
    with assembly.open() as opened:
        (tmp_path / "lesson.html").write_bytes(opened.read(assembly.length))
    found = {}
    for fragment in ("", *(f"#p{number}" for number in PARTS.values())):
        reader.open("about:blank")
        reader.open((tmp_path / "lesson.html").as_uri() + fragment)
        found[fragment] = violations(reader.js)
        colours(reader, "dark")
        found[fragment] += violations(reader.js, *COLOURS)
        colours(reader)
    assert {name: one for name, one in found.items() if one} == {}
