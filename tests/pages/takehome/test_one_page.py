"""What a lesson weighs as one page is known without holding that page."""

from __future__ import annotations

import tracemalloc

import pytest

from edubox.pages.model import Card, Lesson, Part
from edubox.pages.takehome import one_page

PAGES, SIZE = 60, 200_000


def lesson_in(tree, pages=PAGES, size=SIZE, type_="html", media="text/html"):
    parts = []
    for number in range(1, pages + 1):
        (tree / f"{number}.html").write_text(f"<title>{number}</title><p>" + "mot " * (size // 4))
        parts.append(Part(number, f"Partie {number}", type_, 1, f"{number}.html", media, size))
    return Lesson(Card("ministry/test/x", "Leçon", "fr"), 1, "0" * 64, tuple(parts))


def test_it_weighs_what_it_will_be(tmp_path):
    lesson = lesson_in(tmp_path, pages=3, size=2000)
    assert one_page.weight(lesson, tmp_path) == one_page.one_page(lesson, tmp_path).length > 6000


def test_weighing_holds_one_page_of_the_lesson_at_a_time(tmp_path):
    lesson = lesson_in(tmp_path)
    one_page.weight(lesson, tmp_path)  # loads the templates
    tracemalloc.start()
    try:
        assert one_page.weight(lesson, tmp_path) > PAGES * SIZE
        assert tracemalloc.get_traced_memory()[1] < PAGES * SIZE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "given", [{"size": one_page.MOST // PAGES + 1000}, {"size": 8, "type_": "file", "media": "video/mp4"}]
)
def test_what_is_too_large_or_says_nothing_weighs_nothing(tmp_path, given):
    lesson = lesson_in(tmp_path, **given)
    assert one_page.weight(lesson, tmp_path) == 0
    assert one_page.one_page(lesson, tmp_path) is None
