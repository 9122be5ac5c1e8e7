"""A box's request on the page for carriers: heard as if the box had asked itself, and answered with a file for that box alone."""

from __future__ import annotations

import io
import json
import re

import pytest

from edubox.box.catalog import Catalogue
from edubox.hub.courier.pages import courier_pages
from edubox.hub.enrol import deciding
from edubox.hub.enrol.limits import MOST
from edubox.sync.carried.courier_work import bring
from edubox.sync.carried.enrolments import OTHERS, OURS
from edubox.sync.enrolment import REQUEST, read_enrolment
from edubox.trust.codes import new_code
from tests.hub.enrol.conftest import *  # noqa: F403 - its fixtures
from tests.hub.enrol.test_box import School, accept_all
from tests.hub.enrol.test_box import today as today  # noqa: PLC0414 - a fixture
from tests.hub.enrol.world import OFFICER, Asker, sign_all
from tests.sync.country import Progress


@pytest.fixture
def phone(hub):
    return courier_pages(hub, lambda _: "Testland").test_client()


@pytest.fixture
def school(tmp_path, hub):
    """A box without a line, and the request that its page gives."""
    made = School(tmp_path / "box", hub)
    made.settings["follow"] = []
    made.code()
    made.ask(line=False)
    made.request = (made.data / REQUEST).read_bytes()
    return made


def hand_in(phone, data):
    return phone.post(
        "/courier/?lang=en", data={"list": (io.BytesIO(data), "edubox-request.json"), "part": "100"}
    )


def answer_of(phone, given, folder):
    """The file that the phone takes along."""
    assert given.status_code == 303, given.text
    page = phone.get(given.headers["Location"])
    (name,) = re.findall(r'href="(\d+\.zip)\?', page.text)
    got = phone.get(given.headers["Location"].partition("?")[0] + name)
    assert got.headers["Content-Disposition"] == 'attachment; filename="edubox-tl-answer-1of1.zip"'
    folder.mkdir()
    (folder / "answer.zip").write_bytes(got.data)
    return folder / "answer.zip"


def brought(school, file):
    return bring(school.data, [file], school.settings, Catalogue(school.data), Progress(), school.hub.clock())


def test_a_box_is_taken_in_by_the_answer_that_a_phone_brings(phone, hub, school, tmp_path):
    said = hand_in(phone, school.request)
    assert (said.status_code, "The academy has the request" in said.text) == (200, True)
    assert deciding.waiting(hub)[0].label == "Collège Jean-Moulin"
    assert hand_in(phone, school.request).status_code == 200, "asking again is asking once"
    assert len(deciding.waiting(hub)) == 1
    accept_all(hub)
    assert "its signature is on the way" in hand_in(phone, school.request).text
    sign_all(hub)
    file = answer_of(phone, hand_in(phone, school.request), tmp_path / "phone")
    assert brought(school, file).answer == OURS
    assert (school.state, read_enrolment(school.data).id) == ("accepted", "ac-test/moulin")


def test_the_answer_of_another_school_changes_nothing(phone, hub, school, tmp_path):
    hand_in(phone, school.request)
    accept_all(hub)
    sign_all(hub)
    file = answer_of(phone, hand_in(phone, school.request), tmp_path / "phone")
    other = School(tmp_path / "other", hub)
    other.settings["follow"] = []
    assert brought(other, file).answer == OTHERS
    assert other.state == ""


def test_a_refusal_is_brought_back_with_its_reason(phone, hub, school, tmp_path):
    hand_in(phone, school.request)
    deciding.refuse(hub, deciding.waiting(hub)[0].row, "The school has closed", OFFICER)
    given = hand_in(phone, school.request)
    assert "has not taken this school in" in phone.get(given.headers["Location"]).text
    assert brought(school, answer_of(phone, given, tmp_path / "phone")).answer == OURS
    assert (school.state, read_enrolment(school.data).reason) == ("refused", "The school has closed")


def test_what_is_wrong_with_a_request_is_told_in_words_and_wrong_codes_are_counted(phone, hub):
    box = Asker()
    assert "The request has no code" in hand_in(phone, box.filed()).text
    assert "has a slip in it" in hand_in(phone, box.filed("AAAA-AAAA-AAAA")).text
    for _ in range(MOST - 1):
        said = hand_in(phone, box.filed(new_code()))
        assert (said.status_code, "No academy knows" in said.text) == (403, True)
    assert hand_in(phone, box.filed(new_code())).status_code == 429
    broken = json.loads(box.filed(new_code())) | {"body": "AAAA"}
    for odd in (broken, broken | {"body": 3}, broken | {"headers": []}, {"kind": "edubox enrolment"}):
        said = hand_in(phone, json.dumps(odd).encode())
        assert said.status_code in {400, 401}, said.text
        assert "This request cannot be heard" in said.text
    assert not deciding.waiting(hub)


def test_who_and_which_school_stand_nowhere_but_where_the_academy_reads_it(phone, hub, school):
    hand_in(phone, school.request)
    assert not list((hub.data / "courier").glob("*")), (
        "nothing is written down while there is nothing to take along"
    )
