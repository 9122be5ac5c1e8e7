"""A newer system waits in the other slot: the box starts again by itself, when that takes nothing from anybody.

Most boxes are switched off in the evening, and the next morning tries the new system. One that is never switched off does it at
night: when its clock is believed and says so, and no page was opened for a while; without such a clock, when nobody has read
for so long that no lesson can be going on. ``pace``'s windows do not count here: they are about a line. This process only asks;
root looks whether the loader has something new to start (``hardware.ask``), so a box cannot be made to start again and again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edubox.box.keeper import Rest
from edubox.errors import NoRoom
from edubox.hardware.ask import request as asking
from edubox.hardware.ask.request import UPDATE, Request
from edubox.store import slots
from edubox.sync.pacing.pace import HOUR, MINUTE

#: Minutes of the day between which it is night: late for a boarding school, and over before the first cleaner.
NIGHT = (1 * 60, 5 * 60)
#: Seconds without a page at night, and where nobody knows what time it is: longer than a school day's longest pause.
QUIET, ALONE = 20 * MINUTE, 8 * HOUR
#: Seconds between two looks, and after a request, which is done within a minute or never.
LOOK, AGAIN = MINUTE, 12 * HOUR
#: What the page says: whether the box starts again by itself.
BY_ITSELF, ASKED = "by-itself", "asked"
log = logging.getLogger(__name__)


def is_time(rest: Rest) -> bool:
    """Whether nobody misses a box that *rest*s like this for two minutes."""
    if rest.busy or rest.silence < QUIET:
        return False
    if rest.minute is None:
        return rest.silence >= ALONE
    return NIGHT[0] <= rest.minute < NIGHT[1]


def what_waits(settings: Mapping[str, Any]) -> str:
    """BY_ITSELF or ASKED when a newer system waits for a start of the box with these *settings*, else nothing."""
    if slots.waiting(Path(settings["slots"]), slots.running()) is None:
        return ""
    return BY_ITSELF if settings["restart"] and asking.is_heard(asking.FOLDER) else ASKED


class Renewal:
    """One for each serving process; ``tick`` belongs to its main thread."""

    def __init__(
        self, settings: Mapping[str, Any], rest: Callable[[], Rest], running: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        """*rest* says how quiet the box is, *running* seconds that never go back."""
        self._settings, self._rest, self._running = settings, rest, running
        self._next = running() + LOOK

    def tick(self) -> None:
        """Look now and then, and ask when it is time."""
        now = self._running()
        if now < self._next:
            return
        self._next = now + LOOK
        if not is_time(self._rest()) or what_waits(self._settings) != BY_ITSELF:
            return
        self._next = now + AGAIN
        try:
            asking.put(asking.FOLDER, Request(UPDATE))
        except (OSError, NoRoom) as error:
            log.warning("the box could not ask to start its newer system: %s", error)
