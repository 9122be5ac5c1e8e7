"""A release to a whole country on an event clock: 60,000 boxes poll and fetch as the box's own code decides, and the lines fill.

What a box decides is not simulated: when it polls after power-on and after a poll is ``sync.pacing.pace``, which boxes are
first is ``sync.stages``, when the lesson is shown ``sync.curtain``. Simulated are lines, power and the hub's uplink: in steps of a minute every line
takes an equal share of what its source can send, and no more than it carries. Boxes with equal lines go on equally, so a step
costs as much as there are kinds of lines, not as there are boxes. Requests are counted by the second.

Assumed, since nobody measured a country: the lines of ``LINES``, and that three boxes in ten are switched off outside school hours.
"""

from __future__ import annotations

import heapq
from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from edubox.pack.index import Index
from edubox.settings import SETTINGS
from edubox.sync import stages
from edubox.sync.pacing import pace

#: Bits a second that the line of a school carries, and how many schools in a hundred have it.
LINES = ((256_000, 10), (1_000_000, 20), (4_000_000, 30), (10_000_000, 25), (50_000_000, 15))
#: Boxes in a hundred that are switched off at night and at weekends, and the hours in which they run.
SCHOOL_HOURS_ONLY, HOURS = 30, (7, 18)
#: Pupils read at these hours of a weekday; then a box fetches more slowly.
READING = ((8, 12), (14, 17))
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
STEP, DAY = 60, 86_400
#: Bytes of a file that are asked for at once (DESIGN, Pack: pieces).
PIECE = 4 << 20


@dataclass(frozen=True, slots=True)
class Release:
    """*size* bytes for *boxes* schools, shown on MONDAY, travelling since *ahead* seconds before; *academies*: mirrors, 0 for none.

    *hub* and *academy*: bits a second that each can send. *requests*: questions of one look for something new, of which one is the
    check-in: that alone reaches the hub where an academy has a mirror.
    *staged*: stages of the index, if it has any. *days* are simulated at most.
    """

    boxes: int
    size: int = 500_000_000
    ahead: int = 0
    academies: int = 0
    hub: float = 1e9
    academy: float = 1e9
    requests: int = 5
    staged: tuple[tuple[str, int], ...] = ()
    days: int = 14


@dataclass(slots=True)
class Course:
    """How it went: *done* has the second (after MONDAY) at which each school had all of it, *sent* the bytes of the hub in each step."""

    begin: int
    done: array[float] = field(default_factory=lambda: array("d"))
    sent: array[float] = field(default_factory=lambda: array("d"))
    peak_requests: int = 0
    mean_requests: float = 0.0

    @property
    def peak_gbit(self) -> float:
        """The hub's busiest minute."""
        return max(self.sent, default=0.0) * 8 / STEP / 1e9

    @property
    def hub_bytes(self) -> float:
        """What the hub sent in all."""
        return sum(self.sent)

    def ready(self, second: float, boxes: int) -> float:
        """The share of schools that had all of it so many seconds after MONDAY."""
        return sum(moment <= second for moment in self.done) / boxes

    def hours(self, share: float, boxes: int) -> float | None:
        """Hours after MONDAY until this *share* of schools had all of it; None if they never had."""
        ordered = sorted(self.done)
        place = min(int(share * boxes), boxes - 1)
        return ordered[place] / 3600 if place < len(ordered) else None


class _Kind:
    """Boxes with equal lines: each that is fetching got ``given`` bytes since the first of them began."""

    __slots__ = ("ends", "given", "line", "nights", "source", "waiting")

    def __init__(self, line: int, source: int, *, nights: bool) -> None:
        self.line, self.source, self.nights = line, source, nights
        self.given, self.ends, self.waiting = 0.0, [], 0


def simulate(release: Release) -> Course:
    """The course of *release*."""
    settings = {setting.name: setting.default for setting in SETTINGS}
    own = pace.Pace.of(settings)
    index = Index("Leçon", "fr", 1, "2026-11-24T08:00Z", "a" * 64, stages=release.staged)
    # The day before the release is simulated too, so that polls are where a running country has them.
    begin, published = -release.ahead - DAY, -release.ahead
    course = Course(begin)
    lines = [line for line, share in LINES for _ in range(share)]
    kinds: dict[tuple[int, int, bool], _Kind] = {}
    seconds: dict[int, int] = {}
    wants = [True] * release.boxes
    events: list[tuple[float, int, int]] = []
    for number in range(release.boxes):
        # A night-only box comes on when school does; the others have run for long, each at a place of its own.
        on = _next_on(number, begin)
        first = pace.first_poll(f"box-{number}") if on > begin else pace.share(f"box-{number}", 0) * own.every
        events.append((on + first, number, 0))
    heapq.heapify(events)
    filled = [False] * max(release.academies, 1)
    now = begin
    while now < release.days * DAY:
        while events and events[0][0] < now + STEP:
            moment, number, polls = heapq.heappop(events)
            if not _is_on(number, moment):
                on = _next_on(number, moment)
                heapq.heappush(events, (on + pace.first_poll(f"box-{number}"), number, 0))
                continue
            asked = 1 if release.academies else release.requests
            seconds[int(moment)] = seconds.get(int(moment), 0) + asked
            if (
                wants[number]
                and moment >= published
                and stages.may_take(index, "m/p/l", f"box-{number}", MONDAY + timedelta(seconds=moment))
            ):
                wants[number] = False
                source = number % release.academies if release.academies else -1
                key = (lines[number * 37 % 100], source, _at_night(number))
                kind = kinds.setdefault(key, _Kind(key[0], source, nights=key[2]))
                heapq.heappush(kind.ends, kind.given + release.size)
                if source >= 0 and not filled[source]:
                    filled[source] = True  # the mirror asks the hub once, while it already gives on
            heapq.heappush(
                events, (moment + pace.next_poll(f"box-{number}", polls + 1, own.every), number, polls + 1)
            )
        sent = _give(kinds, release, own, now, course)
        new = sum(filled) * release.size if release.academies else 0
        course.sent.append(min(new - course.hub_bytes, release.hub * STEP / 8) if release.academies else sent)
        for second in range(int(now), int(now + STEP)):
            pieces = course.sent[-1] / STEP / PIECE
            course.peak_requests = max(course.peak_requests, seconds.pop(second, 0) + round(pieces))
        now += STEP
        if len(course.done) == release.boxes:
            break
    course.mean_requests = release.boxes * (1 if release.academies else release.requests) / own.every
    return course


def _give(kinds: dict, release: Release, own: pace.Pace, now: float, course: Course) -> float:
    """One step: every line gets its share; the bytes that left all sources together."""
    moment = MONDAY + timedelta(seconds=now)
    reading = moment.weekday() < 5 and any(early <= moment.hour < late for early, late in READING)
    limit = pace.speed(own, reading=reading) * 8 or float("inf")
    night = not _school_is_open(moment)
    by_source: dict[int, list[_Kind]] = {}
    for kind in kinds.values():
        if kind.ends and not (kind.nights and night):
            by_source.setdefault(kind.source, []).append(kind)
    sent = 0.0
    for source, active in by_source.items():
        left = release.hub if source < 0 else release.academy
        boxes = sum(len(kind.ends) for kind in active)
        for kind in sorted(active, key=lambda kind: min(kind.line, limit)):
            speed = min(kind.line, limit, left / boxes)
            count = len(kind.ends)
            left, boxes = left - speed * count, boxes - count
            step = speed * STEP / 8
            while kind.ends and kind.ends[0] <= kind.given + step:
                need = heapq.heappop(kind.ends) - kind.given
                sent += need
                course.done.append(now + STEP * need / step)
            kind.given += step
            sent += step * len(kind.ends)
    return sent


def _at_night(number: int) -> bool:
    """Whether the box is switched off when school is over."""
    return number * 61 % 100 < SCHOOL_HOURS_ONLY


def _school_is_open(moment: datetime) -> bool:
    return moment.weekday() < 5 and HOURS[0] <= moment.hour < HOURS[1]


def _is_on(number: int, second: float) -> bool:
    return not _at_night(number) or _school_is_open(MONDAY + timedelta(seconds=second))


def _next_on(number: int, second: float) -> float:
    """When the box runs, from *second* on: people switch boxes on at the same minute, the electricity at the same second."""
    if _is_on(number, second):
        return second
    moment = (MONDAY + timedelta(seconds=second)).replace(minute=0, second=0, microsecond=0)
    while not _school_is_open(moment):
        moment += timedelta(hours=1)
    return (moment - MONDAY).total_seconds()
