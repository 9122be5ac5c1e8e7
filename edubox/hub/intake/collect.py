"""Letting go: offers that were never finished, and bytes that nothing needs.

An offer that nobody continued for 30 days is given up. Bytes leave when two looks, 30 days apart, found that no offer under
way and no arrival needs them: whoever is slow, or comes back from a summer, finds what it had sent. Accepted lessons stay in the
intake as long as they are shown or compared; those that were refused, replaced or withdrawn stay until nothing has happened to
them for 30 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection, delete, insert, select, update

from edubox.hub import audit
from edubox.hub.hub import Hub
from edubox.hub.intake import limits, pushes, shelf
from edubox.hub.review import arrivals
from edubox.hub.tables import about, pieces, push_needs, pushed_bytes, pushed_files, unreferenced
from edubox.hub.tables import arrivals as arrival_table
from edubox.hub.tables import pushes as push_table

_DAY = 86_400
#: The line of ``about`` with the time of the last look, and the seconds after which the next one trusts no clock.
LOOKED, _GAP = "collected", 45 * _DAY
#: Names that one transaction looks up or writes.
_AT_ONCE = 500
#: States of an arrival whose files are not needed once it has been quiet for long.
_OVER = (arrivals.REFUSED, arrivals.REPLACED, arrivals.WITHDRAWN)


def collect(hub: Hub) -> list[str]:
    """Look at everything once; returns the SHA-256 of what left. Raises DatabaseAway, StoreAway. Safe to repeat."""
    now = hub.now()
    if hub.database.change(lambda connection: _jumped(connection, now)):
        return []
    hub.database.change(lambda connection: _give_up(connection, now))
    store, gone = shelf.of(hub), []
    for names in _batches(store.names()):
        leaving = hub.database.change(partial(_look, names=names, now=now))
        for name in leaving:
            store.delete(name)
        gone += leaving
    if gone:
        hub.database.change(
            lambda connection: audit.write(
                connection, now, "system", "intake-collected", "intake", f"{len(gone)} files"
            )
        )
    return gone


def _jumped(connection: Connection, now: int) -> bool:
    """Whether the last look was long ago, or is to come: the hub was off, or a clock is wrong. Then all that was noted begins anew."""
    last = connection.execute(select(about.c.value).where(about.c.key == LOOKED)).scalar()
    values = {"key": LOOKED, "value": str(now)}
    if last is None:
        connection.execute(insert(about).values(**values))
        return False
    connection.execute(update(about).where(about.c.key == LOOKED).values(**values))
    if 0 <= now - int(last) <= _GAP:
        return False
    connection.execute(update(unreferenced).values(since=now))
    open_ones = push_table.c.state.in_((pushes.OPEN, pushes.REFUSED))
    connection.execute(update(push_table).where(open_ones).values(changed=now))
    return True


def _give_up(connection: Connection, now: int) -> None:
    old = now - limits.GIVEN_UP
    stale = list(connection.execute(
        select(push_table.c.id).where(push_table.c.state.in_((pushes.OPEN, pushes.REFUSED)) & (push_table.c.changed < old))
    ).scalars())  # fmt: skip
    for some in range(0, len(stale), _AT_ONCE):
        ids = stale[some : some + _AT_ONCE]
        connection.execute(delete(push_needs).where(push_needs.c.push.in_(ids)))
        connection.execute(delete(push_table).where(push_table.c.id.in_(ids)))
    connection.execute(delete(pushed_bytes).where(pushed_bytes.c.day < now // _DAY - 40))
    # What ended and was quiet for long needs its files no more; its history stays.
    ended = select(arrival_table.c.push).where(
        arrival_table.c.state.in_(_OVER) & (arrival_table.c.changed < old)
    )
    connection.execute(delete(push_needs).where(push_needs.c.push.in_(ended)))
    connection.execute(update(push_table).where(push_table.c.id.in_(ended)).values(letter=""))
    for table in (pieces, pushed_files):
        mine = (
            select(push_needs.c.sha256)
            .join(push_table, push_table.c.id == push_needs.c.push)
            .where(push_table.c.box == table.c.box)
        )
        connection.execute(delete(table).where(table.c.sha256.not_in(mine)))


def _look(connection: Connection, names: list[str], now: int) -> list[str]:
    """Which of *names* leave now; those that nothing needs are noted with the time of the first look that found them so."""
    found = set()
    for column in (pushed_files.c.sha256, pieces.c.hash, push_table.c.letter, push_needs.c.sha256):
        found |= set(connection.execute(select(column).where(column.in_(names))).scalars())
    kept = select(arrival_table.c.manifest).where(
        arrival_table.c.manifest.in_(names)
        & (arrival_table.c.state.not_in(_OVER) | (arrival_table.c.changed >= now - limits.GIVEN_UP))
    )
    found |= set(connection.execute(kept).scalars())
    known = {
        row.name: row.since
        for row in connection.execute(select(unreferenced).where(unreferenced.c.name.in_(names)))
    }
    free = [name for name in names if name not in found]
    leaving = [name for name in free if name in known and known[name] <= now - limits.THIRTY_DAYS]
    forgotten = [name for name in known if name in found or name in leaving]
    if forgotten:
        connection.execute(delete(unreferenced).where(unreferenced.c.name.in_(forgotten)))
    fresh = [{"name": name, "since": now} for name in free if name not in known]
    if fresh:
        connection.execute(insert(unreferenced), fresh)
    return leaving


def _batches(names: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
