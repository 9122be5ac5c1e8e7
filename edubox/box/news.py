"""How the box stands, gathered for the desk's page out of what is at hand without work: a few small files,
the list of lessons, the keeper's word and one question to the file system. Nothing here asks a network or
reads a lesson.
"""

from __future__ import annotations

import math
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from edubox.box.keeper import BACKING_OFF, SCRUB, STICK, SYNC, WAITING, KeeperState
from edubox.box.site import Site
from edubox.pages.news import Arrival, News, Waiting
from edubox.sync.curtain import read_curtains, read_opened
from edubox.sync.fetching.sources import HUB, OWN
from edubox.sync.pacing.pace import Pace, exhausted
from edubox.sync.pacing.usage import Usage, read_usage
from edubox.sync.status import ENDED, Status, read_status
from edubox.sync.urgent import read_urgent

#: The keeper's words for what runs and why nothing does → ours (``pages.verdict.WAITS``).
_RUNS = {SYNC: "soon", STICK: "stick", SCRUB: "checking"}
#: Ours that end at a moment which is known; the others end when something happens.
_TIMED = {"", BACKING_OFF}


def news(site: Site, keeper: KeeperState | None, stale_days: int) -> News:
    """How the box of *site* stands now. Raises DamagedCatalogue."""
    moment = time.time()
    status, usage, urgent = read_status(site.data), read_usage(site.data), set(read_urgent(site.data))
    month = usage.of_month(moment)
    waits, until = ("", None) if keeper is None else _waits(keeper, status, usage, site.settings, moment)
    card, free = _card(site.data)
    success = usage.success_at or (status.updated if status.phase == ENDED and not status.code else 0.0)
    return News(
        now=_local(moment), began=site.library.began(), lessons=site.library.count(),
        # A child needs some seconds to end, but whoever pressed pause sees at once that it was heard.
        running=status.running(moment) and waits != "paused", what=status.what, done=status.done, total=status.total,
        left=status.seconds_left(), waits=waits, until=None if until is None else _local(until),
        quiet=site.settings["quiet_minutes"], code=status.code, said=status.sentence,
        coming=tuple(
            Arrival(one.pack, one.title, one.state, one.done, one.total, one.pack in urgent) for one in status.coming
        ),
        waiting=_waiting(site.data),
        success=_local(success) if success > 0 else None,
        # Only the last run's sources are known by kind.
        brought={} if status.code or status.phase != ENDED else status.received,
        line=month.get(HUB, 0), near=sum(size for kind, size in month.items() if kind not in {HUB, OWN}),
        allowed=site.settings["month_mb"] * 1_000_000, stale_days=stale_days, card=card, free=free,
        reserve=site.settings["reserve_mb"] * 1_000_000, controls=keeper is not None,
    )  # fmt: skip


def _waiting(data: Path) -> tuple[Waiting, ...]:
    opened = read_opened(data)
    return tuple(
        Waiting(one.address, one.title, _local(one.moment), f"{one.address}@{one.version}" in opened)
        for one in read_curtains(data)
        if one.ready  # the others are still on their way, and are told of there
    )


def _waits(
    keeper: KeeperState, status: Status, usage: Usage, settings: dict[str, Any], moment: float
) -> tuple[str, float | None]:
    """Our word for what the box does instead of fetching, and when that ends."""
    if keeper.paused_until is not None:
        return "paused", None if math.isinf(keeper.paused_until) else keeper.paused_until
    if keeper.running in _RUNS:
        return _RUNS[keeper.running], None
    if not keeper.reason and not keeper.running:
        return "soon", None
    pace = Pace.of(settings)
    if exhausted(pace, 0, usage.of_month(moment).get(HUB, 0)):
        return "month", None
    if exhausted(pace, usage.days.get(time.strftime("%Y-%m-%d", time.localtime(moment)), {}).get(HUB, 0), 0):
        return "day", None
    if pace.metered and status.code == "postponed":
        return "metered", None
    waits = "" if keeper.reason == WAITING else keeper.reason
    return waits, keeper.next_due if waits in _TIMED else None


def _card(data: Path) -> tuple[int, int]:
    """Bytes of the card, and those that are free; 0, 0 if it does not say."""
    try:
        disk = os.statvfs(data)
    except OSError:
        return 0, 0
    return disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize


def _local(moment: float) -> datetime:
    """*moment* in the box's own time zone; the epoch for a time that cannot be."""
    try:
        return datetime.fromtimestamp(moment).astimezone()
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0).astimezone()
