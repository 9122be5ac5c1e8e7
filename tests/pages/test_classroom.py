"""A class's pages as text: from plain data alone, the same each time, so that a site can be written of them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from edubox.pages import classroom
from edubox.pages.addresses import Place
from edubox.pages.classroom import Announcement, Given, SchoolClass, Showing
from edubox.pages.model import Card, Lesson, Part
from tests.pages.test_render import FRAME

LESSON = Lesson(
    Card("ministry/test/volcans", "Les <volcans>", "fr"), 1, "0" * 64,
    (Part(0, "Chapitre", "chapter"), Part(1, "Lire", "html", path="i.html"), Part(2, "S’exercer", "html", path="b.html")),
)  # fmt: skip
LESSONS = {LESSON.card.address: LESSON}
CLASS = SchoolClass(
    "482913", "6e B", given=(
        Given(1, LESSON.card.address, "", "Les volcans", "pour jeudi", 1_790_000_000),
        Given(2, LESSON.card.address, "b.html", "S’exercer", "", 1_790_000_000),
        Given(3, "ministry/test/lune", "", "La Lune", "", 1_790_000_000, withdrawn=1_790_000_000),
    ),
    announcements=(Announcement(1, "Musée", "2026-12-24"),),
)  # fmt: skip


def test_the_page_of_a_class_is_a_function_of_what_it_shows():
    once = classroom.class_page(FRAME, CLASS, LESSONS)
    assert once == classroom.class_page(FRAME, CLASS, dict(LESSONS))
    assert "<volcans>" not in once
    assert "pour jeudi" in once
    assert "La Lune" not in once, "what was withdrawn is the teacher's to see"


@pytest.mark.parametrize(("part", "place"), [("", "lesson"), ("b.html", "part"), ("gone.html", "lesson")])
def test_a_part_is_found_by_its_path_and_a_lost_one_is_its_lesson(part, place):
    assert classroom.place_of(LESSON, part).kind == place


def test_a_chapter_without_a_page_is_no_part():
    assert classroom.place_of(LESSON, "") == Place("lesson", address=LESSON.card.address)


def test_only_this_is_the_only_link_of_the_page():
    shown = replace(
        CLASS, showing=Showing(7, LESSON.card.address, "b.html", "x", only=True, began=1, until=2)
    )
    text = classroom.class_page(FRAME, shown, LESSONS)
    main = text.partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'href="([^"]+)"', main) == ["/fr/lecon/ministry/test/volcans/2/"]
    assert 'data-show="7"' in main


def test_a_lesson_looks_on_its_class_s_page_as_in_every_list():
    pictured = replace(LESSON, card=replace(LESSON.card, picture=f"{LESSON.manifest}/cover.webp"))
    assert "cover.webp" in classroom.class_page(FRAME, CLASS, {pictured.card.address: pictured})


def test_a_lesson_that_cannot_be_shown_does_not_empty_the_page():
    shown = replace(CLASS, showing=Showing(7, "ministry/test/gone", "", "x", only=True, began=1, until=2))
    assert "pour jeudi" in classroom.class_page(FRAME, shown, LESSONS)


def test_a_problem_s_form_names_the_part_and_thanks_for_it():
    form = classroom.report_page(FRAME, LESSON.card, LESSON.parts[2])
    assert 'value="2"' in form
    assert form.count('type="radio"') - form.count('name="size"') == len(classroom.REPORTS)
    for said in ("thanks", "full", "flood"):
        after = classroom.report_page(FRAME, LESSON.card, LESSON.parts[2], said)
        assert 'method="post"' not in after
        assert "/fr/lecon/ministry/test/volcans/2/" in after
