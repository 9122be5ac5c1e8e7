"""The hub as one process: the mirror over HTTP, and the directory's online signatures kept fresh.

Signing needs the TUF and cryptography libraries, a quarter of a second and 40 MB; so once an hour a short-lived
child, ``edubox hub renew``, looks whether anything ends soon. What it has to say goes to this process's standard error.
The hub goes on serving whatever becomes of it: signatures last 30 days and are renewed when half of that is left.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from edubox.store.mirror_app import mirror_app
from edubox.store.server import listen, run, url

#: Seconds between two looks at the signatures.
HOUR = 3600.0


def serve(data: Path, address: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the mirror of the country's folder *data* until SIGTERM or Ctrl-C.

    *ready* gets the address to type once requests are answered. Raises PortTaken, BadInput.
    """
    sock = listen(address, port, "--port")
    renewal = Renewal(data)
    try:
        run(
            [(sock, mirror_app(data / "mirror"))],
            lambda: ready(url(address, sock.getsockname()[1])),
            renewal.tick,
        )
    finally:
        renewal.end()


class Renewal:
    """The hourly child; ``tick`` is called about every second and never waits."""

    def __init__(self, data: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._data, self._clock = data, clock
        self._due = clock()
        self._child: subprocess.Popen[bytes] | None = None

    def tick(self) -> None:
        """Start the child when it is time, take leave of it when it has ended."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None
        # A hub without online keys serves what somebody else signs.
        if self._child is None and self._clock() >= self._due and (self._data / "keys" / "online").is_dir():
            self._due = self._clock() + HOUR
            # In a session of its own: Ctrl-C ends the hub, not a signature that is being written.
            self._child = subprocess.Popen(
                [sys.executable, "-m", "edubox", "hub", "renew", "--data", str(self._data)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def end(self) -> None:
        """Let a child that is writing finish."""
        if self._child is not None:
            self._child.wait()
