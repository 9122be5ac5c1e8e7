"""The box does its work by itself: the serving process starts it as children, one at a time, and only when it may.

Nothing here may slow a page: ``tick`` comes once a second between two requests, looks, starts or ends at most
one child and never waits; a teacher who gives a lesson is made way for; the work, its memory and its libraries are in the child, at the lowest priority. A
child hears on its standard input whether pupils read (``sync.pacing.orders``), and ends when that closes, so
a killed server leaves no orphan. What goes first: a stick that somebody put in, what a page asked for,
lessons whose moment has come (``sync.curtain``), fetching when it is due, and in silence the card's own check. When fetching is due is decided by
``sync.pacing.pace``; how it went is read from ``usage.json``, which the child writes. The only thing kept
here is a pause (``control.json``): it must outlive a power cut.
"""

from __future__ import annotations

import json
import logging
import math
import random
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.box.children import Child, Process
from edubox.box.discovery import host_name
from edubox.errors import BUSY, DONE
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic
from edubox.sync.checking import read_answer
from edubox.sync.curtain import read_curtains
from edubox.sync.pacing import pace
from edubox.sync.pacing.orders import GRACE, PAUSE, QUIET, READING, STOP
from edubox.sync.pacing.usage import read_usage, this_boot
from edubox.sync.pinned import read_floor

#: Seconds from a child's last word to the signal that it cannot refuse; before that it ends itself.
PATIENCE = 2 * GRACE
#: The card is checked for so many seconds, at the earliest so long after power-on, and again after so many.
SCRUB_FOR, SCRUB_AFTER, SCRUB_EVERY = 600, 180.0, 6 * pace.HOUR
#: Seconds until fetching is tried again when another edubox held the folder.
BUSY_AGAIN = 120.0
#: What a page may ask for and has not begun.
QUEUE = 8
#: Until somebody ends the pause.
FOR_EVER = math.inf
SYNC, STICK, SCRUB, ASKED, OPENING = "sync", "stick", "scrub", "asked", "opening"
#: Why nothing is fetched at the moment, the values of ``KeeperState.reason``; empty while it is.
OFF, NO_SOURCE, PAUSED, WAITING, READERS, BACKING_OFF = "off", "no-source", "paused", "waiting", "readers", "backing-off"  # fmt: skip
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeeperState:
    """For the page and the doctor. *running*: SYNC, STICK, SCRUB, ASKED, OPENING or nothing.

    *paused_until* is seconds since 1970, FOR_EVER, or None without a pause; *next_due* when fetching may
    begin, None if it will not by itself; *reason* one of the words above.
    """

    running: str
    paused_until: float | None
    next_due: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Rest:
    """How quiet a box is: seconds of *silence* since the last page or the start, the *minute* of the day, *busy* with a child.

    *minute* is None when the clock is not believed.
    """

    silence: float
    minute: int | None
    busy: bool


class Keeper:
    """One for each serving process. ``tick`` and ``end`` belong to its main thread, the rest to any."""

    def __init__(
        self, data: Path, settings: dict[str, Any], clock: Callable[[], float] = time.time,
        spawn: Callable[[list[str]], Child] | None = None, *, running: Callable[[], float] = time.monotonic,
        drawn: Callable[[], float] = random.random, box: str = "", boot: str | None = None,
        sticks: Callable[[], Sequence[Path]] = tuple, neighbours: Callable[[], Sequence[str]] = tuple,
    ) -> None:  # fmt: skip
        """*clock* says seconds since 1970, *running* seconds that never go back; *drawn* numbers from 0 to 1 for jitter.

        *box* is this box's id, *boot* a name of the computer's start; *sticks* are the sticks that appeared
        since the last call, *neighbours* the addresses of boxes nearby. *spawn* starts ``edubox`` with
        arguments.
        """
        self._data, self._sources, self._pace = data, list(settings["sources"]), pace.Pace.of(settings)
        self._clock, self._running, self._drawn = clock, running, drawn
        self._spawn = spawn or Process
        self._sticks, self._neighbours = sticks, neighbours
        self._box, self._boot = box or host_name(), this_boot() if boot is None else boot
        self._belief, self._floor = pace.Belief(), read_floor(data)
        self._lock = threading.Lock()
        self._paused = _read_pause(data / "control.json")
        self._page = began = running()
        self._due = began + pace.first_poll(self._box, empty=not _has_lessons(data))
        self._scrub_due = began + SCRUB_AFTER
        #: When the next lesson that is here is to be shown (seconds since 1970), None if none waits.
        self._opens = min((one.moment for one in read_curtains(data)), default=None)
        self._polls = self._failures = 0
        self._wanted = False
        self._queue: deque[tuple[str, list[str]]] = deque()
        self._child: Child | None = None
        self._what, self._told_reading, self._ending, self._deadline = "", False, "", 0.0
        self._for_person = False
        self._complaint = ""
        self._way_wanted: Callable[[], bool] = lambda: False

    # --- what pages say --------------------------------------------------------------------------------

    def make_way(self, wanted: Callable[[], bool]) -> None:
        """While *wanted* says so, somebody waits for the box's folder: what holds it ends, and nothing begins."""
        self._way_wanted = wanted

    def page_opened(self) -> None:
        """Somebody reads."""
        self._page = self._running()

    def reading(self) -> bool:
        """Whether pupils read."""
        return self._running() - self._page < pace.READING

    def rest(self) -> Rest:
        """How quiet it is now; in its main thread only."""
        now = self._running()
        busy = self._child is not None or bool(self._queue) or self._way_wanted()
        return Rest(now - self._page, self._minute(now), busy)

    def now(self) -> None:
        """Fetch as soon as possible: a person asks, so hours do not count and a pause is over."""
        self.resume()
        self._wanted = True

    def pause(self, until: float | None = None) -> None:
        """Fetch nothing *until* then (seconds since 1970), or until somebody says so. Raises NoRoom."""
        self._set_pause((self._clock(), FOR_EVER if until is None else until))
        self._wanted = False

    def resume(self) -> None:
        """End the pause. Raises NoRoom."""
        self._set_pause(None)

    def run(self, arguments: list[str]) -> bool:
        """Run ``edubox`` with *arguments* soon, before any fetching; False if too much waits already."""
        with self._lock:
            if len(self._queue) >= QUEUE:
                return False
            self._queue.append((ASKED, arguments))
        return True

    def state(self) -> KeeperState:
        """What runs, and why nothing does."""
        paused, what = self._pause_end(), self._what if self._child else ""
        due = self._clock() + max(self._due - self._running(), 0.0)
        if self._wanted:
            due = self._clock()
        if what == SYNC:
            return KeeperState(what, paused, None, "")
        reason = self._hindrance()
        return KeeperState(what, paused, None if reason in {OFF, NO_SOURCE} else due, reason)

    # --- the work --------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Look, and begin or end what it is time for. Raises nothing; a mistake of ours is logged once."""
        try:
            self._turn()
        except Exception as error:  # the class must go on
            if (complaint := repr(error)) != self._complaint:
                self._complaint = complaint
                log.exception("the box cannot do its work by itself")

    def end(self) -> None:
        """Let the child end, in GRACE seconds at most; call when nothing is served any more."""
        child, self._child = self._child, None
        if child is None:
            return
        child.say(STOP)
        child.hush()
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + GRACE / 2
            while child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            if child.poll() is not None:
                return
            child.end(number)

    def _turn(self) -> None:
        for stick in self._sticks():
            with self._lock:
                self._queue.appendleft(
                    (STICK, ["stick", "exchange", str(stick), "--data", str(self._data), "--json"])
                )
        now = self._running()
        if self._child is not None and (code := self._child.poll()) is not None:
            self._reap(code, now)
        if self._child is not None:
            self._guide(self._child, now)
        else:
            self._begin(now)

    def _guide(self, child: Child, now: float) -> None:
        """Tell the child what it must know, and end one that does not listen."""
        reading = self.reading()
        if reading != self._told_reading:
            self._told_reading = reading
            child.say(READING if reading else QUIET)
        if self._ending:
            if now > self._deadline:
                child.end(signal.SIGKILL)  # every command survives a pulled plug
            return
        word = ""
        if self._what == SYNC:
            if self._pause_end() is not None:
                word = PAUSE
            elif self._queue or self._way_wanted() or not (self._for_person or self._is_open(now)):
                word = STOP
        elif self._what == SCRUB and (self._queue or reading or self._way_wanted() or not self._hindrance()):
            word = STOP
        if word:
            child.say(word)
            self._ending, self._deadline = word, now + PATIENCE

    def _begin(self, now: float) -> None:
        if self._way_wanted():
            return
        with self._lock:
            next_one = self._queue.popleft() if self._queue else None
        if next_one is not None:
            self._start(*next_one)
        elif self._is_time_to_open(now):
            self._start(OPENING, ["sync", "--here", "--data", str(self._data), "--json"])
        elif not self._hindrance():
            self._for_person, self._wanted = self._wanted, False
            arguments = ["sync", "--data", str(self._data), "--paced", "--json"]
            arguments += [part for url in self._neighbours() for part in ("--neighbour", url)]
            self._start(SYNC, arguments + ["--now"] * self._for_person)
        elif now >= self._scrub_due and now - self._page >= self._pace.quiet:
            self._scrub_due = now + SCRUB_EVERY
            self._start(SCRUB, ["scrub", "--data", str(self._data), "--for", str(SCRUB_FOR), "--json"])

    def _start(self, what: str, arguments: list[str]) -> None:
        self._what, self._ending, self._told_reading = what, "", False
        try:
            self._child = self._spawn(arguments)
        except OSError as error:  # no memory or no process to spare: as if it had failed at once
            log.warning("edubox %s could not be started: %s", arguments[0], error)
            self._reap(1, self._running())

    def _reap(self, code: int, now: float) -> None:
        """Learn from the end of a child when fetching is next due."""
        if self._child is not None:
            self._child.hush()
        self._child = None
        # What should be open by now and is not was looked at in vain: once is enough.
        self._opens = min(
            (one.moment for one in read_curtains(self._data) if one.moment > self._clock()), default=None
        )
        if self._what != SYNC:
            return
        self._floor = read_floor(self._data)
        told = read_usage(self._data)
        if self._ending:
            self._due, self._wanted = now, self._for_person and self._pause_end() is None
        elif code == BUSY:
            self._due = now + BUSY_AGAIN * (0.5 + self._drawn())
        elif code == DONE:
            self._failures = 0
            self._polls += 1
            # A hub that answers says when it would like to be asked again; without one, the box's own setting counts.
            every = read_answer(self._data, self._clock()).next or self._pace.every
            self._due = now + pace.next_poll(self._box, self._polls, every)
        else:
            # The file knows of those before the last start; a child that was killed could not write into it.
            self._failures = max(told.failures, self._failures + 1)
            self._due = now + pace.back_off(self._failures, self._drawn())
        if told.retry_after and not self._ending:
            self._due = max(self._due, now + pace.after(told.retry_after, self._drawn()))

    # --- may it? ---------------------------------------------------------------------------------------

    def _hindrance(self) -> str:
        """Why fetching may not begin; empty if it may."""
        now = self._running()
        if not self._sources and not self._neighbours():
            return NO_SOURCE
        if self._pause_end() is not None:
            return PAUSED
        if self._wanted:
            return ""
        if not self._pace.automatic:
            return OFF
        if now < self._due:
            return BACKING_OFF if self._failures else WAITING
        return "" if self._is_open(now) else READERS

    def _is_time_to_open(self, now: float) -> bool:
        """Whether a lesson's moment has come, by a clock that may be believed."""
        wall = self._clock()
        return (
            self._opens is not None
            and wall >= self._opens
            and self._belief.holds(wall, now, self._boot, self._floor)
        )

    def _is_open(self, now: float) -> bool:
        return pace.is_open(self._pace, self._minute(now), now - self._page)

    def _minute(self, now: float) -> int | None:
        """The minute of the day, None if the clock is not believed."""
        wall = self._clock()
        if not self._belief.holds(wall, now, self._boot, self._floor):
            return None
        local = time.localtime(wall)
        return local.tm_hour * 60 + local.tm_min

    def _pause_end(self) -> float | None:
        """When the pause ends; None if there is none, or no more, or the clock went back behind its beginning."""
        if self._paused is None:
            return None
        since, until = self._paused
        return until if until == FOR_EVER or since - pace.BACK <= self._clock() < until else None

    def _set_pause(self, paused: tuple[float, float] | None) -> None:
        with self._lock:
            if paused == self._paused:
                return
            value = {
                "format": 1,
                "paused": paused and [paused[0], None if paused[1] == FOR_EVER else paused[1]],
            }
            write_atomic(self._data / "control.json", json.dumps(value).encode())
            self._paused = paused


def _has_lessons(data: Path) -> bool:
    """Whether a lesson was ever put on this box; a place that cannot be read holds none."""
    try:
        return any((data / "site").iterdir())
    except OSError:
        return False


def _read_pause(path: Path) -> tuple[float, float] | None:
    """Since when and until when a person paused; a damaged file is no pause."""
    try:
        since, until = read_note(path)["paused"]
        return float(since), FOR_EVER if until is None else float(until)
    except (OSError, ValueError, TypeError, KeyError):
        return None
