"""What root does when the box asks: four things, and each only within bounds."""

from __future__ import annotations

import fcntl
import struct
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edubox.errors import NotFound
from edubox.hardware.ask.request import CLOCK, POWEROFF, RESTART, UPDATE, take
from edubox.hardware.slots import state
from edubox.store import slots
from edubox.trust.clock import BELIEVED, Floor

_REBOOT = ["systemctl", "reboot"]
_COMMANDS = {POWEROFF: ["systemctl", "poweroff"], RESTART: _REBOOT, UPDATE: _REBOOT}
#: The clock with a battery, if there is one, and the call that sets it (``linux/rtc.h``).
_RTC, _RTC_SET_TIME = Path("/dev/rtc0"), 0x4024700A


def is_believable(seconds: int, floor: Floor) -> bool:
    """Whether a clock may say *seconds* since 1970: not before *floor*, and not more than three years past it."""
    earliest = floor.moment.timestamp()
    return earliest <= seconds <= earliest + BELIEVED.total_seconds()


def starts_new(boot: Path) -> bool:
    """Whether the loader of the card whose FAT partition is at *boot* starts another system next than the one that runs."""
    try:
        return state.read(boot).starts != (slots.running() or "")
    except NotFound:
        return False


def set_clock(seconds: int) -> None:
    """Set the system's clock, and that with a battery if there is one. Raises OSError."""
    time.clock_settime(time.CLOCK_REALTIME, seconds)
    moment = datetime.fromtimestamp(seconds, UTC)
    fields = (
        moment.second,
        moment.minute,
        moment.hour,
        moment.day,
        moment.month - 1,
        moment.year - 1900,
        0,
        0,
        0,
    )
    try:
        with _RTC.open("rb") as rtc:
            fcntl.ioctl(rtc, _RTC_SET_TIME, struct.pack("9i", *fields))
    except OSError:
        return  # most boards have none


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=30)


@dataclass(frozen=True, slots=True)
class System:
    """What may be done to this computer; tests do it to nothing."""

    run: Callable[[list[str]], None] = _run
    set_clock: Callable[[int], None] = set_clock
    starts_new: Callable[[], bool] = lambda: False


def apply(folder: Path, floor: Floor, system: System) -> str:
    """Do what the request in *folder* asks, and say it in a word: that of the request, ``nothing`` or ``refused``.

    A clock is set only within the bounds of *floor*; for an update the box starts again only if the loader has one to start, so a
    mistake, or an enemy in the box's own user, does not keep it starting all night. Raises OSError, subprocess.SubprocessError.
    """
    request = take(folder)
    if request is None:
        return "nothing"
    if request.word == CLOCK:
        if not is_believable(request.seconds, floor):
            return "refused"
        system.set_clock(request.seconds)
    elif request.word == UPDATE and not system.starts_new():
        return "nothing"
    else:
        system.run(_COMMANDS[request.word])
    return request.word
