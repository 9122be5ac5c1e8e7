"""A version that goes to some boxes first, and is stopped when it fails there: the hub's half of ``sync.stages``.

The stages are signed in the index, so they go on where nobody looks. Here is the brake: boxes tell how the version went, and
when more than *limit* in a thousand of those who told say that it failed, the hub asks every box that does not have it yet to
wait, and tells a person. Only a person goes on. To take the version back, or to widen it at once, is to publish again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from edubox.hub import audit
from edubox.hub.errors import Malformed
from edubox.hub.fleet.report import FAILED
from edubox.hub.hub import Hub
from edubox.hub.tables import outcomes, rollouts

RUNNING, HELD, DONE = "running", "held", "done"
#: Failures in a thousand that stop a version where nobody says otherwise; reports below which nothing is stopped, and the
#: failures that stop it all the same: three schools are no chance.
LIMIT, ENOUGH, ALARM = 20, 20, 3
#: States that say nothing yet.
_OPEN = {"waits", "later"}
#: Versions that a box is asked to wait with, at most.
MOST = 100


@dataclass(frozen=True, slots=True)
class Rollout:
    """One version: how many boxes *took* it and at how many it *failed*; *stages* as in the index; *held* says why it stopped."""

    id: int
    pack: str
    version: int
    authority: str
    title: str
    stages: tuple[tuple[str, int], ...]
    state: str
    limit: int
    began: int
    began_by: str
    held: str
    took: int = 0
    failed: int = 0


def begin(connection: Connection, pack: str, version: int, title: str, stages: Sequence[tuple[str, int]], actor: str, now: int, limit: int = LIMIT) -> int:  # fmt: skip
    """Watch the *version* of the lesson at *pack*, which was published with *stages*; the rollout's id. Again: the same one."""
    found = connection.execute(
        select(rollouts.c.id).where(rollouts.c.pack == pack, rollouts.c.version == version)
    ).first()
    if found is not None:
        return int(found.id)
    connection.execute(
        update(rollouts).where(rollouts.c.pack == pack, rollouts.c.state != DONE).values(state=DONE)
    )
    made = connection.execute(
        insert(rollouts).values(
            pack=pack, version=version, authority=pack.partition("/")[0], title=title[:500], stages=json.dumps(stages),
            state=RUNNING, limit=limit, began=now, began_by=actor, held="",
        )
    )  # fmt: skip
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def note(connection: Connection, box: int, spreading: Sequence[tuple[str, int, str]], now: int) -> None:
    """Remember how versions went at the box in row *box*, and stop those that fail too often."""
    for pack, version, state in spreading:
        row = connection.execute(
            select(rollouts).where(rollouts.c.pack == pack, rollouts.c.version == version)
        ).first()
        if row is None or row.state == DONE or state in _OPEN:
            continue
        here = (outcomes.c.rollout == row.id, outcomes.c.box == box)
        known = connection.execute(select(outcomes.c.state).where(*here)).first()
        if known is not None and known.state == state:
            continue
        if known is not None:
            connection.execute(update(outcomes).where(*here).values(state=state, at=now))
        else:
            connection.execute(insert(outcomes).values(rollout=row.id, box=box, state=state, at=now))
        if row.state == RUNNING and state == FAILED:
            _brake(connection, row.id, row.limit, pack, version, now)


def _brake(connection: Connection, rollout: int, limit: int, pack: str, version: int, now: int) -> None:
    took, failed = counts(connection, rollout)
    told = took + failed
    if failed < ALARM or (told >= ENOUGH and failed * 1000 <= limit * told):
        return
    why = f"{failed} of {told} boxes say that it failed"
    connection.execute(update(rollouts).where(rollouts.c.id == rollout).values(state=HELD, held=why))
    audit.write(connection, now, "system", "rollout.hold", f"{pack}@{version}", why)


def counts(connection: Connection, rollout: int) -> tuple[int, int]:
    """How many boxes took the version, and at how many it failed."""
    found = connection.execute(
        select(outcomes.c.state, func.count()).where(outcomes.c.rollout == rollout).group_by(outcomes.c.state)
    )
    by_state = {state: int(number) for state, number in found}
    failed = by_state.pop(FAILED, 0)
    return sum(by_state.values()), failed


def held(connection: Connection) -> list[list[str | int]]:
    """What boxes are asked to wait with: address and version, the newest first."""
    found = connection.execute(
        select(rollouts.c.pack, rollouts.c.version)
        .where(rollouts.c.state == HELD).order_by(rollouts.c.id.desc()).limit(MOST)
    )  # fmt: skip
    return [[pack, version] for pack, version in found]


def listed(connection: Connection, authority: str = "", limit: int = 100) -> list[Rollout]:
    """The newest rollouts of *authority* (empty: of all), with their counts."""
    wanted = select(rollouts).order_by(rollouts.c.id.desc()).limit(limit)
    if authority:
        wanted = wanted.where(rollouts.c.authority == authority)
    found = []
    for row in connection.execute(wanted).all():
        took, failed = counts(connection, row.id)
        stages = tuple((moment, share) for moment, share in json.loads(row.stages))
        found.append(Rollout(**{**row._mapping, "stages": stages}, took=took, failed=failed))  # noqa: SLF001
    return found


def stop(hub: Hub, rollout: int, actor: str, reason: str) -> None:
    """Ask boxes that do not have the version to wait. Raises Malformed (there is no such rollout under way)."""
    _turn(hub, rollout, actor, RUNNING, HELD, reason)


def resume(hub: Hub, rollout: int, actor: str, reason: str = "") -> None:
    """Go on with a version that was stopped. Raises Malformed (it was not)."""
    _turn(hub, rollout, actor, HELD, RUNNING, reason)


def _turn(hub: Hub, rollout: int, actor: str, before: str, after: str, reason: str) -> None:
    def work(connection: Connection) -> None:
        row = connection.execute(
            select(rollouts).where(rollouts.c.id == rollout, rollouts.c.state == before)
        ).first()
        if row is None:
            raise Malformed(reason="there is no such release in that state")
        held = reason if after == HELD else ""
        connection.execute(update(rollouts).where(rollouts.c.id == rollout).values(state=after, held=held))
        what = "rollout.hold" if after == HELD else "rollout.resume"
        audit.write(connection, hub.now(), actor, what, f"{row.pack}@{row.version}", reason)

    hub.database.change(work)
