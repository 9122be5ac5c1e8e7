"""A check-in is kept, and answered: one short transaction on rows of that box alone, whatever the size of the country.

The last word of each box and one line a day are enough: what nobody would read is not kept. A box that is *due* and silent
shows in the overview. The answer asks for patience when the hub is busy, and names the versions that had better wait.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from edubox.hub.fleet import rollouts
from edubox.hub.fleet.report import Report
from edubox.hub.hub import Hub
from edubox.hub.queue import Job
from edubox.hub.tables import check_in_days, check_ins

DAY = 86_400
#: Days of which a line is kept.
DAYS = 400
#: A box that did not come for so many times its own pace, and at least so many seconds, is silent.
MISSED, LEAST = 4, 3 * DAY


def keep(connection: Connection, box: int, report: Report, now: int, every: int) -> None:
    """Keep what the box in row *box* said at *now* (seconds since 1970); it was asked to come every *every* seconds."""
    said = dict(report.numbers)
    values: dict[str, Any] = {
        "at": now, "due": now + max(MISSED * every, LEAST), "version": report.version, "board": report.board,
        "failure": report.failure, "clock_off": said.pop("clock") - now, "clock_believed": int(report.clock_believed),
        "level": report.level, "health": json.dumps(dict(sorted(report.health.items()))), **said,
    }  # fmt: skip
    _put(connection, check_ins, {"box": box}, values)
    day = {"level": report.level, "failure": report.failure, **{name: said[name] for name in ("disk_free", "lessons", "month_hub")}}  # fmt: skip
    today = {"box": box, "day": now // DAY}
    changed = connection.execute(
        update(check_in_days).where(check_in_days.c.box == box, check_in_days.c.day == now // DAY)
        .values(**day, times=check_in_days.c.times + 1)
    )  # fmt: skip
    if not changed.rowcount:
        connection.execute(insert(check_in_days).values(**today, **day, times=1))
    rollouts.note(connection, box, report.spreading, now)


def answer(connection: Connection, every: int) -> dict[str, Any]:
    """What a box is told: when to come again, in seconds, and which versions to wait with."""
    return {"next": every, "hold": rollouts.held(connection)}


def last(connection: Connection, box: int) -> Any | None:
    """The last word of a box, None if it never said one."""
    return connection.execute(select(check_ins).where(check_ins.c.box == box)).first()


def forget(hub: Hub, _job: Job) -> None:
    """The queued work of letting go of lines of days that nobody looks at.

    The newest DAYS days on which anybody came stay, whatever the clock says: a wrong one must not empty the table.
    """

    def work(connection: Connection) -> None:
        days = select(check_in_days.c.day).distinct().order_by(check_in_days.c.day.desc())
        oldest = connection.execute(days.offset(DAYS - 1).limit(1)).scalar()
        if oldest is not None:
            connection.execute(delete(check_in_days).where(check_in_days.c.day < oldest))

    hub.database.change(work)


def settle(connection: Connection, now: int) -> None:
    """Check-ins that a clock wrote down which was ahead: from *now* on their boxes have the ordinary patience, not years of it."""
    ahead = check_ins.c.at > now + DAY
    values = {"at": now, "due": check_ins.c.due - check_ins.c.at + now}
    connection.execute(update(check_ins).where(ahead).values(**values))


def _put(connection: Connection, table: Any, key: dict[str, int], values: dict[str, Any]) -> None:
    """One row, new or replaced; both engines say it in these two statements."""
    here = [table.c[name] == value for name, value in key.items()]
    if not connection.execute(update(table).where(*here).values(**values)).rowcount:
        connection.execute(insert(table).values(**key, **values))
