"""What a synchronisation tells: a person who watches, the report at its end, and the status file in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from edubox.errors import EduboxError, Postponed
from edubox.sync.fetching.part import Show
from edubox.sync.plan import NOTHING, WITHDRAWN, Step
from edubox.sync.status import ENDED, LESSONS, MEDIA, Coming, StatusFile


class Progress(Protocol):
    """Where a person follows the work."""

    def show(self, what: str, done: int, total: int) -> None:
        """*done* of *total* bytes of *what* are there."""

    def say(self, sentence: str) -> None:
        """A line that stays."""


@dataclass(slots=True)
class Report:
    """What happened: *packs* has a dict for each lesson (pack, version, plan, state, bytes)."""

    packs: list[dict[str, Any]] = field(default_factory=list)
    bytes: int = 0
    requests: int = 0
    #: Bytes by kind of source.
    received: dict[str, int] = field(default_factory=dict)
    #: Version of the new system that is here and waits for ``edubox system install``; 0 if none is.
    system: int = 0
    #: Why the rest comes later, empty if there is no rest.
    postponed: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object that ``edubox sync --json`` prints."""
        return {
            "bytes": self.bytes, "requests": self.requests, "received": self.received, "postponed": self.postponed,
            "system": self.system, "packs": self.packs,
        }  # fmt: skip


class Telling:
    """The three places where one run is told; *received* says the bytes so far, by kind of source."""

    def __init__(
        self, progress: Progress, status: StatusFile, received: Callable[[], dict[str, int]]
    ) -> None:
        self.report = Report()
        #: What went wrong, in the order in which it did; *postponed* when the rest of the run comes later.
        self.errors: list[EduboxError] = []
        self.postponed: Postponed | None = None
        self._progress, self._status, self._received = progress, status, received
        self._coming: dict[str, Coming] = {}

    def say(self, sentence: str) -> None:
        """A line that stays."""
        self._progress.say(sentence)

    def failed(self, what: str, error: EduboxError) -> None:
        """*what* could not be had; a postponement is none of its own."""
        if isinstance(error, Postponed):
            self.postpone(error)
            return
        self.errors.append(error)
        self.say(f"{what}: {error}")

    def postpone(self, later: Postponed) -> None:
        """The rest of this run comes later."""
        if self.postponed is None:
            self.postponed = later
            self.report.postponed = str(later)
            self.say(str(later))

    def pack(self, address: str, version: int, plan: str, state: str, size: int) -> None:
        """What was done about a lesson, and the bytes that it cost."""
        self.report.packs.append(
            {"pack": address, "version": version, "plan": plan, "state": state, "bytes": size}
        )

    def pack_state(self, address: str, version: int, state: str) -> None:
        """In which state this version of a lesson is at the end."""
        for one in self.report.packs:
            if one["pack"] == address and one["version"] == version:
                one["state"] = state

    def pack_bytes(self, address: str, size: int) -> None:
        """So many more bytes were received for a lesson."""
        for one in self.report.packs:
            if one["pack"] == address:
                one["bytes"] += size

    def expect(self, steps: Iterable[Step]) -> None:
        """Say what is coming: the texts, and the media as far as anybody can know."""
        self._coming = {
            step.address: Coming(step.address, step.index.name, "coming", 0, step.cost + step.media)
            for step in steps
            if step.plan not in {NOTHING, WITHDRAWN}
        }
        self._status.now.phase = LESSONS
        self._write(at_once=True)

    def expect_media(self, sizes: dict[str, tuple[str, int]]) -> None:
        """Say which media are coming: address → title and bytes."""
        for address, (title, size) in sizes.items():
            one = self._coming.setdefault(address, Coming(address, title, "waiting", 0, 0))
            one.state, one.total = "waiting", one.done + size
        self._status.now.phase = MEDIA
        self._write(at_once=True)

    def lesson(self, address: str, name: str) -> Show:
        """Where the work on one file of a lesson shows how far it is, in bytes done and in all."""
        one = self._coming.get(address)
        return partial(self._show, one, one.done if one else 0, name)

    def arrived(self, address: str, state: str) -> None:
        """The lesson at *address* can be read; *state* as in the catalogue."""
        one = self._coming.get(address)
        if one is not None:
            one.state = state
            if state == "ready":
                one.done = one.total
        self._write(at_once=True)

    def system_ready(self, address: str, version: int) -> None:
        """Version *version* of this box's system is here, whole."""
        self.report.system = self._status.now.system = version
        self.say(
            f"New system ready, version {version}: it is installed by itself, and tried at the next start."
        )
        self.arrived(address, "ready")

    def end(self, error: EduboxError | None) -> None:
        """The run is over, with *error* or without."""
        self.report.received = self._received()
        self.report.bytes = sum(self.report.received.values())
        status = self._status.now
        status.phase, status.what = ENDED, ""
        if error is not None:
            status.code, status.sentence = error.code, str(error)
        self._write(at_once=True)

    def _show(self, one: Coming | None, before: int, name: str, done: int, total: int) -> None:
        self._progress.show(name, done, total)
        if one is not None:
            one.done = before + done
            one.total = max(one.total, before + total)
            self._status.now.what = one.title
        self._write()

    def _write(self, *, at_once: bool = False) -> None:
        status = self._status.now
        status.coming = list(self._coming.values())
        status.done = sum(one.done for one in status.coming)
        status.total = sum(one.total for one in status.coming)
        status.received = self._received()
        self._status.tell(at_once=at_once)
