"""A class's openings are numbers: of a class, a lesson and a day, rarely written, and of nobody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from edubox.box.school import classes
from edubox.box.school.openings import KEPT, MOST, PAUSE, Openings
from tests.box.classes.conftest import Browser

LUNE = "ministry/test/lune"
DAY = date(2026, 11, 25)


@pytest.fixture
def given(file, code):
    classes.give(file, code, LUNE, "La Lune", day=1)
    return code


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def rows(file):
    return file.read(
        lambda db: [tuple(row) for row in db.execute("SELECT lesson, day, count FROM opening")], []
    )


def test_openings_are_counted_in_memory_and_written_once_in_ten_minutes(file, given):
    clock = Clock()
    openings = Openings(file, clock)
    before = file.version()
    for _ in range(30):
        openings.count(given, LUNE, DAY)
    assert file.version() == before
    assert openings.of_class(given, DAY) == {LUNE: 30}
    clock.now = PAUSE
    openings.count(given, LUNE, DAY)
    openings.count(given, LUNE, DAY)
    assert rows(file) == [(LUNE, "2026-11-25", 31)]
    assert openings.of_class(given, DAY) == {LUNE: 32}
    assert openings.of_class(given, DAY + timedelta(days=1)) == {}


def test_what_a_stranger_invents_is_bounded_and_written_nowhere(file, given):
    openings = Openings(file, Clock())
    for number in range(MOST + 500):
        openings.count(str(100_000 + number), LUNE, DAY)
    openings.count("x" * 1000, LUNE, DAY)
    assert len(openings._counted) == MOST
    openings = Openings(file, Clock())
    openings.count("111111", LUNE, DAY)
    openings.count(given, "ministry/test/gone", DAY)
    openings.write(DAY)
    assert rows(file) == []


def test_old_numbers_leave(file, given):
    openings = Openings(file, Clock())
    openings.count(given, LUNE, DAY - timedelta(days=KEPT + 1))
    openings.write(DAY)
    openings.count(given, LUNE, DAY)
    openings.write(DAY)
    assert rows(file) == [(LUNE, "2026-11-25", 1)]


def test_a_class_s_link_counts_and_another_way_to_the_lesson_does_not(box, file, given):
    browser = Browser(box.data)
    link = f"/fr/lecon/{LUNE}/?class={given}"
    assert link in browser.text(f"/fr/classe/{given}/")
    for _ in range(3):
        assert browser.get(link, **{"User-Agent": "Zanzibar"}).status_code == 200
    browser.get(f"/fr/lecon/{LUNE}/")
    page = browser.desk(f"{given}/")
    assert "3 openings in two weeks" in page or "3 ouvertures" in page
    assert "Set-Cookie" not in browser.get(link).headers


def test_the_numbers_go_with_their_class(file, given):
    openings = Openings(file, Clock())
    openings.count(given, LUNE, DAY)
    openings.write(DAY)
    classes.delete(file, given)
    assert rows(file) == []
