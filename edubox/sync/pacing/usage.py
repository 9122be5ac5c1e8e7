"""How many bytes came over which kind of line, day by day: ``usage.json``, for budgets, the sync page and the doctor.

It is written at most once a minute and at the end of a run, whole or not at all; what a power cut takes is a
minute of counting. A damaged file is begun anew: a budget is worth less than lessons. A day is the local
date, if the clock is believed; else it is a start of the computer or 24 hours of running, so that no clock,
however wrong, keeps a box waiting for a day that never ends, and days later than today are forgotten. Nothing
in it is about a person.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from edubox.errors import EduboxError, NoRoom
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic
from edubox.sync.fetching.sources import HUB, Source
from edubox.sync.pacing.pace import DAY, Belief, is_plausible
from edubox.trust.clock import Floor

#: Seconds between two writings; days and months that are kept.
EVERY, DAYS, MONTHS = 60.0, 35, 13
_FORMAT = 1
Counts = dict[str, dict[str, int]]


@dataclass(slots=True)
class Usage:
    """What the file says. *days* and *months*: bytes by kind of source; times are seconds since 1970."""

    days: Counts = field(default_factory=dict)
    months: Counts = field(default_factory=dict)
    #: The last run that went well, and the sources that gave something in it.
    success_at: float = 0.0
    success_from: list[str] = field(default_factory=list)
    #: The last run that did not, the error's code and sentence, and how many came in a row (0 after a success).
    failure_at: float = 0.0
    failure_code: str = ""
    failure_sentence: str = ""
    failures: int = 0
    #: Seconds for which a server asked to be left alone in the last run, 0 if none did.
    retry_after: float = 0.0
    belief: Belief = field(default_factory=Belief)

    def of_month(self, wall: float) -> dict[str, int]:
        """Bytes by kind in the month of *wall*, in local time."""
        return dict(self.months.get(_date(wall)[:7], {}))


def read_usage(data: Path) -> Usage:
    """What the box in *data* counted; an empty count when there is none or it is damaged."""
    try:
        value: dict[str, Any] = read_note(data / "usage.json")
        if value.pop("format") != _FORMAT:
            return Usage()
        known = {one.name: value[one.name] for one in fields(Usage) if one.name in value}
        usage = Usage(**known | {"belief": Belief(**known.get("belief", {}))})
        _check(usage)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Usage()
    return usage


def _check(usage: Usage) -> None:
    """Raise TypeError or ValueError unless every value has its type."""
    empty = Usage()
    for one in fields(Usage):
        if not isinstance(getattr(usage, one.name), type(getattr(empty, one.name)) | int):
            raise TypeError(one.name)
    for counts in (usage.days, usage.months):
        for kinds in counts.values():
            if any(type(size) is not int or size < 0 for size in kinds.values()):
                raise ValueError(kinds)
    if not all(isinstance(one, int | float) for one in (usage.belief.wall, usage.belief.doubt)):
        raise TypeError(usage.belief)


class UsageFile:
    """The writing side, for one run on the box in *data*; may be called from several threads."""

    def __init__(
        self, data: Path, floor: Floor, clock: Callable[[], float] = time.time,
        running: Callable[[], float] = time.monotonic, boot: str | None = None,
    ) -> None:  # fmt: skip
        """*clock* gives seconds since 1970, *running* since the start of the computer, whose name is *boot*."""
        self._path, self._floor, self._clock, self._running = data / "usage.json", floor, clock, running
        self._boot = this_boot() if boot is None else boot
        self._written = running()
        self._lock = threading.Lock()
        self.usage = read_usage(data)
        self.usage.retry_after = 0.0

    def add(self, kind: str, size: int) -> None:
        """Count *size* bytes from a source of *kind*, and write if it is time."""
        with self._lock:
            for counts, key in zip((self.usage.days, self.usage.months), self._keys(), strict=True):
                if key:
                    kinds = counts.setdefault(key, {})
                    kinds[kind] = kinds.get(kind, 0) + size
            if self._running() - self._written >= EVERY:
                self._write()

    def spent(self) -> tuple[int, int | None]:
        """The hub's bytes today and this month; the month is None when nobody knows which it is."""
        with self._lock:
            day, month = self._keys()
            used = self.usage.days.get(day, {}).get(HUB, 0)
            return used, self.usage.months.get(month, {}).get(HUB, 0) if month else None

    def asked_to_wait(self, seconds: float) -> None:
        """A server asked to be left alone for *seconds*."""
        self.usage.retry_after = max(self.usage.retry_after, seconds)

    def went_well(self, names: list[str]) -> None:
        """The run ended as it should; *names* are the sources that gave something."""
        self.usage.success_at, self.usage.success_from, self.usage.failures = self._clock(), names, 0
        self.write()

    def ended_early(self) -> None:
        """The run was postponed: no success to tell of, and no failure."""
        self.usage.failures = 0
        self.write()

    def failed(self, error: EduboxError) -> None:
        """The run ended with *error*."""
        self.usage.failure_at, self.usage.failures = self._clock(), self.usage.failures + 1
        self.usage.failure_code, self.usage.failure_sentence = error.code, str(error)
        self.write()

    def write(self) -> None:
        """Write now. A full disk is no reason to stop."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        self._written = self._running()
        usage = self.usage
        for counts, kept in ((usage.days, DAYS), (usage.months, MONTHS)):
            for key in list(counts)[:-kept]:  # in the order in which they began
                del counts[key]
        value = {"format": _FORMAT, **asdict(usage)}
        with contextlib.suppress(OSError, NoRoom):
            write_atomic(self._path, json.dumps(value).encode())

    def _keys(self) -> tuple[str, str]:
        """The names of today and of this month; the latter is empty if the clock is not believed."""
        wall, up = self._clock(), self._running()
        believed = self.usage.belief.holds(wall, up, self._boot, self._floor)
        if is_plausible(wall, self._floor):
            today = _date(wall)
            for counts, now in ((self.usage.days, today), (self.usage.months, today[:7])):
                for key in [key for key in counts if key > now and key.startswith("2")]:
                    del counts[key]
            if believed:
                return today, today[:7]
        return f"on {self._boot[:8]} {int(up // DAY)}", ""


def count_carried(
    data: Path, floor: Floor, sources: Sequence[Source], *, well: bool, system: datetime | None = None
) -> None:
    """Count what the stick or the courier *sources* brought to the box in *data*; *well*: it is a success to tell of.

    It says nothing about the line: neither its failures nor a hub's wish to be left alone are forgotten.
    """
    clock = time.time if system is None else system.timestamp
    file = UsageFile(data, floor, clock)
    file.usage.retry_after = read_usage(data).retry_after
    given = [source for source in sources if source.received]
    for source in given:
        file.add(source.kind, source.received)
    if well:
        file.usage.success_at, file.usage.success_from = clock(), [source.name for source in given]
    file.write()


def this_boot() -> str:
    """A name of the current start of this computer; the same for ever where the kernel gives none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _date(wall: float) -> str:
    try:
        return time.strftime("%Y-%m-%d", time.localtime(wall))
    except (ValueError, OverflowError, OSError):
        return ""
