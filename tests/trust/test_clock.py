"""What time a box believes it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edubox.trust.clock import BELIEVED, BUILT, Floor, staleness

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LATER = BUILT + 100 * DAY
FAR = BUILT + 400 * DAY
KEYS = {"a"}


def test_a_clock_that_begins_in_1970_is_lifted_to_the_floor():
    assert Floor().now(datetime(1970, 1, 1, tzinfo=UTC)) == BUILT
    assert Floor(LATER, ("a",)).now(BUILT + DAY) == LATER


def test_a_clock_that_goes_is_believed_for_three_years_past_the_floor_and_not_longer():
    floor = Floor(LATER, ("a",))
    assert floor.now(LATER + DAY) == LATER + DAY
    assert floor.now(LATER + BELIEVED) == LATER + BELIEVED
    assert floor.now(LATER + BELIEVED + SECOND) == LATER, "a battery that forgot the year"


def test_a_verified_directory_lifts_the_floor_and_never_lowers_it():
    floor = Floor().raised(LATER, FAR, KEYS)
    assert floor == Floor(LATER, ("a",))
    assert floor.raised(LATER - DAY, FAR, KEYS) == floor
    assert floor.raised(BUILT - 900 * DAY, FAR, KEYS) == floor
    assert Floor().raised(BUILT - DAY, FAR, KEYS) == Floor()


def test_the_hub_alone_cannot_push_the_time_to_where_everything_is_expired():
    floor = Floor().raised(datetime(2099, 1, 1, tzinfo=UTC), FAR, KEYS)
    assert floor.moment < FAR
    assert Floor().raised(datetime.max.replace(tzinfo=UTC), FAR, KEYS).moment < FAR


def test_a_timestamp_without_a_time_or_without_a_zone_says_nothing():
    floor = Floor(LATER, ("a",))
    assert floor.raised(None, FAR, KEYS) == floor
    assert floor.raised(datetime(2027, 6, 1), FAR, KEYS) == floor  # noqa: DTZ001


@pytest.mark.parametrize("keys", [{"b"}, set()])
def test_the_floor_goes_with_the_key_that_vouched_for_it(keys):
    floor = Floor(LATER + 200 * DAY, ("a",))
    assert floor.raised(LATER, FAR, keys) == Floor(LATER, tuple(sorted(keys)))
    assert floor.raised(None, FAR, keys) == Floor()


def test_a_floor_that_several_keys_could_have_set_goes_when_one_of_them_leaves():
    floor = Floor(LATER + 200 * DAY, ("a", "b"))
    assert floor.raised(LATER, FAR, {"a", "b", "c"}) == floor
    assert floor.raised(LATER, FAR, {"b"}) == Floor(LATER, ("b",))


def test_it_is_kept_in_a_small_file():
    floor = Floor(LATER, ("a", "b"))
    assert Floor.from_bytes(floor.to_bytes()) == floor


@pytest.mark.parametrize("data", [
    b"", b"\xff", b"[]", b"{}", b'{"floor":1}', b'{"floor":"x","keys":[]}', b'{"floor":1e400,"keys":[]}',
    b'{"floor":99999999999999999999,"keys":[]}', b'{"floor":1,"keys":7}', b"[" * 100_000, b'{"floor":null,"keys":[]}',
])  # fmt: skip
def test_a_damaged_file_is_no_floor_and_no_error(data):
    assert Floor.from_bytes(data) == Floor()


def test_a_file_from_before_this_program_does_not_count():
    assert Floor.from_bytes(b'{"floor":1,"keys":["a"]}').moment == BUILT


@pytest.mark.parametrize(("days", "level"), [
    (-5, "fresh"), (0, "fresh"), (1, "note"), (90, "note"), (91, "warning"), (400, "warning"), (401, "blocked"),
])  # fmt: skip
def test_old_signatures_grow_louder(days, level):
    assert staleness(days) == level


def test_ended_signatures_are_tried_at_the_last_fresh_time_unless_a_lie_may_have_made_it():
    honest = Floor(LATER, ("a",))
    assert honest.retry(LATER - DAY, LATER + DAY) == LATER - DAY
    assert honest.retry(None, LATER - DAY) is None
    lied = Floor(FAR, ("a",))
    assert lied.retry(FAR, LATER) == LATER, "the system clock may be right"
    assert lied.retry(FAR, datetime(1970, 1, 1, tzinfo=UTC)) == BUILT
    assert lied.retry(FAR, datetime(2099, 1, 1, tzinfo=UTC)) == BUILT
