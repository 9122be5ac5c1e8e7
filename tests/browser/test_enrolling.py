"""A school without a line is taken in by its academy, and all that it takes is one phone that goes there and back, twice."""

from __future__ import annotations

import json

import pytest

from edubox.sync.enrolment import read_enrolment
from edubox.trust.codes import new_code
from tests.box.desk_client import person
from tests.browser import axe
from tests.browser.desk import come_in
from tests.cli.country import edubox, edubox_json, free_port, make_country, serving
from tests.hub.enrol.world import table

pytestmark = pytest.mark.browser
ALONE = ["--listen", "127.0.0.1", "--desk-port", "0"]


@pytest.fixture
def country(tmp_path):
    """A country whose academy waits for one school; ``code`` is in the letter that the school has."""
    made = make_country(tmp_path / "country")
    edubox(
        "country",
        "add-publisher",
        made.folder,
        "--id",
        "ac-nord/lecons",
        "--name",
        "Nord",
        "--kind",
        "academy",
    )
    made.code = new_code()
    (tmp_path / "schools.codes.csv").write_bytes(table([("École du Bourg", "bourg", made.code)]))
    edubox(
        "academy",
        "codes",
        "import",
        tmp_path / "schools.codes.csv",
        "--data",
        made.folder,
        "--authority",
        "ac-nord",
    )
    return made


def words(tab):
    return tab.js("document.querySelector('main')?.innerText ?? ''")  # a page on its way has none yet


def check(tab):
    """Nothing that keeps people out, and nothing that has to be moved sideways."""
    tab.wait_through(lambda: tab.js("document.readyState") == "complete", "a page with its style")
    assert axe.violations(tab.js) == []
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")


def saved(tab, folder, selector):
    """The file that the phone has, whole, once *selector* was touched."""
    folder.mkdir()
    tab.save_in(folder)
    tab.touch(selector)

    def whole():
        found = list(folder.iterdir())  # the browser's own unfinished file lies beside it for a moment
        return (
            len(found) == 1 and found[0].suffix in {".json", ".zip"} and found[0].stat().st_size and found[0]
        )

    return tab.wait(whole, "the file on the phone")


def hand_in_at_the_hub(tab, hub, file):
    tab.open(f"{hub}/courier/?lang=en")
    check(tab)
    tab.choose("#list", file)
    tab.tap("button")
    check(tab)
    return words(tab)


def hand_in_at_the_box(tab, box, file, told):
    tab.open(f"{box}/bureau/carry/?lang=en")
    tab.choose("#files", file)
    tab.tap("#hand-in button")
    tab.wait(lambda: told in words(tab), "what became of it")


@pytest.mark.slow
def test_a_phone_carries_the_request_of_a_school_and_brings_its_academy_s_answer(phone, country, tmp_path):
    data = tmp_path / "box"
    edubox("box", "init", "--data", data, "--country", country.root, "--name", "École du Bourg")
    person(data, "admin")
    ports = free_port(), free_port()
    hub, box = (f"http://127.0.0.1:{port}" for port in ports)
    with (
        serving(
            "hub",
            "serve",
            "--data",
            country.folder,
            "--port",
            ports[0],
            "--review-port",
            0,
            *ALONE,
            port=ports[0],
        ),
        serving(
            "box", "serve", "--data", data, "--port", ports[1], "--lesson-port", 0, *ALONE, port=ports[1]
        ),
    ):
        # At the school: a slip in the code is told, and then the request is on the phone.
        come_in(phone, box, "/bureau/carry/?lang=en")
        check(phone)
        slip = country.code[:-1] + ("0" if country.code[-1] != "0" else "1")
        phone.touch("#code")
        phone.write(slip)
        phone.tap("#academy button")
        assert "has a slip in it" in phone.js("document.querySelector('[role=alert]').textContent")
        check(phone)
        phone.touch("#code")
        phone.write(country.code.lower())
        request = saved(phone, tmp_path / "request", "#academy button")
        assert request.name == "edubox-request.json"
        assert read_enrolment(data).state == "asked"

        # In town: the academy has it, and nothing to take back yet.
        assert "The academy has the request" in hand_in_at_the_hub(phone, hub, request)
        (asked,) = edubox_json("academy", "list", "--data", country.folder)["asked"]
        edubox("academy", "accept", asked["request"], "--data", country.folder)
        assert "its signature is on the way" in hand_in_at_the_hub(phone, hub, request)
        edubox("academy", "sign", "--data", country.folder, "--yes")
        assert "has taken this school in" in hand_in_at_the_hub(phone, hub, request)
        answer = saved(phone, tmp_path / "answer", "a.file")
        assert answer.name == "edubox-fr-answer-1of1.zip"

        # At the school again.
        hand_in_at_the_box(phone, box, answer, "This box is taken in.")
        check(phone)
        assert (read_enrolment(data).state, read_enrolment(data).id) == ("accepted", "ac-nord/bourg")
        assert not phone.js("!!document.getElementById('academy')"), "there is nothing to ask any more"
        phone.open(f"{box}/bureau/boitier/?lang=en")
        assert "The academy accepted this box" in words(phone)
    assert json.loads((data / "enrolment.json").read_text())["id"] == "ac-nord/bourg"
