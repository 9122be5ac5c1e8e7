"""What is erased on its day without anybody asking: looked for once an hour while the box serves, beside the requests."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from edubox.box.own.identity import now_on
from edubox.box.school import handins, week
from edubox.box.school.database import SchoolFile
from edubox.errors import EduboxError

#: Seconds between two looks; the first is soon after the start.
PAUSE, FIRST = 3600, 60
log = logging.getLogger(__name__)


class Erasing:
    """Looks after the drop-boxes of the box in *data*, and what classes took along."""

    def __init__(self, data: Path) -> None:
        self._data, self._school = data, SchoolFile(data)
        self._due = time.monotonic() + FIRST
        self._thread: threading.Thread | None = None

    def tick(self) -> None:
        """Begin to look if it is time; returns at once."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + PAUSE
        self._thread = threading.Thread(target=self.look, name="erasing", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Erase what is to be erased now; what fails is tried again in an hour."""
        try:
            handins.sweep(self._school, self._data, now_on(self._data))
            handins.clear(self._school, self._data)
            week.clear(self._school, self._data, now_on(self._data).date())
        except (EduboxError, OSError):
            log.exception("what is erased on its day could not be looked through")

    def end(self) -> None:
        """Wait for a look that is under way."""
        if self._thread is not None:
            self._thread.join(10)
