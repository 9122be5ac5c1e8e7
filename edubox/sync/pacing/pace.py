"""When a box fetches, and how fast: pure decisions. Clocks, files and sleeping are in ``usage``, ``paced`` and the keeper.

A village's boxes get power at the same second, and a hub answers 60,000 of them: so every moment is spread,
the first too, by a hash of the box's id, and every wait after a failure is drawn from its whole length (*full
jitter*). Hours need a clock that can be believed; silence (no page opened for a while) does not, nor do
intervals, which count the seconds of running. Sizes are bytes, times seconds, rates bytes a second; 0 as a
limit is no limit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from edubox.trust.clock import BELIEVED, BUILT, Floor

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
#: The first poll comes between these after power-on: 60,000 boxes at once are then 71 polls a second.
FIRST = (1 * MINUTE, 15 * MINUTE)
#: The same of a box that has no lesson yet: somebody stands beside it who has just switched it on for the first time.
FIRST_EVER = (5.0, 1 * MINUTE)
#: The least and the most that a failure, or a server that asks for patience, makes us wait; the wait is drawn below it.
SHORTEST, LONGEST = 1 * MINUTE, 6 * HOUR
#: Nothing is tried again sooner, whatever was drawn.
BREATH = 10.0
#: Pupils read if a page was opened in so many seconds.
READING = 60.0
#: The largest file that a metered line carries unasked: a text lesson's update, no film.
SMALL = 1_000_000
#: A clock that goes back by more is not believed for a DAY.
BACK = 10 * MINUTE
#: Days of a month, for a box that does not know the date.
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Pace:
    """What ``box.toml`` says. *windows* are pairs of minutes of the day; an end before its beginning is past midnight."""

    automatic: bool = True
    every: float = 6 * HOUR
    windows: tuple[tuple[int, int], ...] = ()
    quiet: float = 20 * MINUTE
    day: int = 0
    month: int = 0
    metered: bool = False
    rate: float = 0.0
    reading_rate: float = 0.0

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Self:
        """The pace that checked *settings* ask for."""
        return cls(
            automatic=settings["automatic"],
            every=settings["every_minutes"] * MINUTE,
            windows=tuple(_window(text) for text in settings["windows"]),
            quiet=settings["quiet_minutes"] * MINUTE,
            day=settings["day_mb"] * 1_000_000,
            month=settings["month_mb"] * 1_000_000,
            metered=settings["metered"],
            rate=settings["rate_kbit"] * 125.0,
            reading_rate=settings["reading_kbit"] * 125.0,
        )


def _window(text: str) -> tuple[int, int]:
    begin, end = (int(one[:2]) * 60 + int(one[3:]) for one in text.split("-"))
    return begin, end


# --- when ----------------------------------------------------------------------------------------------


def share(box: str, number: int) -> float:
    """A number from 0 to 1 (exclusive) that is always the same for the poll *number* of *box*, and even over boxes."""
    return int.from_bytes(hashlib.sha256(f"{box} {number}".encode()).digest()[:6], "big") / 2.0**48


def first_poll(box: str, *, empty: bool = False) -> float:
    """Seconds from power-on to the first poll of *box*; *empty*: it has no lesson yet."""
    earliest, latest = FIRST_EVER if empty else FIRST
    return earliest + share(box, 0) * (latest - earliest)


def next_poll(box: str, number: int, every: float) -> float:
    """Seconds from the end of a poll to the poll *number* (from 1) of *box*: *every* in the mean, half to one and a half."""
    return every * (0.5 + share(box, number))


def back_off(failures: int, drawn: float) -> float:
    """Seconds to wait after so many *failures* in a row; *drawn* is a random number from 0 to 1."""
    longest = min(SHORTEST * 2.0 ** min(max(failures, 1) - 1, 30), LONGEST)
    return max(longest * drawn, BREATH)


def after(seconds: float, drawn: float) -> float:
    """Seconds to wait when a server asked for *seconds*: not before, and spread over as long again. A lie is bounded."""
    return min(max(seconds, BREATH), LONGEST) * (1.0 + drawn)


def is_open(pace: Pace, minute: int | None, silence: float) -> bool:
    """Whether the box may fetch unasked: in its hours, or when no page was opened for long enough.

    *minute* is the minute of the day, None if the clock is not believed; *silence* counts since the last page.
    """
    if not pace.windows or silence >= pace.quiet:
        return True
    return minute is not None and any(
        begin <= minute < end if begin < end else minute >= begin or minute < end
        for begin, end in pace.windows
    )


@dataclass(slots=True)
class Belief:
    """Whether this computer's clock may be believed; it remembers what the clock said last.

    A battery that forgot the year says less than the floor, a broken one more than 3 years past it (see
    ``trust.clock``); one that went back was wrong then or is now. Doubt ends after a day of running or with
    the next start, so that a correction is no punishment and a clock that falls back at every start is never
    believed.
    """

    wall: float = 0.0
    boot: str = ""
    doubt: float = 0.0

    def holds(self, wall: float, up: float, boot: str, floor: Floor) -> bool:
        """Whether *wall* (seconds since 1970) can be the time. *up*: seconds since the start named *boot*."""
        if boot != self.boot:
            self.boot, self.doubt = boot, 0.0
        if wall < self.wall - BACK:
            self.doubt = up + DAY
        self.wall = wall
        return up >= self.doubt and is_plausible(wall, floor)


def is_plausible(wall: float, floor: Floor) -> bool:
    """Whether a clock that says *wall* is neither before this program was made nor far past the *floor*."""
    try:
        moment = datetime.fromtimestamp(wall, UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return BUILT <= moment <= floor.moment + BELIEVED


# --- how much, how fast --------------------------------------------------------------------------------


def exhausted(pace: Pace, day: int, month: int | None) -> str:
    """Why the line may carry nothing more, or nothing: *day* and *month* are the bytes that came over it so far.

    *month* is None for a box that does not know the date: a thirtieth of a month's bytes may then come a day.
    """
    allowance = pace.day
    if month is None and pace.month:
        allowance = min(pace.day or pace.month, pace.month // MONTH_DAYS)
    if month is not None and 0 < pace.month <= month:
        return "the month's bytes are used up"
    if 0 < allowance <= day:
        return "the day's bytes are used up"
    return ""


def speed(pace: Pace, *, reading: bool) -> float:
    """Bytes a second over any line or air, 0 if there is no limit; *reading*: pupils read now."""
    limits = [limit for limit in (pace.rate, pace.reading_rate if reading else 0.0) if limit]
    return min(limits, default=0.0)


def too_large(pace: Pace, size: int, *, asked: bool) -> bool:
    """Whether a file of *size* waits because the line is metered and nobody *asked* to fetch now."""
    return pace.metered and not asked and size > SMALL
