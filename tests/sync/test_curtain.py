"""Monday's lessons travel before Monday; a new version goes to a few schools first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from edubox.sync import checking, curtain, stages
from tests.sync.country import NOW, PUBLISHER, Box, film, text

LUNE = f"{PUBLISHER}/lune"
OLD = {"index.html": text(1, 30_000)}
NEW = {"index.html": text(2, 30_000), "film.mp4": film(3, 400_000)}
MONDAY = NOW + timedelta(days=5)


@pytest.fixture
def waiting(country, box):
    """A box with version 1, whose version 2 travels before its Monday."""
    country.publish("lune", OLD)
    box.sync()
    again(country, "lune", NEW, frozenset(["film.mp4"]), not_before=f"{MONDAY:%Y-%m-%dT%H:%MZ}")
    return box


def again(country, slug, contents, media=frozenset(), **changed):
    """Publish *contents* with an index that says more."""
    index = country.publish(slug, contents, media)
    country.sign(f"{slug}.json", replace(index, **changed).to_bytes())
    return index


def at(box, moment, *sources):
    """What a synchronisation of *box* at *moment* says."""
    box.now = moment
    return box.sync(*sources)


def state(report):
    (entry,) = report.packs
    return entry["version"], entry["state"]


def test_a_class_goes_on_with_the_old_lesson_until_monday_and_then_needs_no_line(country, waiting):
    report = waiting.sync()
    assert state(report) == (2, "closed")
    assert report.bytes > 400_000
    assert waiting.read("lune") == OLD
    (coming,) = curtain.read_curtains(waiting.data)
    assert (coming.address, coming.version, coming.moment, coming.ready) == (
        LUNE,
        2,
        MONDAY.timestamp(),
        True,
    )
    again_report = waiting.sync()
    assert state(again_report) == (2, "closed")
    assert again_report.bytes < 2000
    opened = at(waiting, MONDAY, waiting.data / "mirror")
    assert state(opened) == (2, "ready")
    assert waiting.read("lune") == NEW
    assert curtain.read_curtains(waiting.data) == []


def test_a_school_that_needs_the_lesson_today_opens_it(waiting):
    waiting.sync()
    curtain.open_now(waiting.data, LUNE, 2)
    assert state(waiting.sync(waiting.data / "mirror")) == (2, "ready")
    assert waiting.read("lune") == NEW


def test_what_waits_does_not_leave_with_the_nights(country, waiting):
    waiting.sync()
    for night in range(1, 4):
        at(waiting, NOW + timedelta(days=night))
    at(waiting, MONDAY, waiting.data / "mirror")
    assert waiting.read("lune") == NEW


def test_a_version_for_a_few_schools_first_reaches_every_school_in_the_end(country, tmp_path):
    country.publish("lune", OLD)
    boxes = [Box(tmp_path / f"box{number}", country) for number in range(6)]
    for number, one in enumerate(boxes):
        one.sync()
        (one.data / "keys").mkdir(exist_ok=True)
        (one.data / "keys" / "own.json").write_text(f'{{"id": "local/{number:026}"}}')
    steps = ((f"{NOW:%Y-%m-%dT%H:%MZ}", 500), (f"{MONDAY:%Y-%m-%dT%H:%MZ}", 1000))
    new = again(country, "lune", NEW, stages=steps)
    first = [stages.place(f"local/{number:026}", new.manifest) < 500 for number in range(6)]
    assert {True, False} == set(first)
    for one, early in zip(boxes, first, strict=True):
        assert state(one.sync()) == (2, "ready" if early else "later")
        assert (one.read("lune") != OLD) == early
    for one in boxes:
        at(one, MONDAY)
        assert one.read("lune") != OLD


def test_places_are_even_and_others_come_first_the_next_time():
    places = [stages.place(f"local/{number}", "a" * 64) for number in range(10_000)]
    assert min(places) >= 0
    assert max(places) < 1000
    assert 900 < sum(place < 100 for place in places) < 1100
    again = [stages.place(f"local/{number}", "b" * 64) for number in range(10_000)]
    assert sum(early < 100 and late < 100 for early, late in zip(places, again, strict=True)) < 150


def test_a_hub_that_hears_of_failures_makes_boxes_wait_and_no_longer_than_two_weeks(country, box):
    country.publish("lune", OLD)
    checking.keep_answer(box.data, {"next": 3600, "hold": [[LUNE, 1]]}, NOW.timestamp())
    assert state(box.sync()) == (1, "later")
    late = NOW + timedelta(days=15)
    assert state(at(box, late)) == (1, "ready")


@pytest.mark.parametrize("said", [
    None, [], {}, {"next": "x", "hold": []}, {"next": 1, "hold": 5}, {"next": 1, "hold": [["../x", 1]]}, {"next": 1, "hold": [[LUNE]]},
    {"next": 10**400, "hold": []},
])  # fmt: skip
def test_a_hub_that_answers_nonsense_changes_nothing(tmp_path, said):
    checking.keep_answer(tmp_path, said, NOW.timestamp())
    assert checking.read_answer(tmp_path) == checking.HubAnswer()


def test_a_hub_can_ask_for_no_other_pace_than_a_sane_one(tmp_path):
    for asked, kept in ((1, 900), (10**9, 2 * 86_400), (3600, 3600)):
        checking.keep_answer(tmp_path, {"next": asked, "hold": []}, NOW.timestamp())
        assert checking.read_answer(tmp_path).next == kept
