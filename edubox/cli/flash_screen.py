"""What a technician sees while cards are written: a line a card, at most as many as the terminal has.

A card that is over leaves the moving part and stays above it as a sentence. Without a terminal only those sentences are
printed, and every half minute one on all of them.
"""

from __future__ import annotations

import shutil
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence

import click

from edubox.cli.output import counted
from edubox.hardware.flash.cards import Job

_BAR = 12
#: Seconds that a rate is taken over; between two lines where there is no terminal.
_WINDOW, _PLAIN_EVERY = 8.0, 30.0


class Screen:
    """The progress of *jobs* on stderr."""

    def __init__(
        self, jobs: Sequence[Job], *, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._jobs, self._quiet, self._clock = jobs, quiet, clock
        self._terminal = sys.stderr.isatty()
        self._lines = 0
        self._told: set[int] = set()
        self._shown = clock()
        self._seen: dict[int, list[tuple[float, int]]] = {}

    def draw(self) -> None:
        """Show how far they are now."""
        if self._quiet:
            return
        now = self._clock()
        over = [number for number, job in enumerate(self._jobs) if job.is_over and number not in self._told]
        said = [ending(self._jobs[number]) for number in over]
        self._told |= set(over)
        left = [number for number, job in enumerate(self._jobs) if not job.is_over]
        if not self._terminal:
            if left and now - self._shown >= _PLAIN_EVERY:
                self._shown = now
                said.append(self._summary(left))
            for line in said:
                click.echo(line, err=True)
            return
        width, height = shutil.get_terminal_size()
        rows = left[: max(height - 3, 1)]
        moving = [fitted(self._row(number, now), width - 1) for number in rows]
        if len(left) > len(rows):
            moving.append(f"… and {len(left) - len(rows)} more: {self._summary(left)}"[: width - 1])
        up = f"\x1b[{self._lines}F" if self._lines else ""
        text = up + "".join(f"\x1b[K{line}\n" for line in (*said, *moving)) + "\x1b[J"
        self._lines = len(moving)
        click.echo(text, nl=False, err=True)

    def _row(self, number: int, now: float) -> str:
        job = self._jobs[number]
        share = job.done / job.total if job.total else 0.0
        bar = "█" * round(share * _BAR)
        rate = self._rate(number, now)
        left = _clock((job.total - job.done) / rate) if rate else ""
        speed = f"{rate / 1e6:.1f} MB/s" if rate else ""
        return f"{job.disk.name:8} {bar:░<{_BAR}} {share:4.0%} {job.step or 'waiting':8} {speed:>10} {left:>6}  {job.whose}"

    def _rate(self, number: int, now: float) -> float:
        """Bytes a second, of the last seconds."""
        seen = self._seen.setdefault(number, [])
        seen.append((now, self._jobs[number].done))
        while now - seen[0][0] > _WINDOW:
            del seen[0]
        took = now - seen[0][0]
        return (seen[-1][1] - seen[0][1]) / took if took >= 1 else 0.0

    def _summary(self, left: Sequence[int]) -> str:
        shares = [
            self._jobs[one].done / self._jobs[one].total if self._jobs[one].total else 0.0 for one in left
        ]
        return f"{counted(len(left), 'card')} being written, {sum(shares) / len(shares):.0%} on the whole"


def ending(job: Job) -> str:
    """The sentence that stays of a card."""
    whose = f"  {job.whose}" if job.whose else ""
    if job.error is not None:
        return f"{job.disk.name:8} ✗ {job.error}{whose}"
    mended = ""
    if job.written is not None and job.written.mended:
        mended = (
            f" ({counted(job.written.mended, 'place')} had to be written twice: keep an eye on this card)"
        )
    return f"{job.disk.name:8} ✓ written and checked{mended}{whose}"


def fitted(text: str, width: int) -> str:
    """*text* cut to *width* columns of a terminal, where a letter of Asia takes two and an accent of its own none."""
    taken = room = 0
    for place, letter in enumerate(text):
        taken += (
            0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        )
        if taken > width:
            return text[:room] + "…"
        room = place + 1 if taken < width else room
    return text


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
