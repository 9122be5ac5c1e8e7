"""What pages load: small, one file, and named by its content."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from edubox.pages import faces
from edubox.pages.assets import PUPIL_SCRIPTS, asset

#: Bytes of the pupils' own scripts (DESIGN: frugality).
LARGEST = 20_000
#: More, on the one page about the device.
LARGEST_OF_DEVICE = 4_500


def test_the_script_of_pupils_pages_stays_small():
    assert len(asset("pupil.js").text.encode()) <= LARGEST
    assert len(asset("mine.js").text.encode()) <= len(asset("pupil.js").text.encode()) + LARGEST_OF_DEVICE


def test_the_scripts_share_one_scope_and_leave_nothing_in_the_window():
    text = asset("pupil.js").text
    assert text.startswith('"use strict";(()=>{')
    assert text.endswith("})();\n")
    assert PUPIL_SCRIPTS[0] == "device.js", "the others use it"


@pytest.mark.parametrize(
    "name", ["pupil.js", "mine.js", "pictures.svg", "forget.html", "desk.js", "desk.css"]
)
def test_an_address_names_its_content_for_good(name):
    stem, _, kind = name.partition(".")
    assert asset(name).address.startswith(f"/{stem}-")
    assert asset(name).address.endswith(f".{kind}")


def test_every_picture_that_can_be_chosen_is_drawn_once_and_within_its_square():
    views = [one.attrib for one in ET.fromstring(faces.sheet()) if one.tag.endswith("view")]
    assert {one["id"] for one in views} == {*faces.NAMES, "nobody"}
    assert len({one["viewBox"] for one in views}) == len(views)
    assert len(faces.sheet()) < 6000
