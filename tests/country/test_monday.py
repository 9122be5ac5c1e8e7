"""A Monday morning that nobody notices, in small: the same simulation as ``make prove-monday`` with 600 schools."""

from __future__ import annotations

import pytest

from tests.country.monday import DAY, Release, simulate

BOXES = 600
#: As narrow for 600 schools as 1 Gbit/s is for 60,000.
HUB = 1e9 * BOXES / 60_000


@pytest.fixture(scope="module")
def courses():
    plans = {
        "hub": Release(BOXES, hub=HUB),
        "mirrors": Release(BOXES, hub=HUB, academies=30, academy=HUB),
        "nights": Release(BOXES, hub=HUB, ahead=3 * DAY),
        "both": Release(BOXES, hub=HUB, ahead=3 * DAY, academies=30, academy=HUB),
    }
    return {name: simulate(plan) for name, plan in plans.items()}


def test_every_school_gets_the_lesson_in_the_end(courses):
    assert {name: len(course.done) for name, course in courses.items()} == dict.fromkeys(courses, BOXES)


def test_nights_and_academies_make_monday_a_day_like_any_other(courses):
    assert courses["hub"].ready(0, BOXES) == 0
    assert courses["both"].ready(0, BOXES) > 0.95
    assert courses["both"].hours(1, BOXES) < 6
    assert courses["hub"].hours(1, BOXES) > 48


def test_with_academies_the_hub_sends_each_of_them_once(courses):
    assert courses["mirrors"].hub_bytes == pytest.approx(30 * 500e6)
    assert courses["hub"].hub_bytes == pytest.approx(BOXES * 500e6)


def test_a_hub_is_never_asked_to_send_more_than_it_can(courses):
    assert all(course.peak_gbit <= HUB / 1e9 * 1.001 for course in courses.values())


def test_boxes_that_all_come_on_when_school_begins_do_not_come_at_once(courses):
    """A third of the country is switched on in the same second and asks within a quarter of an hour."""
    assert courses["hub"].peak_requests < 0.03 * BOXES * 5


def test_stages_let_a_few_schools_begin():
    early, late = ("2026-11-28T08:00Z", 100), ("2026-12-01T08:00Z", 1000)
    course = simulate(Release(BOXES, hub=HUB, ahead=3 * DAY, academies=30, academy=HUB, staged=(early, late)))
    assert 0.05 < course.ready(0, BOXES) < 0.15
    assert len(course.done) == BOXES
