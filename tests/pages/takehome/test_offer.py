"""What a lesson's page says of taking it home."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from edubox.pages import render
from edubox.pages.model import Part
from tests.pages.test_render import FRAME, LESSON

ENGLISH = replace(FRAME, language="en")
PAGE, ZIP = "For a phone, this lesson is too large to be one page.", "too large to be one file."


def offer(**lesson):
    text = render.lesson(ENGLISH, replace(LESSON, **lesson))
    return re.search(r'<section class="take".*?</section>', text, re.DOTALL)[0]


def test_what_there_is_is_offered_with_its_size():
    said = offer(take_page=1_500_000, take_zip=30_000_000)
    assert re.search(r"lesson\.html.*For a phone <small>1.5.MB", said)
    assert re.search(r"lesson\.zip.*For a computer <small>30.MB", said)
    assert "too large" not in said


@pytest.mark.parametrize(
    ("page", "whole", "sentences"), [(0, 30_000_000, [PAGE]), (0, 0, [PAGE, ZIP]), (9, 0, [ZIP])]
)
def test_what_is_too_large_is_said_and_not_left_out(page, whole, sentences):
    said = offer(take_page=page, take_zip=whole)
    assert [one for one in (PAGE, ZIP) if one in said] == sentences


def test_what_is_not_offered_here_or_not_yet_is_not_called_too_large():
    assert "too large" not in offer(take_page=None, take_zip=None)


def test_films_alone_are_no_page_that_became_too_large():
    assert PAGE not in offer(take_page=0, take_zip=5000, parts=(replace(LESSON.parts[2], number=1),))


def test_a_lesson_that_is_one_document_offers_the_document_itself():
    said = offer(parts=(replace(LESSON.parts[3], number=1),), take_page=0, take_zip=60_000)
    assert re.search(r"fiche\.pdf\?download.*The document <small>50.kB", said)
    assert "/take/" not in said
    assert "too large" not in said


def test_a_book_whose_file_was_not_kept_is_taken_as_a_zip():
    book = Part(1, "Livre", "epub", 0, "livre.epub.d/OPS/p.opf", "application/oebps-package+xml", 900)
    said = offer(parts=(book,), original="", take_page=0, take_zip=60_000)
    assert "lesson.zip" in said
    assert "The book" not in said
