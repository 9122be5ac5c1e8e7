"""The fleet for people: one box, an academy, the whole country; every question answers with a bounded number of rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from edubox.hub.fleet.report import LEVELS
from edubox.hub.tables import boxes, check_in_days, check_ins

ACCEPTED = "accepted"
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Told:
    """What a box told last. Times are seconds since 1970, sizes MB; *free* is per cent of its disk, -1 if it did not say."""

    seen: int
    due: int
    version: str
    board: str
    system: int
    free: int
    disk_free: int
    lessons: int
    waiting: int
    own: int
    success_ago: int
    failures: int
    failure: str
    clock_off: int
    clock_believed: bool
    month_hub: int
    month_near: int
    level: str
    health: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Academy:
    """An authority's boxes: how many were taken in, *silent* ones (never heard of, or too long ago), ill ones by level."""

    authority: str
    boxes: int
    today: int
    silent: int
    warning: int
    broken: int
    #: MB over the line this month, of all its boxes together.
    month_hub: int


def figures(connection: Connection, locals_: Sequence[str]) -> dict[str, Told]:
    """What the boxes called *locals_* (``boxes.local``) told last; absent: never anything. A page of them at a time."""
    wanted = (
        select(boxes.c.local, check_ins)
        .join(boxes, boxes.c.id == check_ins.c.box)
        .where(boxes.c.local.in_(locals_))
    )
    return {row.local: told(row) for row in connection.execute(wanted)}


def told(row: Any) -> Told:
    """A row of ``check_ins`` for people."""
    free = 100 * row.disk_free // row.disk_total if row.disk_total > 0 and row.disk_free >= 0 else -1
    same = {name: getattr(row, name) for name in Told.__slots__ if name not in {"seen", "free", "health", "clock_believed"}}  # fmt: skip
    return Told(
        seen=row.at, free=free, health=json.loads(row.health), clock_believed=bool(row.clock_believed), **same
    )


def history(connection: Connection, box: int, limit: int = 30) -> list[Any]:
    """The last days of the box in row *box*, newest first."""
    wanted = (
        select(check_in_days)
        .where(check_in_days.c.box == box)
        .order_by(check_in_days.c.day.desc())
        .limit(limit)
    )
    return list(connection.execute(wanted))


def by_academy(connection: Connection, now: int, authority: str = "") -> list[Academy]:
    """One line an authority, or that of one; *now* in seconds since 1970."""
    never = check_ins.c.at.is_(None)
    wanted = (
        select(
            boxes.c.authority,
            func.count(),
            _count(check_ins.c.at >= now - DAY),
            _count(never | (check_ins.c.due < now)),
            *(_count(and_(check_ins.c.level == level, check_ins.c.due >= now)) for level in LEVELS[2:]),
            func.coalesce(func.sum(check_ins.c.month_hub), 0),
        )
        .select_from(boxes.outerjoin(check_ins, boxes.c.id == check_ins.c.box))
        .where(boxes.c.state == ACCEPTED)
        .group_by(boxes.c.authority)
        .order_by(boxes.c.authority)
    )
    if authority:
        wanted = wanted.where(boxes.c.authority == authority)
    return [Academy(row[0], *(int(number) for number in row[1:])) for row in connection.execute(wanted)]


def silent(
    connection: Connection, now: int, authority: str = "", limit: int = 100, offset: int = 0
) -> list[Any]:
    """Boxes that should have come and did not, those that are silent longest first; ``at`` is None for who never came."""
    wanted = (
        select(boxes.c.publisher, boxes.c.label, boxes.c.school, boxes.c.authority, check_ins.c.at)
        .select_from(boxes.outerjoin(check_ins, boxes.c.id == check_ins.c.box))
        .where(boxes.c.state == ACCEPTED, check_ins.c.at.is_(None) | (check_ins.c.due < now))
        .order_by(func.coalesce(check_ins.c.at, 0), boxes.c.id)
        .limit(limit)
        .offset(offset)
    )
    if authority:
        wanted = wanted.where(boxes.c.authority == authority)
    return list(connection.execute(wanted))


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
