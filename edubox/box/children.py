"""A child process of the serving process: ``edubox --kept …``, which ends when it is told to or left alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from typing import Protocol

from edubox.program import EDUBOX

#: A child reads and writes the card when nobody else does, where the system can do that; else like everybody.
_LAST_AT_THE_DISK = ["ionice", "-t", "-c", "3"] if shutil.which("ionice") else []
#: Before the arguments of a command.
COMMAND = [*_LAST_AT_THE_DISK, *EDUBOX, "--kept"]


class Child(Protocol):
    """What the keeper needs of a child process."""

    def poll(self) -> int | None:
        """The exit code, None while it runs."""

    def say(self, word: str) -> None:
        """Give it a word of ``sync.pacing.orders``; never waits."""

    def hush(self) -> None:
        """Close its standard input."""

    def end(self, number: int) -> None:
        """Send the signal *number* to it and to what it started."""


class Process:
    """A real child: ``edubox --kept …`` in a session of its own, so that it and what it starts end together."""

    def __init__(self, arguments: list[str]) -> None:
        """Start it. Raises OSError."""
        self._popen = subprocess.Popen(
            [*COMMAND, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True, bufsize=0,
        )  # fmt: skip
        assert self._popen.stdin is not None
        self._words = self._popen.stdin
        os.set_blocking(self._words.fileno(), False)

    def poll(self) -> int | None:
        """See Child."""
        return self._popen.poll()

    def say(self, word: str) -> None:
        """See Child."""
        with contextlib.suppress(OSError, ValueError):  # it is ending, or does not listen
            self._words.write(f"{word}\n".encode())

    def hush(self) -> None:
        """See Child."""
        with contextlib.suppress(OSError):
            self._words.close()

    def end(self, number: int) -> None:
        """See Child."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)
