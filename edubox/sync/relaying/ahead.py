"""What boxes will ask for, fetched before they do: so that a Monday costs the line nothing.

Once an hour, at a moment of its own, a thread asks for the timestamps of the repositories that are kept here, as a box would, lets the
notary verify what is new, and fetches what the newest lessons name, one file after the other, the newest lesson first. It stops at the
bound: nothing leaves for what nobody has asked for yet.
"""

from __future__ import annotations

import logging
import random
import threading
from pathlib import Path

from edubox.errors import EduboxError, NoRoom
from edubox.store.layout import DIRECTORY, PUBLISHERS
from edubox.sync.relaying.large import Large
from edubox.sync.relaying.line import Line
from edubox.sync.relaying.named import NewestNames, repositories
from edubox.sync.relaying.news import News
from edubox.sync.relaying.notary import Notary
from edubox.sync.relaying.room import Room

#: Seconds between two looks, in the mean; seconds that one file, or the notary, may take.
EVERY, LONGEST, NOTARY = 3600.0, 6 * 3600.0, 600.0
log = logging.getLogger("edubox.mirror")


class Ahead:
    """See the module."""

    def __init__(
        self, mirror: Path, line: Line, news: News, notary: Notary, large: Large, room: Room, names: NewestNames,
        follow: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """*follow*: publishers that are fetched although no box has asked for them yet."""
        self._mirror, self._line, self._news, self._notary = mirror, line, news, notary
        self._large, self._room, self._names, self._follow = large, room, names, follow

    def start(self) -> None:
        """Work in a thread of its own, now and then once an hour."""
        threading.Thread(target=self._run, name="ahead", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self.once()
            except Exception:
                log.exception("fetching ahead failed")
            pause.wait(EVERY * random.uniform(0.75, 1.25))  # noqa: S311 - no secret

    def once(self) -> tuple[int, int]:
        """Look and fetch; says how many files came, and how many lack."""
        wanted = dict.fromkeys(
            [DIRECTORY, *(f"{PUBLISHERS}/{one}" for one in self._follow), *repositories(self._mirror)]
        )
        for prefix in wanted:
            try:
                self._news.timestamp(prefix)
            except EduboxError as error:
                log.info("%s: %s", prefix, error)
        self._notary.wait(NOTARY)
        came = 0
        # Media are named by bundles: a second look finds those of the ones that came.
        for _ in range(2):
            came += self._fetch()
        lacking = sum(not (self._mirror / piece.path).exists() for piece in self._names.pieces())
        log.info("%d files came ahead, %d lack", came, lacking)
        return came, lacking

    def _fetch(self) -> int:
        came = 0
        for piece in self._names.pieces():
            if (self._mirror / piece.path).exists():
                continue
            if self._line.away or not self._room.may_come(piece.size):
                break
            try:
                self._large.wait(piece.path, LONGEST)
                came += 1
            except NoRoom:
                break
            except EduboxError as error:
                log.info("%s: %s", piece.path, error)
        return came
