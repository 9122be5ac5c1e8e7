"""Covers: drawn from subject and title alone, different enough to tell lessons apart."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pages.colours import contrast, deep
from edubox.pages.country import Topic
from edubox.pages.covers import cover
from edubox.pages.icons import icon

MATHS = Topic("maths", {}, colour="#2563eb", icon="calculator")
TITLES = [f"Leçon {number}" for number in range(40)]


def test_the_same_lesson_always_looks_the_same():
    assert cover("Les fractions", MATHS) == cover("Les fractions", MATHS)


def test_lessons_of_one_subject_can_be_told_apart():
    assert len({cover(title, MATHS) for title in TITLES}) == len(TITLES)


@pytest.mark.parametrize("subject", [MATHS, None, Topic("x", {}, icon="unknown", colour="#ffff00")])
def test_a_cover_is_a_small_drawing_in_the_colour_of_its_subject(subject):
    for title in TITLES:
        drawing = cover(title, subject)
        shapes = ET.fromstring(drawing)
        assert shapes.get("aria-hidden") == "true"
        assert len(list(shapes.iter())) > 5, "no lesson is a plain box"
        assert len(drawing) < 5000
        if subject:
            assert deep(subject.colour) in drawing
            assert contrast(deep(subject.colour), "#ffffff") >= 4.5


@given(st.text())
def test_no_title_gets_into_the_drawing(title):
    ET.fromstring(cover(title + "<script>&", None))


def test_icons_are_decoration():
    assert ET.fromstring(icon("atom")).get("aria-hidden") == "true"
    assert icon("no such icon") == icon("book")
