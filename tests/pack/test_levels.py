"""Levels as people call them: a school's card is written by somebody who has no ids in mind."""

from __future__ import annotations

import json
import tomllib

import pytest

from edubox.content import content_folder
from edubox.pack import canonical, levels
from edubox.pack.canonical import nfc

FRANCE = tomllib.loads((content_folder() / "countries" / "france.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def france():
    return levels.read(canonical.write(json.loads(nfc(json.dumps(FRANCE, default=str)))))


@pytest.mark.parametrize("said", ["CM1", "cm 1", "CM1 (age 9)", "scolomfr-voc-022-num-014"])
def test_a_level_is_known_by_its_id_and_by_its_names_in_any_language(france, said):
    assert france.of([said]) == ("scolomfr-voc-022-num-014",)
    assert france.unknown([said]) == []


@pytest.mark.parametrize("said", ["Sixième", "sixieme", "6E", "  6e "])
def test_accents_capitals_and_spaces_make_no_other_level(france, said):
    assert france.of([said]) == ("scolomfr-voc-022-num-018",)


def test_what_the_country_does_not_have_is_told_with_the_nearest_and_fits_nothing(france):
    assert france.unknown(["CM1", "CM7", "Maternelle-Est"]) == ["CM7", "Maternelle-Est"]
    assert france.of(["CM7"]) == ("CM7",)
    assert france.nearest("Quatriéme") == "Quatrième"


def test_one_name_of_two_levels_is_both():
    two = [{"id": ident, "name": {"fr": "Première année"}} for ident in ("cap-1", "bac-1")]
    known = levels.read(canonical.write({"format": 1, "level": two}))
    assert known.of(["premiere annee"]) == ("cap-1", "bac-1")


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff", b'{"format":1,"level":[1,{"id":2},{"id":"a","name":[3]}]}']
)
def test_a_country_file_that_says_nothing_has_no_level_of_that_name(data):
    assert levels.read(data).unknown(["CM1"]) == ["CM1"]
    assert levels.read(b"").nearest("CM1") == ""
