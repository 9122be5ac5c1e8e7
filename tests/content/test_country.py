"""The French country file: what boxes read from it, and what readers see of it."""

import re

import pytest

from edubox.pack.names import check_part
from edubox.pages.icons import strokes
from edubox.publishing.country_file import to_bytes
from tests.content.contrast import contrast
from tests.content.shipped import country

SUBJECTS = country()["subject"]
CHECK_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def test_it_can_be_published():
    assert to_bytes(country(), "France")


def test_it_goes_from_the_first_class_to_the_last():
    names = [level["name"]["fr"] for level in country()["level"]]
    assert names[0] == "CP"
    assert "Sixième" in names
    assert names[-1].startswith("Terminale")


@pytest.mark.parametrize("kind", ["tier", "level", "subject"])
def test_ids_are_unique_and_can_stand_in_an_address(kind):
    found = [entry["id"] for entry in country()[kind]]
    assert len(found) == len(set(found))
    assert [check_part(one) for one in found] == found


@pytest.mark.parametrize("kind", ["level", "subject"])
def test_an_id_is_of_scolomfr_or_says_that_it_is_ours(kind):
    vocabulary = {"level": "022", "subject": "015"}[kind]
    for entry in country()[kind]:
        assert re.fullmatch(rf"scolomfr-voc-{vocabulary}-num-\d+|fr-[a-z-]+", entry["id"]), entry["id"]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject["name"]["en"])
def test_white_text_can_be_read_on_a_subjects_colour(subject):
    assert contrast(subject["colour"], "#ffffff") >= 4.5


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject["name"]["en"])
def test_a_subject_names_an_icon_that_we_have(subject):
    assert subject["icon"] == "book" or strokes(subject["icon"]) != strokes("book")


@pytest.mark.parametrize("code", ["0750655E", "0750654D"])
def test_a_school_code_has_seven_digits_and_a_letter(code):
    pattern = country()["school_id"]["pattern"]
    assert CHECK_LETTERS[int(code[:7]) % 23] == code[7]
    assert re.fullmatch(pattern, code)
    for wrong in [code[:7], code.lower(), f"{code}A", f"{code[:7]}I", f"{code[:7]}O", f"{code[:7]}Q"]:
        assert not re.fullmatch(pattern, wrong)
