"""How far a synchronisation is, in one small file that pages and the doctor read while it runs.

``staging/status.json`` is replaced about once a second and never synced: after a power cut an old or missing
one is no loss, the next run writes its own. It holds lessons and bytes, nothing about a person. What it says
after the end of a run is how that run ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from edubox.store.notes import read_note

#: Seconds between two writings; the bytes of the last SPAN seconds give the speed.
EVERY, SPAN = 1.0, 20.0
#: A running synchronisation that wrote nothing for so many seconds was killed.
LOST = 120.0
READING_SIGNATURES, LESSONS, MEDIA, ENDED = "signatures", "lessons", "media", "ended"


@dataclass(slots=True)
class Coming:
    """One lesson that has something to come; sizes are bytes, *state* is ``coming``, ``waiting`` (for media) or ``ready``."""

    pack: str
    title: str
    state: str
    done: int
    total: int


@dataclass(slots=True)
class Status:
    """What a person would ask. Times are seconds since 1970; sizes bytes; *rate* bytes a second."""

    began: float = 0.0
    updated: float = 0.0
    phase: str = READING_SIGNATURES
    #: The lesson under way, and how much of all that this run wants to bring is here.
    what: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    #: Bytes received so far, by kind of source.
    received: dict[str, int] = field(default_factory=dict)
    coming: list[Coming] = field(default_factory=list)
    #: Version of the new system that is ready to be installed; 0 if none is.
    system: int = 0
    #: Code and sentence of the error (or postponement) that ended the run, empty if all went well.
    code: str = ""
    sentence: str = ""

    def running(self, now: float) -> bool:
        """Whether a run is under way at *now*."""
        return self.phase != ENDED and self.began > 0 and now - self.updated < LOST

    def seconds_left(self) -> float | None:
        """At the measured speed; None when nobody can say."""
        return (self.total - self.done) / self.rate if self.rate > 0 and self.total > self.done else None


def read_status(data: Path) -> Status:
    """The last word of the box in *data*; an empty status when there is none."""
    try:
        value: dict[str, Any] = read_note(data / "staging" / "status.json")
        known = {one.name for one in fields(Status)}
        status = Status(**{name: found for name, found in value.items() if name in known})
        status.coming = [Coming(**one) for one in value.get("coming", [])]
        _check(status)
    except (OSError, ValueError, TypeError, AttributeError):
        return Status()
    return status


def _check(status: Status) -> None:
    """Raise TypeError unless every value has its type: a card that fails may leave anything in the file."""
    pairs: list[tuple[Status | Coming, Status | Coming]] = [(status, Status())]
    pairs += [(one, Coming("", "", "", 0, 0)) for one in status.coming]
    for value, empty in pairs:
        for name in (one.name for one in fields(empty)):
            wanted = type(getattr(empty, name))
            if not isinstance(getattr(value, name), int | float if wanted is float else wanted):
                raise TypeError(name)
    if not all(type(size) is int for size in status.received.values()):
        raise TypeError("received")


class StatusFile:
    """The writing side, for one run on the box in *data*."""

    def __init__(self, data: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = data / "staging" / "status.json", clock
        self.now = Status(began=clock())
        self._samples: list[tuple[float, int]] = []
        self._written = 0.0

    def tell(self, *, at_once: bool = False) -> None:
        """Write what ``now`` says, at most every EVERY seconds unless *at_once*. A full disk is no reason to stop."""
        moment = self._clock()
        if not at_once and 0 <= moment - self._written < EVERY:
            return
        self._written = self.now.updated = moment
        self._measure(moment)
        beside = self._path.with_name(".status.json.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(asdict(self.now)), "utf-8")
            beside.replace(self._path)
        except OSError:
            return

    def _measure(self, moment: float) -> None:
        self._samples.append((moment, sum(self.now.received.values())))
        while len(self._samples) > 2 and moment - self._samples[0][0] > SPAN:
            del self._samples[0]
        (begin, before), (end, after) = self._samples[0], self._samples[-1]
        self.now.rate = (after - before) / (end - begin) if end > begin else 0.0
