"""The person in charge says which levels the school teaches, in the country's own words, and the box's settings say it from then on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edubox.box.accounts import journal
from edubox.box.app import create_app
from edubox.box.health import Box, examine
from edubox.box.school.database import SchoolFile
from edubox.settings import SETTINGS, dump_settings, load_settings, with_setting
from tests.box.desk_client import desk_of
from tests.box.school import School, settings

HOST = "box.local:8080"
HERE = {"Host": HOST, "Accept-Language": "fr"}
PAGE = "/bureau/boitier/niveaux/"
#: As a technician wrote it.
FILE = """\
# Ne pas toucher !
name = "Collège Moulin"   # depuis 2024
levels = [
  "6e",
  "CM7",   # ?
]
follow = ["ministry/starter"]
"""


@pytest.fixture
def data(tmp_path):
    made = School(tmp_path / "box").data
    (made / "box.toml").write_text(FILE, "utf-8")
    return made


def client_of(data, role="admin"):
    client = create_app(data, settings()).test_client()
    desk_of(client, data, role, name=role)
    return client


def post(client, *levels):
    return client.post(PAGE, data={"level": list(levels)}, headers=HERE | {"Origin": f"http://{HOST}"})


def ticked(page):
    return re.findall(r'value="([a-z]+)" checked', page)


def test_the_levels_are_ticked_by_their_names_and_no_other_line_of_the_file_changes(data):
    client = client_of(data)
    page = client.get(PAGE, headers=HERE).text
    assert "Sixième" in page
    assert "Cinquième" in page
    assert ticked(page) == ["sixieme"], "6e on the card is the country’s Sixième"
    assert "CM7" in page, "what is no level is told"
    done = post(client, "cinquieme", "sixieme")
    assert done.status_code == 303
    after = client.get(done.headers["Location"], headers=HERE).text
    assert 'role="status"' in after
    assert ticked(after) == ["sixieme", "cinquieme"]
    written = (data / "box.toml").read_text("utf-8")
    assert (
        written
        == FILE[: FILE.index("levels")] + 'levels = ["sixieme", "cinquieme"]\n' + FILE[FILE.index("follow") :]
    )
    assert next(line.what for line in journal.read(SchoolFile(data))) == "chose-levels"


def test_nothing_ticked_is_all_levels(data):
    assert post(client_of(data)).status_code == 303
    assert load_settings(data / "box.toml")["levels"] == []


def test_only_levels_of_the_country_can_be_chosen_and_only_by_who_is_in_charge(data):
    assert post(client_of(data), "cm7").status_code == 400
    teacher = client_of(data, "teacher")
    assert teacher.get(PAGE, headers=HERE).status_code == 403
    assert post(teacher, "sixieme").status_code == 403
    assert (data / "box.toml").read_text("utf-8") == FILE


def test_a_box_that_does_not_know_its_country_yet_says_when_it_will(tmp_path):
    data = School(tmp_path / "new", country=None).data
    (data / "box.toml").write_text('levels = ["6e"]\n')
    client = client_of(data)
    page = client.get(PAGE, headers=HERE).text
    assert "premières leçons" in page
    assert "checkbox" not in page
    assert post(client).status_code == 400, "a choice that nobody was offered takes nothing away"
    assert load_settings(data / "box.toml")["levels"] == ["6e"]


def test_settings_that_cannot_be_read_stay_as_they_are_and_that_is_said(data):
    broken = FILE + "name = twice\n"
    client = client_of(data)
    (data / "box.toml").write_text(broken, "utf-8")
    answer = post(client, "sixieme")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert (data / "box.toml").read_text("utf-8") == broken


def test_the_doctor_names_a_level_that_the_country_does_not_have(data):
    def says(*levels):
        found = examine(Box(data, settings(levels=list(levels))), ["levels"])
        return [(one.finding.level, one.finding.sentence) for one in found]

    assert says() == []
    assert says("6e", "cinquieme")[0][0] == "good"
    ((level, sentence),) = says("6e", "CM7")
    assert level == "warning"
    assert "CM7" in sentence
    assert "6e" not in sentence


@pytest.mark.parametrize(
    "text",
    [
        "",
        'name = "A"',
        dump_settings({}),
        'levels=["a"]',
        "  levels = [\n'a', # ]\n]\nport = 1",
        "\"levels\" = ['a']",
    ],
)
def test_one_setting_changes_in_any_file_that_can_be_read(tmp_path, text):
    path = Path(tmp_path / "box.toml")
    path.write_text(text)
    before = load_settings(path)
    path.write_text(with_setting(text, "levels", ['un "deux"', "trois"]))
    assert load_settings(path) == before | {"levels": ['un "deux"', "trois"]}
    assert {one.name for one in SETTINGS} == before.keys()
