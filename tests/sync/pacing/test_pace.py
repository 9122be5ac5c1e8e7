"""When a box fetches and how fast: spread over the country, bounded, and never at the mercy of a wrong clock."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import BadInput
from edubox.settings import SETTINGS, check_settings
from edubox.sync.pacing import pace
from edubox.sync.pacing.pace import Belief, Pace
from edubox.trust.clock import BUILT, Floor

BOXES = [f"edubox-{number:06x}" for number in range(60_000)]
NIGHT = Pace(windows=((20 * 60, 6 * 60), (12 * 60, 13 * 60)))
BUILT_AT = BUILT.timestamp()


def busiest(moments, width):
    """The fullest stretch of *width* seconds, as a multiple of the mean between the first and the last moment."""
    counts = Counter(int(moment // width) for moment in moments)
    span = (max(moments) - min(moments)) / width
    return max(counts.values()) / (len(moments) / span)


def test_sixty_thousand_boxes_that_get_power_together_ask_the_hub_evenly():
    first = [pace.first_poll(box) for box in BOXES]
    assert min(first) >= 60
    assert max(first) <= 15 * 60
    assert busiest(first, 10) <= 2


def test_later_polls_are_spread_over_the_whole_interval_and_come_as_often_as_asked():
    gaps = [pace.next_poll(box, 1, 6 * pace.HOUR) for box in BOXES]
    assert busiest(gaps, 60) <= 2
    assert sum(gaps) / len(gaps) == pytest.approx(6 * pace.HOUR, rel=0.01)
    assert pace.next_poll(BOXES[0], 1, 600) != pace.next_poll(BOXES[0], 2, 600)


def test_a_box_keeps_its_place_from_one_day_to_the_next():
    assert pace.first_poll("edubox-1a2b3c") == pace.first_poll("edubox-1a2b3c")


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_back_off_is_never_longer_than_six_hours_and_never_a_hammer(failures, drawn):
    assert pace.BREATH <= pace.back_off(failures, drawn) <= pace.LONGEST
    assert pace.back_off(failures, drawn) <= pace.back_off(failures + 1, drawn)


def test_after_a_common_failure_the_boxes_do_not_return_together():
    returns = [pace.back_off(5, pace.share(box, 7)) for box in BOXES]
    assert busiest([one for one in returns if one > pace.BREATH], 10) <= 2


@given(st.floats(-10, 1e12), st.floats(0, 1, exclude_max=True))
def test_a_server_that_asks_to_wait_is_obeyed_within_reason(seconds, drawn):
    waited = pace.after(seconds, drawn)
    assert min(seconds, pace.LONGEST) <= waited <= 2 * pace.LONGEST


@pytest.mark.parametrize(
    ("minute", "silence", "opens"),
    [
        (21 * 60, 0, True), (0, 0, True), (5 * 60 + 59, 0, True), (6 * 60, 0, False), (12 * 60 + 30, 0, True),
        (13 * 60, 0, False), (10 * 60, 20 * 60, True), (10 * 60, 19 * 60, False), (None, 0, False), (None, 20 * 60, True),
    ],
)  # fmt: skip
def test_a_box_fetches_in_its_hours_or_when_nobody_reads(minute, silence, opens):
    assert pace.is_open(NIGHT, minute, silence) is opens


@given(st.none() | st.integers(0, 1439), st.floats(0, 1e6))
def test_without_hours_it_may_fetch_at_any_time(minute, silence):
    assert pace.is_open(Pace(), minute, silence)


@given(st.lists(st.tuples(st.floats(-1e18, 1e18), st.floats(0, 1e5), st.booleans()), max_size=20))
def test_no_clock_is_doubted_for_more_than_a_day_of_running(readings):
    belief, up, boots = Belief(), 0.0, 0
    for wall, passed, restarted in readings:
        boots, up = (boots + 1, 0.0) if restarted else (boots, up + passed)
        belief.holds(wall, up, str(boots), Floor())
    # From here on the clock is right and runs: its first reading may be a step back.
    wall = BUILT_AT + pace.DAY
    belief.holds(wall, up, str(boots), Floor())
    assert belief.holds(wall + pace.DAY, up + pace.DAY, str(boots), Floor())


def test_a_clock_before_this_program_or_years_ahead_is_not_believed():
    assert not pace.is_plausible(0, Floor())
    assert not pace.is_plausible(datetime(2099, 1, 1, tzinfo=UTC).timestamp(), Floor())
    assert pace.is_plausible((BUILT + timedelta(days=300)).timestamp(), Floor())
    assert not pace.is_plausible(1e30, Floor())


def test_a_clock_that_went_back_is_doubted_until_the_next_start():
    belief = Belief()
    assert belief.holds(BUILT_AT + 9000, 10, "one", Floor())
    assert not belief.holds(BUILT_AT + 1000, 20, "one", Floor())
    assert not belief.holds(BUILT_AT + 1010, 30, "one", Floor())
    assert belief.holds(BUILT_AT + 1020, 5, "two", Floor())


@pytest.mark.parametrize(
    ("chosen", "day", "month", "used_up"),
    [
        (Pace(), 10**12, 10**12, False), (Pace(day=100), 99, 0, False), (Pace(day=100), 100, 0, True),
        (Pace(month=3000), 0, 2999, False), (Pace(month=3000), 0, 3000, True),
        (Pace(month=3000), 99, None, False), (Pace(month=3000), 100, None, True),
        (Pace(day=50, month=3000), 60, None, True), (Pace(day=50), 60, None, True),
    ],
)  # fmt: skip
def test_the_budget_of_the_line(chosen, day, month, used_up):
    assert bool(pace.exhausted(chosen, day, month)) is used_up


def test_the_slower_limit_counts_and_none_is_none():
    both = Pace(rate=1000, reading_rate=250)
    assert (pace.speed(both, reading=False), pace.speed(both, reading=True)) == (1000, 250)
    assert pace.speed(Pace(rate=100, reading_rate=250), reading=True) == 100
    assert pace.speed(Pace(reading_rate=250), reading=False) == 0


def test_a_metered_line_carries_small_files_unless_a_person_asks():
    metered = Pace(metered=True)
    assert pace.too_large(metered, pace.SMALL + 1, asked=False)
    assert not pace.too_large(metered, pace.SMALL, asked=False)
    assert not pace.too_large(metered, 10**9, asked=True)
    assert not pace.too_large(Pace(), 10**9, asked=False)


def test_settings_become_a_pace_in_seconds_and_bytes():
    values = {one.name: one.default for one in SETTINGS}
    chosen = Pace.of(values | {"windows": ["20:00-06:30"], "rate_kbit": 256, "month_mb": 2})
    assert chosen.windows == ((1200, 390),)
    assert (chosen.rate, chosen.month, chosen.every, chosen.quiet) == (32_000, 2_000_000, 21_600, 1200)
    assert chosen.reading_rate == 250_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"windows": ["8-18"]}, {"windows": ["24:00-06:00"]}, {"every_minutes": 0}, {"rate_kbit": 1}, {"day_mb": -1},
        {"quiet_minutes": -1},
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_with_its_name(wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        check_settings(wrong, "box.toml")
