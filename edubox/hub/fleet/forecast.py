"""What a publication will cost before it is made: bytes, hours for the slowest tenth of boxes, and what the hub will send.

A box fetches in its own hours, at the speed of its line. How fast that is, it shows by what it fetched: the best day of the
last month, in bytes a second over the whole day, is a floor of what its line carries in a night. Boxes that never fetched
anything say nothing, and are counted apart rather than guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from edubox.hub.tables import boxes, check_in_days, check_ins

MB, DAY = 1_000_000, 86_400
#: Days that are looked at, and boxes of which the lines are read: a larger country is a sample.
DAYS, SAMPLE = 30, 5000
#: The share of boxes whose patience is told: nine in ten are quicker.
SLOW = 0.9


@dataclass(frozen=True, slots=True)
class Forecast:
    """*size* bytes to each of *boxes*; *total* bytes from the hub at most; hours in the middle and for the slowest tenth, None unknown.

    *unknown* boxes never fetched enough to say, *full* have less room than it takes.
    """

    size: int
    boxes: int
    total: int
    middle: float | None
    slow: float | None
    unknown: int
    full: int


def forecast(
    connection: Connection, size: int, authority: str = "", now: int = 0, kinds: Collection[str] = ()
) -> Forecast:
    """What *size* bytes mean for every box of *authority* (empty: of the country) in schools of *kinds* (empty: of all).

    *now* is in seconds since 1970.
    """
    of = [boxes.c.state == "accepted"]
    if authority:
        of.append(boxes.c.authority == authority)
    if kinds:
        of.append(boxes.c.kind.in_(sorted(kinds)))
    count = int(connection.scalar(select(func.count()).select_from(boxes).where(*of)) or 0)
    full = connection.scalar(
        select(func.count()).select_from(boxes.join(check_ins, boxes.c.id == check_ins.c.box))
        .where(*of, check_ins.c.disk_free >= 0, check_ins.c.disk_free * MB < size)
    )  # fmt: skip
    hours = sorted(size / speed / 3600 for speed in _speeds(connection, of, now))
    return Forecast(
        size, count, size * count, _at(hours, 0.5), _at(hours, SLOW), max(count - len(hours), 0), int(full or 0)
    )  # fmt: skip


def _speeds(connection: Connection, of: Sequence[Any], now: int) -> list[float]:
    """Bytes a second of boxes' best days; a month's sum grows, so a day's bytes are the difference to the day before."""
    some = select(boxes.c.id).where(*of).order_by(boxes.c.keyid).limit(SAMPLE)
    wanted = (
        select(check_in_days.c.box, check_in_days.c.day, check_in_days.c.month_hub)
        .where(check_in_days.c.box.in_(some), check_in_days.c.day >= now // DAY - DAYS)
        .order_by(check_in_days.c.box, check_in_days.c.day)
    )
    best: dict[int, float] = {}
    before = None
    for row in connection.execute(wanted):
        if before is not None and before.box == row.box and row.month_hub > before.month_hub:
            speed = (row.month_hub - before.month_hub) * MB / ((row.day - before.day) * DAY)
            best[row.box] = max(best.get(row.box, 0.0), speed)
        before = row
    return list(best.values())


def _at(ordered: list[float], share: float) -> float | None:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else None
