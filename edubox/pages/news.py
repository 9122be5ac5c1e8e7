"""What the desk's page tells, as plain data: the box fills it out of what it remembers, the page puts it into words.

Sizes are bytes. Moments are in the box's own time zone, since they are only shown or compared with *now*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """One lesson that has something to come. *state*: ``coming``, ``waiting`` (its text is here) or ``ready``."""

    address: str
    title: str
    state: str
    done: int = 0
    total: int = 0
    #: Whether somebody said that it is needed tomorrow.
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """One lesson that is here and is shown from *opens* on; *asked*: somebody has just said to open it now."""

    address: str
    title: str
    opens: datetime
    asked: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """How the box stands at *now*."""

    now: datetime
    #: Whether it was ever told of its country, and how many lessons can be opened.
    began: bool = True
    lessons: int = 0
    #: What is under way: a lesson's title, how much of all is here, the measured time that is left (seconds).
    running: bool = False
    what: str = ""
    done: int = 0
    total: int = 0
    left: float | None = None
    #: What the box does instead (``verdict.WAITS``), when that ends if somebody knows, and its minutes of silence.
    waits: str = ""
    until: datetime | None = None
    quiet: int = 20
    #: Code and English sentence of the error with which the last run ended; empty if it went well.
    code: str = ""
    said: str = ""
    coming: tuple[Arrival, ...] = ()
    #: Lessons that wait for their day, the first to open first.
    waiting: tuple[Waiting, ...] = ()
    #: When something was last heard, and bytes that came then by kind of source.
    success: datetime | None = None
    brought: dict[str, int] = field(default_factory=dict)
    #: Bytes of this month: over the line, from everything near, and how many the line may carry (0: any).
    line: int = 0
    near: int = 0
    allowed: int = 0
    #: Days since the country's confirmation ended.
    stale_days: int = 0
    #: The card: all of it, what is free, and what is never filled.
    card: int = 0
    free: int = 0
    reserve: int = 0
    #: Whether the box can be told to pause and to begin.
    controls: bool = False

    def is_full(self) -> bool:
        """Whether no new lesson fits."""
        return self.card > 0 and self.free <= self.reserve

    def silent_days(self) -> int:
        """Whole days since something was last heard; 0 if nobody can say."""
        return 0 if self.success is None else max((self.now - self.success).days, 0)
