"""Exercises, courses, books and quizzes as importers leave them, in a pupil's browser: nothing they need was left out."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from edubox.importers.folder import build_lesson
from edubox.pack.edpack import extract
from tests.box.school import School, serving
from tests.browser.needs import players_or_skip
from tests.importers.building import samples, write
from tests.importers.packages import entry, resource, scorm
from tests.importers.test_quiz import QUIZ

pytestmark = [pytest.mark.browser, pytest.mark.slow]
#: Sample → a word that its first page shows.
EXERCISES = {
    "h5p/arithmetic-quiz.h5p": "Start", "h5p/h5p-test.h5p": "Is this false?", "h5p/multiple-choice.h5p": "blackcurrant",
    "h5p/interactive-video.h5p": "",
}  # fmt: skip
COURSES = (
    "scorm/RuntimeBasicCalls_SCORM12.zip", "scorm/RuntimeBasicCalls_SCORM20043rdEdition.zip", "scorm/small_scorm_package.zip",
    "scorm-edge/singlesco_scorm12.zip",
)  # fmt: skip
BOOKS = (
    "epub/childrens-literature.epub",
    "epub/georgia-cfi.epub",
    "epub/israelsailing.epub",
    "epub/sous-le-vent.epub",
)


def slug_of(name):
    return name.rpartition("/")[2].partition(".")[0].lower().replace("_", "-")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A school with one lesson of each sample and one of a quiz; ``at(name)`` is the address of its first part."""
    players_or_skip()
    folder = tmp_path_factory.mktemp("containers")
    school = School(folder / "box")
    sources = [samples(name) for name in (*EXERCISES, *COURSES, *BOOKS)]
    made = {
        "quiz.gift": QUIZ,
        "questions.zip": scorm(entry("i", "r", "Un", parameters="?page=deux"), resource("r", "sco.html#bas")),
    }
    sources += [write(folder, made) / name for name in made]
    for source in sources:
        slug = slug_of(source.name)
        manifest = build_lesson(source, folder / f"{slug}.edpack", {"language": "fr"}).manifest
        extract(folder / f"{slug}.edpack", folder / slug)
        school.install(
            slug, manifest, {file.path: (folder / slug / file.path).read_bytes() for file in manifest.files}
        )
    with serving(school.data) as (pages, lessons):
        yield SimpleNamespace(
            hosts={urlsplit(one).netloc for one in (pages, lessons)},
            at=lambda name: f"{pages}/fr/lecon/ministry/test/{slug_of(name)}/1/",
        )


def nothing_is_missing(tab, opened):
    """Whether all that was asked for was there, and no other site has answered."""
    assert {urlsplit(one).netloc for one in tab.statuses if one.startswith("http")} <= opened.hosts
    assert not {address for address, status in tab.statuses.items() if status >= 400}
    return True


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_plays_with_the_libraries_that_were_kept(tab, opened, name):
    tab.open(opened.at(name))
    document = "document.querySelector('iframe').contentDocument"
    tab.wait_through(
        lambda: EXERCISES[name] in tab.in_frame("/h5p.html", f"{document}.body.innerText + ''"),
        f"the exercise {name}",
    )
    made = f"{document}.defaultView.H5P.instances.length"
    assert tab.wait_through(lambda: tab.in_frame("/h5p.html", made), "an exercise that was made") == 1
    assert nothing_is_missing(tab, opened)
    # Libraries that name a sound player or a film elsewhere are kept from going there, and the browser says so.
    assert [one for one in tab.complaints if "Content Security Policy" not in one] == []


@pytest.mark.parametrize("name", COURSES)
def test_a_course_begins_and_finds_its_player(tab, opened, name):
    tab.open(opened.at(name))
    found = "typeof (parent.API || parent.API_1484_11)"
    assert tab.wait_through(lambda: tab.in_frame("/launchpage.html", found), f"the course {name}") == "object"
    assert nothing_is_missing(tab, opened)


def test_a_course_begins_at_an_address_with_a_query(tab, opened):
    tab.open(opened.at("questions.zip"))
    where = "typeof parent.API + location.search + location.hash"
    assert tab.wait_through(lambda: tab.in_frame("/sco.html", where), "the course") == "object?page=deux#bas"
    assert nothing_is_missing(tab, opened)


@pytest.mark.parametrize("name", BOOKS)
def test_a_book_opens(tab, opened, name):
    tab.open(opened.at(name))
    page = "document.querySelector('foliate-view').renderer.getContents().some(({ doc }) => doc.body && doc.body.children.length)"
    assert tab.wait_through(lambda: tab.in_frame("/epub.html", page), f"the book {name}")
    assert nothing_is_missing(tab, opened)


# --- quiz ----------------------------------------------------------------------------------------------


def in_quiz(tab, expression):
    return tab.in_frame("/quiz.gift.html", expression)


def verdict(tab, number):
    return in_quiz(tab, f"document.querySelectorAll('.verdict')[{number}].textContent")


def test_a_quiz_checks_on_the_device_and_shows_its_answers_at_the_end(tab, opened):
    tab.open(opened.at("quiz"))
    tab.wait_through(
        lambda: in_quiz(tab, "document.querySelectorAll('.check:not([hidden])').length") == 4, "buttons"
    )
    assert in_quiz(tab, "document.querySelector('.answers').hidden")
    click = "document.querySelectorAll('.check')[{}].click()"
    in_quiz(tab, click.format(0))
    assert verdict(tab, 0) == "Réponds d’abord."
    in_quiz(tab, "document.querySelector('[data-worth=\"0\"]').click();" + click.format(0))
    assert verdict(tab, 0) == "Pas encore."
    in_quiz(tab, "document.querySelector('[data-worth=\"100\"]').click();" + click.format(0))
    assert verdict(tab, 0) == "Juste. Oui."
    in_quiz(tab, "document.querySelectorAll('[name=q2]')[1].click();" + click.format(1))
    in_quiz(tab, "document.querySelector('[inputmode]').value = ' 3,14 ';" + click.format(2))
    in_quiz(
        tab,
        "document.querySelectorAll('select').forEach(one => { one.value = 'Sénégal' });" + click.format(3),
    )
    assert [verdict(tab, number) for number in (1, 2, 3)] == ["Juste.", "Juste.", "En partie juste."]
    assert in_quiz(tab, "document.querySelector('.score').textContent") == "3 juste(s) sur 4"
    assert not in_quiz(tab, "document.querySelector('.answers').hidden")
    in_quiz(tab, "document.querySelector('[type=reset]').click()")
    assert in_quiz(
        tab, "document.querySelector('.answers').hidden && !document.querySelector('[name=q1]:checked')"
    )
    assert tab.complaints == []


def test_a_quiz_works_with_the_keyboard_alone(tab, opened):
    tab.open(opened.at("quiz"))
    tab.wait_through(
        lambda: in_quiz(tab, "document.querySelectorAll('.check:not([hidden])').length") == 4, "buttons"
    )
    in_quiz(tab, "document.querySelector('[inputmode]').value = '3.15';"
                 "document.querySelector('[inputmode]').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))")  # fmt: skip
    assert verdict(tab, 2) == "Juste."
