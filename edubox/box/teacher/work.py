"""Work for teachers that is too heavy for the serving process: one child at a time, at once, at the usual priority.

A teacher waits for it, while what the keeper does can wait for the night. What a child says of itself stands in a
``progress.json``: ``{"state": "waiting|working|done|failed", "what", "done", "total", "error"}``. A child that dies
without a word (it was killed, it took too long) is said to have failed by the bench, which also bounds its memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from edubox.errors import EduboxError, TooHeavy
from edubox.program import EDUBOX
from edubox.store.notes import read_note

WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"
#: Seconds after which a child is ended: two gigabytes on a slow card take fifteen minutes.
LONGEST = 3600.0
#: Bytes of a child's memory: what the issue grants every upload. Our largest sample takes 156 MiB, a picture of 32
#: megapixels 169; a build that wants more ends with an error (``too-heavy``), the draft stays and the box goes on.
MEMORY = 200 * 1024 * 1024
#: Seconds between two words of a piece of work.
_EVERY = 0.5
#: Work that waits; a school has fewer teachers.
MOST = 200


class Telling(Protocol):
    """Tells what is done now, and how far it is; nobody reads it more often than twice a second."""

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        """*done* of *total*, both 0 if that cannot be said."""


class Bench:
    """Does one piece of work after the other; safe to use from many threads."""

    def __init__(self, command: Sequence[str] = (), longest: float = LONGEST) -> None:
        """*command* stands before the arguments of every piece of work, by default edubox itself."""
        self._command, self._longest = list(command) or EDUBOX, longest
        self._waiting: deque[tuple[tuple[str, ...], Path | None]] = deque()
        self._now: tuple[str, ...] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def start(self, args: Sequence[str], progress: Path | None = None) -> bool:
        """Run ``edubox ARGS`` when its turn comes; False if too much waits. The same, while it waits, is done once.

        *progress* is where it tells how far it is.
        """
        piece = (tuple(args), progress)
        with self._change:
            if self._closed or len(self._waiting) >= MOST:
                return False
            if piece not in self._waiting:
                self._waiting.append(piece)
                if progress is not None:
                    tell(progress, WAITING)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="bench", daemon=True)
                self._thread.start()
            self._change.notify_all()
        return True

    def busy(self, args: Sequence[str]) -> bool:
        """Whether ``edubox ARGS`` waits or runs."""
        wanted = tuple(args)
        with self._change:
            return self._now == wanted or any(waiting == wanted for waiting, _ in self._waiting)

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is to be done, at most *seconds*; whether that is so."""
        with self._change:
            return self._change.wait_for(lambda: self._now is None and not self._waiting, seconds)

    def close(self) -> None:
        """End what runs and forget what waits."""
        with self._change:
            self._closed = True
            self._waiting.clear()
            if self._child is not None:
                _end(self._child)
            self._change.notify_all()

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                args, progress = self._waiting.popleft()
                self._now = args
            try:
                self._run(args, progress)
            finally:
                with self._change:
                    self._now = self._child = None
                    self._change.notify_all()

    def _run(self, args: tuple[str, ...], progress: Path | None) -> None:
        code = 1
        with contextlib.suppress(OSError):
            with self._change:
                if self._closed:
                    return
                self._child = child = subprocess.Popen(
                    [*self._command, *args], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
                _limit(child)
            try:
                code = child.wait(self._longest)
            except subprocess.TimeoutExpired:
                _end(child)
                child.wait()
        if code and progress is not None:
            told = said(progress)
            if told.get("state") in {WAITING, WORKING}:
                tell(progress, FAILED, **told | {"error": "ended"})


def said(progress: Path) -> dict[str, Any]:
    """What a piece of work says of itself; empty if nothing can be read."""
    try:
        value = read_note(progress)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def tell(progress: Path, state: str, /, **more: Any) -> None:
    """Write how far a piece of work is; nothing depends on it, so a full disk or a draft that has gone is no error."""
    beside = progress.with_name(f".{progress.name}.{os.getpid()}.new")
    try:
        beside.write_text(json.dumps(more | {"state": state}, ensure_ascii=False), "utf-8")
        beside.replace(progress)
    except OSError:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def telling(progress: Path) -> Iterator[Telling]:
    """Tell that the work inside is under way, done, or why not; what it gives tells how far: (what, done, total)."""
    last, before = 0.0, ""

    def show(what: str, done: int = 0, total: int = 0) -> None:
        nonlocal last, before
        if (now := time.monotonic()) - last >= _EVERY or what != before:
            last, before = now, what
            tell(progress, WORKING, what=what, done=done, total=total)

    tell(progress, WORKING)
    try:
        yield show
    except EduboxError as error:
        tell(progress, FAILED, error=error.code, said=str(error))
        raise
    except MemoryError:
        tell(progress, FAILED, error="too-heavy")
        raise
    tell(progress, DONE)


@contextlib.contextmanager
def heavy() -> Iterator[None]:
    """What wants more memory than a child of the bench has is said to be too heavy. Raises TooHeavy."""
    try:
        yield
    except MemoryError:
        raise TooHeavy from None


def _limit(child: subprocess.Popen[Any]) -> None:
    """Give *child* no more than MEMORY; programs that convert for it set a limit of their own, which may be higher."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # only Linux has it
        _, most = resource.prlimit(child.pid, resource.RLIMIT_DATA)
        resource.prlimit(child.pid, resource.RLIMIT_DATA, (MEMORY, most))


def _end(child: subprocess.Popen[Any]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
