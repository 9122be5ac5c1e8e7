"""The statement on accessibility claims nothing that no test shows."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from edubox.pages import render
from tests.pages.desk_states import FRAME

BROWSER = Path(__file__).parents[1] / "browser"
#: The first words of what the statement says was tested → the tests that do.
SHOWN = {
    "everything can be reached": {"test_access.py": "test_the_keyboard_alone_", "test_pupil.py": "test_a_keyboard_reaches_everything_"},
    "every page has a language": {"test_axe.py": "test_every_page_in_every_state"},
    "what a finger touches": {"test_pupil.py": "test_every_page_fits_has_room_for_fingers", "test_class.py": "test_every_page_fits_and_has_room_for_fingers"},
    "nothing is cut off": {"test_access.py": "test_nothing_is_lost"},
    "the colours of the pages": {"test_axe.py": "test_every_page_in_every_state"},
    "pages can be read without scripts": {"test_device.py": "test_without_scripts_", "test_class.py": "test_without_scripts_"},
}  # fmt: skip


def statement():
    return unescape(render.accessibility(replace(FRAME, language="en")))


def test_every_claim_has_its_test():
    tested = statement().partition("What has been tested")[2].partition("</ul>")[0]
    claims = re.findall(r"<li>(.*?)</li>", tested)
    assert len(claims) == len(SHOWN)
    for claim in claims:
        (shown,) = [tests for words, tests in SHOWN.items() if claim.startswith(words)]
        for file, name in shown.items():
            assert f"def {name}" in (BROWSER / file).read_text("utf-8"), claim


@pytest.mark.parametrize(
    "promise", ["larger text", "letters further apart", "more contrast", "nothing moves"]
)
def test_what_readers_may_choose_is_what_is_offered(promise):
    page = statement()
    assert promise in page
    assert len(re.findall(r'name="(letters|contrast|still)"', page)) == 3
    assert len(re.findall(r'name="size"', page)) == 4
