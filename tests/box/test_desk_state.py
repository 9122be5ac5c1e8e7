"""The page of the box: one sentence first, and what only an administrator asks of the computer under it."""

from __future__ import annotations

import time

import pytest

from edubox.box import desk_state
from edubox.box.accounts import journal
from edubox.box.app import create_app
from edubox.box.health import CHECKS
from edubox.box.school.database import SchoolFile
from edubox.hardware.ask import request as asking
from edubox.hardware.ask.request import CLOCK, NAME, POWEROFF, RESTART, Request, take
from edubox.pages.state import TITLES
from edubox.store import slots
from edubox.store.slots import Held
from edubox.sync.enrolment import Enrolment, write_enrolment
from tests.box.desk_client import desk_of
from tests.box.school import School, settings

HOST = "box.local:8080"
HERE = {"Host": HOST, "Accept-Language": "fr"}
PAGE = "/bureau/boitier/"


@pytest.fixture
def data(tmp_path):
    return School(tmp_path / "box").data


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "ask"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(asking, "FOLDER", folder)
    return folder


@pytest.fixture(autouse=True)
def checks(monkeypatch):
    found = [("clock", "good", "The clock says 24 November 2026.")]
    monkeypatch.setattr(desk_state, "checkup", lambda _: found)
    return found


def coming_in(data, role="admin"):
    client = create_app(data, settings()).test_client()
    desk_of(client, data, role, name=role)
    return client


@pytest.fixture
def client(data):
    return coming_in(data)


def post(client, path=PAGE, **form):
    return client.post(path, data=form, headers=HERE | {"Origin": f"http://{HOST}"})


def noted(data):
    return [line.what for line in journal.read(SchoolFile(data))]


def test_it_begins_with_one_sentence_and_goes_on_to_the_lessons(client, checks):
    text = client.get(PAGE, headers=HERE).text
    assert "/bureau/arriving/" in text
    assert text.index('class="lead"') < text.index("The clock says 24 November 2026.")
    checks[:] = [("power", "warning", "The voltage is too low."), *checks]
    worse = client.get(PAGE, headers=HERE).text
    assert worse.index('class="verdict warning"') < worse.index("The voltage is too low.")


@pytest.mark.parametrize(
    ("changed", "listens", "says"),
    [
        ({}, True, "by itself at night"),
        ({"restart": False}, True, "begins when the box is started"),
        ({}, False, "begins when the box is started"),
    ],
)
def test_a_newer_system_that_waits_is_told_with_when_it_begins(
    data, folder, tmp_path, monkeypatch, changed, listens, says
):
    there = tmp_path / "slots"
    there.mkdir()
    slots.write(there, "a", Held("a" * 64, 3, "pc-amd64"), b"{}")
    monkeypatch.setattr(slots, "running", lambda: "a")
    if not listens:
        monkeypatch.setattr(asking, "FOLDER", tmp_path / "nowhere")
    client = create_app(data, settings(slots=str(there)) | changed).test_client()
    desk_of(client, data, "admin", name="admin")
    english = HERE | {"Accept-Language": "en"}
    assert "newer version" not in client.get(PAGE, headers=english).text
    slots.write(there, "b", Held("b" * 64, 4, "pc-amd64", "ministry/systems/pc-amd64"), b"{}")
    assert says in client.get(PAGE, headers=english).text


def test_on_a_computer_that_does_not_listen_nothing_is_offered(client, tmp_path, monkeypatch):
    monkeypatch.setattr(asking, "FOLDER", tmp_path / "nowhere")
    text = client.get(PAGE, headers=HERE).text
    assert "poweroff" not in text
    assert 'name="seconds"' not in text
    assert post(client, action=POWEROFF, sure="yes").status_code == 404
    assert client.get(f"{PAGE}poweroff/", headers=HERE).status_code == 404


@pytest.mark.parametrize(("word", "line"), [(POWEROFF, "switched-off"), (RESTART, "restarted")])
def test_it_is_asked_twice_before_the_box_stops(client, data, folder, word, line):
    assert f"{PAGE}{word}/" in client.get(PAGE, headers=HERE).text
    assert 'name="sure"' in client.get(f"{PAGE}{word}/", headers=HERE).text
    assert post(client, action=word).status_code == 400
    assert not (folder / NAME).exists()
    assert post(client, action=word, sure="yes").status_code == 200
    assert take(folder) == Request(word)
    assert line in noted(data)


def test_the_clock_of_a_teachers_phone_is_taken(client, data, folder):
    seconds = int(time.time()) + 7200
    assert post(client, action=CLOCK, seconds=str(seconds)).status_code == 200
    assert take(folder) == Request(CLOCK, seconds)
    assert "set-clock" in noted(data)


@pytest.mark.parametrize(
    "said", ["", "0", "-5", "1e9", "946684800", "4102444800", "99999999999", "9" * 40, "١٧٦٤٠٠٠٠٠٠", "x"]
)
def test_a_time_that_cannot_be_right_is_not_asked_for(client, folder, said):
    assert post(client, action=CLOCK, seconds=said).status_code == 400
    assert not (folder / NAME).exists()


def test_a_difference_that_does_not_matter_is_left_alone(client, folder):
    assert post(client, action=CLOCK, seconds=str(int(time.time()) + 5)).status_code == 200
    assert not (folder / NAME).exists()


@pytest.mark.parametrize("form", [{}, {"action": "rm"}, {"action": "poweroff\n", "sure": "yes"}])
def test_anything_else_is_refused(client, folder, form):
    assert post(client, **form).status_code == 400
    assert not (folder / NAME).exists()


@pytest.mark.parametrize("role", ["teacher", "substitute"])
def test_only_an_administrator_comes_here(data, folder, role):
    client = coming_in(data, role)
    assert client.get(PAGE, headers=HERE).status_code == 403
    for form in (
        {"action": POWEROFF, "sure": "yes"},
        {"action": CLOCK, "seconds": str(int(time.time()) + 7200)},
    ):
        assert post(client, **form).status_code == 403
    assert post(client, f"{PAGE}support.zip").status_code == 403
    assert not (folder / NAME).exists()


def test_the_file_for_a_technician_comes_as_a_download_or_not_at_all(client, monkeypatch):
    monkeypatch.setattr(desk_state, "support_file", lambda _: b"PK")
    answer = post(client, f"{PAGE}support.zip")
    assert (answer.data, answer.mimetype) == (b"PK", "application/zip")
    monkeypatch.setattr(desk_state, "support_file", lambda _: b"")
    assert post(client, f"{PAGE}support.zip").status_code == 503


def test_every_check_of_the_doctor_has_a_title_that_a_school_understands():
    assert set(CHECKS) <= TITLES.keys()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("asked", "La demande a été faite"), ("promised", "a dit oui"), ("accepted", "L’académie a accepté ce boîtier le 24\u00a0novembre\u00a02026"),
        ("refused", "n’a pas accepté"), ("suspended", "a suspendu"),
    ],
)  # fmt: skip
def test_the_person_in_charge_reads_what_the_academy_said(data, client, state, words):
    assert words not in client.get(PAGE, headers=HERE).text
    since = 1795507200  # 24 November 2026
    write_enrolment(
        data, Enrolment(state, "ac-x/moulin", "<i>Non</i>" if state == "refused" else "", since, since, 0, 1)
    )
    text = client.get(PAGE, headers=HERE).text
    assert words in text
    assert "<i>Non" not in text


def test_it_says_in_words_whose_lessons_come_and_what_the_academy_proposes(data):
    from datetime import UTC, datetime

    from edubox.box.catalog import Catalogue
    from edubox.sync.following import Proposal, write_proposal

    Catalogue(data).verified("publishers/ministry/starter", "Ministère d’essai", datetime.now(UTC), None)
    client = create_app(data, settings() | {"follow": ["ministry/starter"]}).test_client()
    desk_of(client, data, "admin", name="admin")
    page = client.get(PAGE, headers=HERE | {"Accept-Language": "en"}).text
    assert "Ministère d’essai" in page
    assert "ac-x/choix" not in page
    write_enrolment(data, Enrolment("accepted", "ac-x/moulin"))
    write_proposal(data, Proposal("ac-x", ("ac-x/choix",)))
    page = client.get(PAGE, headers=HERE | {"Accept-Language": "en"}).text
    assert "Ministère d’essai, ac-x/choix" in page
    write_proposal(data, Proposal("ac-of-before", ("ac-x/choix",)))
    assert "ac-x/choix" not in client.get(PAGE, headers=HERE).text
