"""What both rooms of lessons share: making accepted lessons public with a passphrase, and what a lesson costs before that.

A line is marked as under way before its child begins, so that a second click, or a colleague, finds it so.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from functools import partial

from sqlalchemy import Connection, select

from edubox.errors import EduboxError
from edubox.hub import audit
from edubox.hub.desk import guard, keyed
from edubox.hub.desk.keyed import Signed
from edubox.hub.fleet.forecast import Forecast, forecast
from edubox.hub.hub import Hub
from edubox.hub.review import accept as taking
from edubox.hub.review import arrivals, trees
from edubox.hub.review.accept import Republication
from edubox.hub.tables import boxes
from edubox.pack.edpack import media

#: Seconds that a forecast is believed: what lines carry changes from day to day.
_BELIEVED = 600.0
#: How many times as long the slowest tenth of an academy must need to be told apart.
MUCH = 2.0
_told: dict[tuple[str, str, tuple[str, ...], int], tuple[float, Forecast]] = {}


def publish(hub: Hub, lines: Sequence[Republication]) -> Signed:
    """Make *lines* public, one after the other, with the passphrase of the form under way. Raises DatabaseAway."""
    me = guard.me()
    mine = [one for one in lines if hub.database.change(partial(_begin, number=one.id, now=hub.now()))]
    waiting = [one.id for one in mine]

    def work(passphrase: str) -> None:
        while waiting:
            one = taking.in_a_child(hub, waiting[0], passphrase)
            number = waiting.pop(0)
            if one.state == taking.PUBLISHED:
                hub.database.change(partial(_note, actor=me.login, one=one, now=hub.now()))
            elif one.state == taking.QUEUED:
                hub.database.change(
                    partial(taking.wait_again, number=number, reason=one.reason, now=hub.now())
                )

    def failed(reason: str) -> None:
        for number in waiting:
            hub.database.change(partial(taking.wait_again, number=number, reason=reason, now=hub.now()))

    return keyed.sign(hub, work, failed)


def _begin(connection: Connection, number: int, now: int) -> bool:
    return taking.under_way(connection, number, now)


def _note(connection: Connection, actor: str, one: Republication, now: int) -> None:
    audit.write(connection, now, actor, "sign.lesson", one.address, f"version {one.version}")


def cost(hub: Hub, size: int, authority: str, kinds: tuple[str, ...] = ()) -> Forecast:
    """What *size* bytes mean for the boxes of *authority*, or of the country if none is enrolled there, in schools of *kinds* (empty: of all).

    Raises DatabaseAway.
    """
    key, now = (str(hub.data), authority, kinds, size), time.monotonic()
    known = _told.get(key)
    if known is None or now - known[0] > _BELIEVED:
        with hub.database.read() as connection:
            scope = authority if _has_boxes(connection, authority) else ""
            known = now, forecast(connection, size, scope, hub.now(), kinds)
        if len(_told) > 500:
            _told.clear()
        _told[key] = known
    return known[1]


def costs(hub: Hub, size: int, authorities: Collection[str]) -> tuple[Forecast, dict[str, Forecast]]:
    """What *size* bytes mean for all boxes of *authorities*; and, of several, for those whose slowest tenth differs much from all others'.

    Raises DatabaseAway.
    """
    only = next(iter(authorities)) if len(authorities) == 1 else ""
    whole = cost(hub, size, only)
    each = {} if only else {one: cost(hub, size, one) for one in sorted(authorities)}
    return whole, {name: told for name, told in each.items() if _differs(told.slow, whole.slow)}


def _differs(slow: float | None, from_: float | None) -> bool:
    """Whether hours are much more, or much less: a difference that is seen in the words, and not one of minutes."""
    if slow is None or from_ is None:
        return False
    return max(slow, from_) >= MUCH * min(slow, from_) and abs(slow - from_) >= 1


def travels(hub: Hub, number: int) -> int:
    """Bytes that a box without any of it fetches for the arrival *number*: its bundle and its films. Raises GoneLesson, StoreAway."""
    with hub.database.read() as connection:
        one = arrivals.get(connection, number)
    try:
        index, manifest = trees.index_of(hub, one), trees.manifest_of(hub, one)
    except EduboxError:
        return one.size
    carried = index.full.size if index.full else 0
    return carried + sum(file.size for file in media(manifest).values())


def _has_boxes(connection: Connection, authority: str) -> bool:
    wanted = select(boxes.c.id).where(boxes.c.authority == authority).limit(1)
    return connection.execute(wanted).first() is not None
