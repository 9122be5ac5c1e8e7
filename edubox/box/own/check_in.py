"""What this box tells its hub of itself, gathered from what is at hand: see ``sync.checking`` for what may be said.

Called by every synchronisation of a box that was taken in. Nothing of this may keep a synchronisation from being one: a hub
that does not answer, or a key that this computer cannot use, is no error here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from edubox import __version__
from edubox.box import health
from edubox.box.catalog import Catalogue
from edubox.box.own import identity
from edubox.box.own.lessons import ready
from edubox.errors import EduboxError, NoRoom
from edubox.store import slots
from edubox.sync import checking
from edubox.sync.enrolment import ACCEPTED, read_enrolment
from edubox.sync.fetching.sources import HUB, OWN
from edubox.sync.pacing.pace import is_plausible
from edubox.sync.pacing.usage import read_usage
from edubox.sync.pinned import read_floor

MB = 1_000_000
#: Checks that a hub hears of: not those that ask a network themselves, nor what is this school's own business.
_TOLD = tuple(name for name in health.CHECKS if name not in {"sources", "school", "guests"})


def check_in(
    data: Path, settings: dict[str, Any], passed: Callable[[str, int], None] = lambda *_: None, *,
    machine: str | None = None, system: datetime | None = None,
) -> bool:  # fmt: skip
    """Check in at the hub of the box in *data*; whether one answered. *passed* is told of bytes that leave. Raises NoRoom."""
    from edubox.sync.api import HubApi
    from edubox.sync.hub_address import api_address

    address = api_address(settings)
    if not address or read_enrolment(data).state != ACCEPTED:
        return False
    try:
        own, here = ready(data, machine)
        signer = identity.workplace(data).signer(f"{own.prefix}/writer", here)
        now = identity.now_on(data, system)
        said = HubApi(address, data, signer, now, passed).call("POST", "check-ins", body=gather(data, settings, own.id).to_bytes())  # fmt: skip
        checking.keep_answer(data, said.json(), now.timestamp())
    except NoRoom:
        raise
    except EduboxError:
        return False
    return True


def gather(data: Path, settings: dict[str, Any], own_id: str) -> checking.CheckIn:
    """How the box in *data*, which publishes as *own_id*, is now."""
    usage, wall, disk = read_usage(data), time.time(), os.statvfs(data)
    try:
        installed = Catalogue(data).installed()
    except EduboxError:
        installed = []  # the health check says what is wrong
    month = usage.of_month(wall)
    answers = health.examine(health.Box(data, settings), _TOLD)
    board, version = _system(Path(settings["slots"]))
    return checking.CheckIn(
        version=__version__, board=board, system=version,
        disk_free=disk.f_bavail * disk.f_frsize // MB, disk_total=disk.f_blocks * disk.f_frsize // MB, files_free=disk.f_favail,
        lessons=len(installed), waiting=sum(one.state != "ready" for one in installed),
        own=sum(one.publisher == own_id for one in installed),
        success_ago=max(int(wall - usage.success_at), 0) if usage.success_at else -1, failures=usage.failures,
        failure=usage.failure_code if usage.failures else "",
        clock=int(wall), clock_believed=is_plausible(wall, read_floor(data)),
        month_hub=month.get(HUB, 0) // MB,
        month_near=sum(size for kind, size in month.items() if kind not in {HUB, OWN}) // MB,
        health={one.name: one.finding.level for one in answers if one.finding.level != "good"},
        spreading=checking.read_spreading(data),
    )  # fmt: skip


def _system(folder: Path) -> tuple[str, int]:
    """The board of this box's system and the version of the one that runs; nothing for a box that is no card."""
    running = slots.running(Path("/proc/cmdline"))
    held = slots.read(folder, running) if running is not None else None
    return (held.board, held.version) if held is not None else ("", 0)
