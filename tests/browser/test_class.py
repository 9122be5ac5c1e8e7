"""A class in real browsers: two phones enter it, follow their teacher, and go back to where they were."""

from __future__ import annotations

import json
import time

import pytest

from edubox.box.school import classes, handins, now, reports, week
from edubox.box.school.database import SchoolFile
from edubox.pack.manifest import Item
from tests.box.classes.test_bare import picture
from tests.box.desk_client import PASSWORD, person
from tests.box.school import School, page, serving, settings
from tests.browser.test_pupil import SMALL_TARGETS, WIDE_ENOUGH

pytestmark = pytest.mark.browser
DESK = "/bureau/classes/"
LESSON = "ministry/test/volcans"
PLACE = "location.pathname"
#: A finger may aim at the words beside a round button as well.
SMALL = SMALL_TARGETS.replace("'.skip,", "'label input, .skip,")


@pytest.fixture
def school(tmp_path, monkeypatch):
    monkeypatch.setattr(now, "POLL", 1)
    school = School(tmp_path / "box")
    toc = (Item("Lire", "html", "i.html"), Item("S’exercer", "html", "b.html"))
    for slug in ("volcans", "lune"):
        school.add(
            slug, {"i.html": page(slug), "b.html": page("x")}, title=f"Leçon {slug}", toc=toc, about=["svt"]
        )
    person(school.data, "admin", "Ada")
    school.file = SchoolFile(school.data)
    school.code = classes.make(school.file, "6e B")
    with serving(school.data) as (pages, _):
        school.pages = pages
        # Another name of the box is another origin: what the browser remembers there is another phone's.
        school.others = pages.replace("127.0.0.1", "localhost")
        yield school


WIDER = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80)).slice(0, 4)"


def enter(phone, origin, school):
    """As a pupil does: the first page, the button, six digits."""
    phone.open(f"{origin}/fr/")
    phone.tap("#my-class")
    phone.js(f"document.querySelector('#code').value = '{school.code}'")
    phone.tap(".code button")
    assert phone.js(PLACE) == f"/fr/classe/{school.code}/"


def come_in(tab, school):
    """Log in to the desk, which this computer may do without TLS."""
    tab.open(f"{school.pages}/bureau/entrer/")
    for field, value in (("name", "Ada"), ("password", PASSWORD)):
        tab.js(f"document.querySelector('[name={field}]').value = '{value}'")
    tab.tap("#enter")


def follows(phone, place):
    phone.wait(lambda: phone.js(PLACE) == place, f"{place} from {phone.js('location.href')}")
    phone.wait(lambda: phone.js("document.readyState") == "complete", "a loaded page")


def press(phone, words):
    phone.js(
        f"[...document.querySelectorAll('button')].find(b => b.textContent.includes({json.dumps(words)})).click()"
    )


def said(phone):
    return phone.js("(document.querySelector('.told') || {}).textContent || ''")


def test_two_phones_follow_their_teacher_once_and_go_back_to_where_they_were(browser, school, tab):
    one, two = browser.tab(390, 844, phone=True), browser.tab(390, 844, phone=True)
    enter(one, school.pages, school)
    enter(two, school.others, school)
    two.open(f"{school.others}/fr/lecon/ministry/test/lune/1/")
    tab.send("Emulation.setScriptExecutionDisabled", value=True)  # the teacher's browser need not have any
    come_in(tab, school)
    tab.open(f"{school.pages}{DESK}{school.code}/give/?lesson={LESSON}")
    tab.js("document.querySelector('#part').value = '2'")
    tab.tap("button[value=show]")
    for phone in (one, two):
        phone.send("Page.bringToFront")  # a phone in a pocket does not ask
        phone.wait(lambda phone=phone: said(phone), "a line that tells what comes")
        follows(phone, f"/fr/lecon/{LESSON}/2/")
        assert said(phone)
    press(two, two.js("JSON.parse(localStorage['edubox:class']).back"))
    follows(two, "/fr/lecon/ministry/test/lune/1/")
    # Asked again and again, it stays there: a pupil is fetched once.
    asked = len([one for one in two.requests if "now.json" in one])
    two.wait(
        lambda: len([one for one in two.requests if "now.json" in one]) >= asked + 3, "three more questions"
    )
    assert two.js(PLACE) == "/fr/lecon/ministry/test/lune/1/"
    assert not one.complaints + two.complaints
    one.close()
    two.close()


def test_a_pupil_who_is_busy_can_stay(browser, school):
    phone = browser.tab(390, 844, phone=True)
    enter(phone, school.pages, school)
    phone.open(f"{school.pages}/fr/lecon/ministry/test/lune/")
    classes.show(school.file, school.code, LESSON, "x", now=int(time.time()), minutes=60)
    phone.wait(lambda: said(phone), "a line that tells what comes")
    press(phone, phone.js("JSON.parse(localStorage['edubox:class']).stay"))
    gone = phone.js("new Promise(done => setTimeout(() => done(location.pathname), 3500))")
    assert gone == "/fr/lecon/ministry/test/lune/"
    assert not said(phone)
    phone.close()


def test_only_this_and_its_end_reach_a_phone_that_shows_the_class_s_page(browser, school):
    classes.give(school.file, school.code, "ministry/test/lune", "Leçon lune", day=1)
    classes.show(school.file, school.code, LESSON, "x", now=int(time.time()), minutes=60, only=True)
    phone = browser.tab(390, 844, phone=True)
    enter(phone, school.pages, school)
    assert phone.js("[...document.querySelectorAll('main a')].length") == 1
    follows(phone, f"/fr/lecon/{LESSON}/")
    phone.open(f"{school.pages}/fr/classe/{school.code}/")
    classes.stop_showing(school.file, school.code)
    phone.wait(
        lambda: phone.js("(document.querySelector('.steps a') || {}).pathname"), "the lessons of the class"
    )
    phone.close()


def test_the_class_is_remembered_until_the_device_leaves_it(browser, school):
    phone = browser.tab(390, 844, phone=True)
    enter(phone, school.pages, school)
    phone.open(f"{school.pages}/en/")
    assert "6e B" in phone.js("document.querySelector('#my-class').textContent")
    phone.tap("#my-class")
    assert phone.js(PLACE) == f"/en/class/{school.code}/"
    phone.tap("#this-class button")
    assert phone.js(PLACE) == "/en/"
    assert "6e B" not in phone.js("document.querySelector('#my-class').textContent")
    assert not phone.complaints
    phone.close()


def test_a_class_that_was_deleted_is_forgotten_by_the_phone(browser, school):
    phone = browser.tab(390, 844, phone=True)
    enter(phone, school.pages, school)
    classes.delete(school.file, school.code)
    phone.open(f"{school.pages}/fr/")
    phone.wait(lambda: not phone.js("localStorage['edubox:class']"), "a phone without a class")
    phone.close()


def test_without_scripts_the_class_is_read_and_a_problem_is_reported(phone, school):
    phone.send("Emulation.setScriptExecutionDisabled", value=True)
    classes.give(school.file, school.code, LESSON, "x", day=1)
    enter(phone, school.pages, school)
    assert phone.js("document.querySelector('#this-class').hidden")
    phone.tap(".steps a")
    phone.tap("a.report")
    phone.js("document.querySelector('[value=media]').checked = true")
    phone.js("document.querySelector('#text').value = 'pas de son'")
    phone.tap(".asked button")
    assert "said=thanks" in phone.js("location.search"), "the browser told whose form it was"
    assert reports.every(school.file)[0].text == "pas de son"
    assert not phone.complaints


def test_a_wrong_code_keeps_the_pupil_where_another_can_be_typed(phone, school):
    phone.open(f"{school.pages}/fr/classe/111111/")
    assert "111111" in phone.js("document.querySelector('[role=alert]').textContent")
    phone.js(f"document.querySelector('#code').value = '{school.code}'")
    phone.tap(".code button")
    assert phone.js(PLACE) == f"/fr/classe/{school.code}/"


@pytest.mark.parametrize(("width", "dark"), [(320, False), (320, True), (1280, False)])
def test_every_page_fits_and_has_room_for_fingers(browser, school, width, dark):
    classes.give(school.file, school.code, LESSON, "Anticonstitutionnellement" * 4, day=1, note="w" * 190)
    classes.give(school.file, school.code, "ministry/test/gone", "Anticonstitutionnellement" * 4, day=1)
    classes.give(school.file, school.code, "ministry/test/lune", "Leçon lune", day=1)
    classes.withdraw(
        school.file, school.code, classes.of_code(school.file, school.code).given[2].id, int(time.time())
    )
    classes.announce(school.file, school.code, "w" * 400, "2099-01-01", "2026-11-25")
    classes.switch_home(school.file, school.code, on=True)
    reports.add(school.file, LESSON, "", "w" * 190, "other", "w" * 400, 1)
    handins.open_box(school.file, school.code, "w" * 80, "w" * 300, "2099-01-01", "2099-02-01")
    week.wish(school.data, school.code, [LESSON], "2099-01-01")
    week.make(school.data, settings(), school.code, 1, lambda *_: None)
    classes.make(school.file, "w" * 60)
    tab = browser.tab(width, 640, dark=dark, phone=width < 500)
    come_in(tab, school)
    own = f"{DESK}{school.code}/"
    places = [
        "/fr/classe/", f"/fr/classe/{school.code}/", "/fr/classe/111111/", f"/fr/signaler/?lesson={LESSON}", "/fr/signaler/",
        f"/fr/signaler/?lesson={LESSON}&said=flood", DESK, own, f"{own}give/", f"{own}give/?lesson={LESSON}", f"{own}delete/",
        f"{own}fermeture/", f"{own}handins/1/", f"{DESK}new-year/", f"{DESK}reports/", f"{DESK}sheet/", "/bureau/given/",
        f"/fr/classe/{school.code}/emporter/", f"/fr/classe/{school.code}/imprimer/", f"/fr/classe/{school.code}/depot/1/",
        f"/fr/lecon/{LESSON}/1/",
    ]  # fmt: skip
    for place in places:
        tab.open(school.pages + place)
        assert tab.js(WIDE_ENOUGH), (place, tab.js(WIDER))
        assert tab.js(SMALL) == [], place
        tab.js("document.documentElement.dir = 'rtl'")
        assert tab.js(WIDE_ENOUGH), (place, "from the right")
    assert [one for one in tab.complaints if "404" not in one] == []
    tab.close()


def test_a_pupil_s_phone_hands_in_a_photo_that_the_teacher_takes(browser, school, tab, tmp_path):
    (tmp_path / "IMG_1.jpg").write_bytes(picture("JPEG"))
    handins.open_box(
        school.file, school.code, "Dessin du volcan", "Photographie ton dessin.", "2099-01-01", "2099-02-01"
    )
    phone = browser.tab(390, 844, phone=True)
    enter(phone, school.pages, school)
    phone.tap(".dropbox")
    phone.js("document.querySelector('#first-name').value = 'Lina'")
    root = phone.send("DOM.getDocument")["root"]["nodeId"]
    field = phone.send("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    phone.send("DOM.setFileInputFiles", files=[str(tmp_path / "IMG_1.jpg")], nodeId=field)
    assert not phone.js(WIDER)
    assert not phone.js(SMALL)
    phone.tap(".asked button")
    receipt = phone.js("document.querySelector('.received .digits').textContent")
    # The class's page remembers it, on this device alone.
    phone.open(f"{school.pages}/fr/classe/{school.code}/")
    assert phone.js("document.querySelector('.handed').checkVisibility()")
    phone.tap(".dropbox")
    assert receipt in phone.js("document.body.textContent")
    assert not phone.complaints
    phone.close()
    come_in(tab, school)
    tab.open(f"{school.pages}{DESK}{school.code}/handins/1/")
    assert "Lina" in tab.js("document.body.textContent")
    taken = tab.js("fetch(document.querySelector('a[download]').href).then(a => a.blob()).then(b => b.size)")
    assert 0 < taken < len(picture("JPEG"))
