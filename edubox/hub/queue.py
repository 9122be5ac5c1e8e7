"""Work that nobody waits for, in the database: put by anybody, taken by one worker at a time, done once and for all or shown.

A job is lent: its worker has it for ``LEASE`` seconds and says now and then that it still works (``keep``). A worker that died
does not keep it. What fails is tried again later and later, with jitter; after ``TRIES`` it ends as ``failed``, which
people see and can try ``again``. Two jobs of one kind and key are one as long as neither has begun, and never run at the same
time. Since a worker may die between doing and saying so, handlers must not mind running twice.

Clocks may be wrong for a while. What was put off or lent by a clock that was years ahead is not lost when that is mended: no job is
put off by more than ``FARTHEST`` or lent for more than ``LEASE``, so a time beyond that is nobody's wish, and the job is due.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from edubox.hub.database import Database
from edubox.hub.tables import jobs

WAITING, RUNNING, FAILED = "waiting", "running", "failed"
#: Seconds for which a job is lent, and times that it is tried.
LEASE, TRIES = 120, 8
#: Seconds until the second try, and the longest wait.
FIRST_WAIT, LONGEST_WAIT = 15, 3600
#: Seconds by which a job may be put off, and by which clocks of one hub's computers may differ.
FARTHEST, SLACK = 30 * 86_400, 3600
#: Characters of what went wrong.
SAID = 2000


@dataclass(frozen=True, slots=True)
class Job:
    """A job as a worker has it, or as people see it; times in seconds since 1970."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    state: str
    due: int
    tries: int
    worker: str
    until: int
    said: str


def put(
    connection: Connection, kind: str, key: str, payload: Mapping[str, Any] | None = None, due: int = 0
) -> int:
    """Ask for work, at *due* (seconds since 1970, at most ``FARTHEST`` from now) or later, inside the caller's transaction; says its id.

    If the same kind and key waits already, that job gets the new *payload* and the earlier of both times.
    """
    text = json.dumps(payload or {}, ensure_ascii=False, sort_keys=True)
    waiting = connection.execute(
        select(jobs.c.id, jobs.c.due)
        .where(jobs.c.kind == kind, jobs.c.key == key, jobs.c.state == WAITING)
        .limit(1)
    ).first()
    if waiting:
        connection.execute(
            update(jobs).where(jobs.c.id == waiting.id).values(payload=text, due=min(due, waiting.due))
        )
        return int(waiting.id)
    made = connection.execute(
        insert(jobs).values(
            kind=kind, key=key, payload=text, state=WAITING, due=due, tries=0, worker="", until=0, said=""
        )
    )
    made_key = made.inserted_primary_key
    assert made_key is not None
    return int(made_key[0])


def take(database: Database, worker: str, now: int) -> Job | None:
    """The next job that is due, now lent to *worker*; None if there is none. Raises DatabaseAway."""
    wanted = (
        select(jobs)
        .where(_due(now))
        .order_by(jobs.c.due, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )

    def work(connection: Connection) -> Job | None:
        while row := connection.execute(wanted).first():
            if row.tries < TRIES:
                values = {"state": RUNNING, "worker": worker, "until": now + LEASE, "tries": row.tries + 1}
                connection.execute(update(jobs).where(jobs.c.id == row.id).values(**values))
                return _job({**row._mapping, **values})  # noqa: SLF001
            # Each time its worker died over it.
            said = row.said or "its worker ended without a word each time"
            connection.execute(
                update(jobs).where(jobs.c.id == row.id).values(state=FAILED, worker="", said=said)
            )
        return None

    return database.change(work)


def due(database: Database, now: int) -> bool:
    """Whether there is a job to take. Raises DatabaseAway."""
    with database.read() as connection:
        return connection.execute(select(jobs.c.id).where(_due(now)).limit(1)).first() is not None


def keep(database: Database, job: Job, now: int) -> bool:
    """Have the job for another ``LEASE`` seconds; False if it went to somebody else: then stop."""
    return _mine(database, job, {"until": now + LEASE})


def done(database: Database, job: Job, again: int | None = None) -> bool:
    """The job is done and leaves; False if it went to somebody else meanwhile. Raises DatabaseAway.

    With *again* (seconds since 1970) it comes again then, in the same transaction: whoever dies here loses none that comes again
    by itself. What failed of it before is forgotten then, since it works now.
    """

    def work(connection: Connection) -> bool:
        left = bool(connection.execute(delete(jobs).where(_is_mine(job))).rowcount)
        if left and again is not None:
            forget_failed(connection, job.kind, job.key)
            put(connection, job.kind, job.key, {}, again)
        return left

    return database.change(work)


def forget_failed(connection: Connection, kind: str, key: str, keep: int = 0) -> None:
    """Show people only the newest *keep* jobs of this kind and key that failed."""
    mine = (jobs.c.kind == kind) & (jobs.c.key == key) & (jobs.c.state == FAILED)
    old = list(
        connection.execute(select(jobs.c.id).where(mine).order_by(jobs.c.id.desc()).offset(keep)).scalars()
    )
    if old:
        connection.execute(delete(jobs).where(jobs.c.id.in_(old)))


def under_way(connection: Connection, kinds: Collection[str]) -> set[str]:
    """Which of *kinds* have a job that waits or runs."""
    wanted = select(jobs.c.kind).where(jobs.c.kind.in_(list(kinds)), jobs.c.state != FAILED).distinct()
    return set(connection.execute(wanted).scalars())


def failed(database: Database, job: Job, said: str, now: int, *, final: bool = False) -> bool:
    """The job did not work: it is tried again later, or ends with *final* or at its last try. *said* is for people."""
    if final or job.tries >= TRIES:
        return _mine(database, job, {"state": FAILED, "worker": "", "said": said[:SAID]})
    return _mine(
        database, job,
        {"state": WAITING, "worker": "", "until": 0, "due": now + wait(job.tries), "said": said[:SAID]},
    )  # fmt: skip


def wait(tries: int) -> int:
    """Seconds until the next try after *tries* of them: twice as long each time, and never all at once."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1))
    return random.randint(longest // 2, longest)  # noqa: S311 - no secret


def again(connection: Connection, job_id: int, now: int) -> bool:
    """Try a failed job anew, from its first try on; False when there is none of that id."""
    values = {"state": WAITING, "tries": 0, "due": now}
    changed = connection.execute(
        update(jobs).where(jobs.c.id == job_id, jobs.c.state == FAILED).values(**values)
    )
    return bool(changed.rowcount)


def listed(connection: Connection, state: str | None = None, limit: int = 100) -> list[Job]:
    """Jobs for people to look at, those that failed first."""
    wanted = select(jobs).order_by(jobs.c.state, jobs.c.due, jobs.c.id).limit(limit)
    if state is not None:
        wanted = wanted.where(jobs.c.state == state)
    return [_job(dict(row._mapping)) for row in connection.execute(wanted)]  # noqa: SLF001


def counts(connection: Connection) -> dict[str, int]:
    """How many jobs are in each state."""
    found = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))
    return {WAITING: 0, RUNNING: 0, FAILED: 0} | {state: int(number) for state, number in found}


def _due(now: int) -> Any:
    waits = or_(jobs.c.due <= now, jobs.c.due > now + FARTHEST)
    free = or_(and_(jobs.c.state == WAITING, waits), and_(jobs.c.state == RUNNING, _over(jobs, now)))
    # A job of the same kind and key that somebody has, for now.
    other = jobs.alias()
    busy = (
        select(other.c.id)
        .where(
            other.c.kind == jobs.c.kind, other.c.key == jobs.c.key, other.c.state == RUNNING,
            other.c.id != jobs.c.id, ~_over(other, now),
        )
        .exists()
    )  # fmt: skip
    return and_(free, ~busy)


def _over(table: Any, now: int) -> Any:
    """Whether the loan of a running job of *table* is over."""
    return or_(table.c.until <= now, table.c.until > now + LEASE + SLACK)


def _is_mine(job: Job) -> Any:
    # The number of the try tells two loans to one worker apart.
    return and_(
        jobs.c.id == job.id, jobs.c.state == RUNNING, jobs.c.worker == job.worker, jobs.c.tries == job.tries
    )


def _mine(database: Database, job: Job, values: Mapping[str, Any]) -> bool:
    return bool(
        database.change(
            lambda connection: connection.execute(update(jobs).where(_is_mine(job)).values(**values)).rowcount
        )
    )


def _job(row: Mapping[str, Any]) -> Job:
    return Job(**{**row, "payload": json.loads(row["payload"])})
