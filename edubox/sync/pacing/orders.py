"""What a child of the serving process hears while it works: words on its standard input, one a line.

``reading`` (pupils read now: be slow), ``quiet`` (they do not), ``pause`` and ``stop`` (end soon, keep what
you have). The end of the input is a ``stop``: whoever started us is gone, even if it was killed. A child that
cannot end by itself within GRACE seconds is ended by its own signal; every command survives that as it
survives a pulled plug.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import BinaryIO

READING, QUIET, PAUSE, STOP = "reading", "quiet", "pause", "stop"
#: Seconds to end by oneself.
GRACE = 10.0
#: Every other process goes first.
_NICE = 19


class Orders:
    """The last words. Without ``listen`` nobody speaks: it is quiet, and nothing ends the work."""

    def __init__(self) -> None:
        self.reading = False
        #: PAUSE or STOP once the work shall end.
        self.ending = ""

    def hear(self, word: str) -> None:
        """Do as one *word* says; an unknown one is a word of a later version."""
        if word in {READING, QUIET}:
            self.reading = word == READING
        elif word in {PAUSE, STOP} and not self.ending:
            self.ending = word
            alarm = threading.Timer(GRACE, os.kill, (os.getpid(), signal.SIGTERM))
            alarm.daemon = True
            alarm.start()

    def listen(self, words: BinaryIO) -> None:
        """Hear *words* from now on, in a thread of its own."""
        threading.Thread(target=self._listen, args=(words,), name="orders", daemon=True).start()

    def _listen(self, words: BinaryIO) -> None:
        for line in iter(lambda: words.readline(64), b""):
            self.hear(line.decode("ascii", "replace").strip())
        self.hear(STOP)


def kept() -> Orders:
    """Begin the life of a kept child: lowest priority, words from standard input."""
    os.nice(_NICE)
    orders = Orders()
    # Not sys.stdin.buffer: its lock, held by the listening thread, would stop the interpreter from ending.
    orders.listen(open(os.dup(sys.stdin.fileno()), "rb", buffering=0))  # noqa: SIM115 - for the rest of this process
    return orders
