"""A teacher sees what a class handed in, takes it away safely and erases it; nobody else does."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from edubox.box.accounts.person import ADMIN, TEACHER, Person
from edubox.box.app import create_app
from edubox.box.school import classes, desk, desk_handins, handins
from tests.box.classes.test_handing import PDF, files, hand_in, open_box
from tests.box.school import settings

ADA, BOB, EVE, ROOT = (
    Person(1, "Ada", TEACHER),
    Person(2, "Bob", TEACHER),
    Person(3, "Eve", TEACHER),
    Person(9, "Root", ADMIN),
)
NEEDLES = (b"Zanzibar", b"Quetzal", b"Xylophone")


@pytest.fixture
def come_as(monkeypatch):
    def come(person):
        for room in (desk, desk_handins):
            monkeypatch.setattr(room, "me", lambda: person)

    come(ADA)
    return come


@pytest.fixture
def mine(file, come_as):
    code = classes.make(file, "6e B", owner=ADA.id)
    classes.add_colleague(file, code, BOB.id)
    return code


@pytest.fixture
def handed(browser, file, mine):
    """The class's drop-box, its address at the desk, and what Zanzibar handed in."""
    dropbox = open_box(file, mine, "Xylophone")
    hand_in(
        browser,
        f"/fr/classe/{mine}/depot/{dropbox.id}/",
        PDF + NEEDLES[1],
        name="Zanzibar",
        called="Quetzal.pdf",
    )
    (one,) = handins.listed(file, dropbox)
    return dropbox, f"{mine}/handins/{dropbox.id}/", one


def status(browser, rest):
    return browser.get(f"/bureau/classes/{rest}").status_code


def test_a_teacher_opens_a_drop_box_with_a_last_day_and_a_day_of_erasing(browser, file, mine):
    today = datetime.now(UTC).date()
    until, erase, far = ((today + timedelta(days=days)).isoformat() for days in (7, 37, 400))
    page = browser.act(
        f"{mine}/", action="open-box", title="Dessin", ask="Un dessin", until=until, erase=erase
    )
    assert "Dessin" in page
    (dropbox,) = classes.of_teachers(file, mine).dropboxes
    assert (dropbox.until, dropbox.erase) == (until, erase)
    for wrong in ({"until": erase, "erase": until}, {"erase": far}, {"until": "x"}, {"title": " "}):
        fields = {"action": "open-box", "title": "x", "until": until, "erase": erase} | wrong
        assert browser.post(f"/bureau/classes/{mine}/", **fields).status_code == 400


def test_what_was_handed_in_is_listed_and_leaves_as_an_attachment_that_opens_nothing(browser, handed):
    _, here, one = handed
    page = browser.desk(here)
    assert "Zanzibar" in page
    assert "Quetzal.pdf" in page
    answer = browser.get(f"/bureau/classes/{here}{one.id}")
    assert answer.data == PDF + NEEDLES[1]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_all_of_it_leaves_as_a_zip_and_a_first_name_is_no_formula(browser, file, mine, handed):
    dropbox, here, _ = handed
    hand_in(browser, f"/fr/classe/{mine}/depot/{dropbox.id}/", name="=1+1")
    with zipfile.ZipFile(io.BytesIO(browser.get(f"/bureau/classes/{here}all.zip").data)) as made:
        assert made.testzip() is None
        assert len(made.namelist()) == 3
        assert PDF + NEEDLES[1] in [made.read(name) for name in made.namelist()]
        rows = list(csv.reader(io.StringIO(made.read("list.csv").decode("utf-8-sig"))))
    assert {row[0] for row in rows} == {"first name", "'=1+1", "Zanzibar"}


def test_the_whole_class_leaves_as_a_zip(browser, file, mine, handed):
    classes.give(file, mine, "ministry/test/lune", "La Lune", day=1_790_000_000, note="Lire")
    classes.announce(file, mine, "Musée", "2099-01-01", "2026-01-01")
    with zipfile.ZipFile(io.BytesIO(browser.get(f"/bureau/classes/{mine}/export.zip").data)) as made:
        text = b"".join(made.read(name) for name in made.namelist()).decode(errors="replace")
    for word in ("La Lune", "Musée", "Zanzibar", "Quetzal", "Xylophone"):
        assert word in text


def test_a_colleague_reads_and_another_teacher_finds_nothing_there(browser, come_as, mine, handed):
    _, here, one = handed
    addresses = [
        f"{mine}/",
        here,
        f"{here}{one.id}",
        f"{here}all.zip",
        f"{mine}/export.zip",
        f"{mine}/delete/",
        f"{mine}/give/",
    ]
    come_as(BOB)
    assert {status(browser, rest) for rest in addresses} == {200}
    come_as(EVE)
    assert {status(browser, rest) for rest in addresses} == {404}
    assert mine not in browser.desk()
    for rest, fields in ((f"{mine}/", {"action": "put-away"}), (f"{mine}/delete/", {"action": "delete"}), (here, {"action": "erase-all"}),
                         (here, {"action": "erase", "id": one.id}), (f"{mine}/give/", {"lesson": "ministry/test/lune"})):  # fmt: skip
        assert browser.post(f"/bureau/classes/{rest}", **fields).status_code == 404


def test_an_administrator_sees_how_many_and_reads_none_before_joining_the_class(
    browser, file, box, come_as, mine, handed
):
    _, here, one = handed
    come_as(ROOT)
    assert "Zanzibar" not in browser.desk(here)
    assert status(browser, f"{here}{one.id}") == status(browser, f"{here}all.zip") == 404
    assert b"Zanzibar" not in browser.get(f"/bureau/classes/{mine}/export.zip").data
    classes.add_colleague(file, mine, ROOT.id)
    assert "Zanzibar" in browser.desk(here)


def test_the_hand_in_of_another_drop_box_is_not_found_in_this_one(browser, file, mine, handed):
    _, _, one = handed
    other = open_box(file, mine, "Autre")
    assert status(browser, f"{mine}/handins/{other.id}/{one.id}") == 404
    for ident in ("../../school.db", "x" * 26, one.id.upper()):
        assert status(browser, f"{mine}/handins/{other.id}/{ident}") == 404


def test_a_pupil_without_the_desk_reaches_none_of_it(box, mine, handed):
    _, here, one = handed
    pupil = create_app(box.data, settings()).test_client()
    for rest in (here, f"{here}{one.id}", f"{here}all.zip", f"{mine}/export.zip"):
        for begin in ("http://box.local:8080/bureau/classes/", "https://box.local:8443/bureau/classes/"):
            answer = pupil.get(begin + rest)
            assert "Content-Disposition" not in answer.headers
            assert b"Zanzibar" not in answer.data


@pytest.mark.parametrize("how", ["one", "box", "class"])
def test_what_is_erased_is_in_no_file_of_the_box(browser, box, file, mine, handed, how):
    _, here, one = handed

    def found():
        return {
            word
            for path in box.data.rglob("*")
            if path.is_file()
            for word in NEEDLES
            if word in path.read_bytes()
        }

    assert found() == set(NEEDLES)
    if how == "one":
        browser.act(here, action="erase", id=one.id)
    elif how == "box":
        browser.act(here, action="erase-all")
    else:
        browser.act(f"{mine}/delete/", action="delete")
    assert found() == ({NEEDLES[2]} if how == "one" else set())
    assert files(box) == []
