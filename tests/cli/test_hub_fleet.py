"""An operator says who is told of what, and reads what a lesson will cost."""

from __future__ import annotations

import pytest

from tests.cli.country import edubox, edubox_json, make_country


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    return make_country(tmp_path_factory.mktemp("fleet") / "country")


def test_somebody_is_told_and_told_no_more(country):
    where = ("--data", country.folder)
    made = edubox_json("hub", "alert", "add", *where, "--of", "silent", "--to", "https://chat.example/hook")
    (one,) = edubox_json("hub", "alert", "list", *where)["alerts"]
    assert one == {"alert": made["alert"], "authority": "", "of": "silent", "to": "https://chat.example/hook"}
    edubox("hub", "alert", "remove", *where, str(made["alert"]))
    assert edubox_json("hub", "alert", "list", *where)["alerts"] == []


def test_a_country_without_figures_says_that_nobody_knows(country, tmp_path):
    lesson = tmp_path / "lesson.edpack"
    lesson.write_bytes(bytes(5000))
    told = edubox_json("hub", "forecast", "--data", country.folder, lesson)
    assert told == {
        "size": 5000,
        "boxes": 0,
        "total": 0,
        "middle": None,
        "slow": None,
        "unknown": 0,
        "full": 0,
    }
