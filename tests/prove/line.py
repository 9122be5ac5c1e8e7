"""Two computers and the line between them: network namespaces, one veth pair, a token bucket at each end.

The kernel of the machine that this was made for has no netem: the line has a rate and a queue of 400 ms, and no
latency of its own. The bucket counts whole Ethernet frames, so of its 256 kbit/s TCP leaves 1448 bytes in 1514.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

#: Bytes per second each way, and how the kernel is told.
RATE = 32_000
BUCKET = "tc qdisc add dev eth0 root tbf rate 256kbit burst 3000 latency 400ms"
ADDRESSES = {"hub": "10.44.0.1", "box": "10.44.0.2"}
#: What a frame carries when it is full.
PAYLOAD, FRAME = 1448, 1514


class Failed(Exception):
    """A goal was missed, or a program did not do what it must."""


def run(*line: object, check: bool = True, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, line)), check=check, capture_output=True, text=True, **options)


def impossible() -> str:
    """Why this machine cannot make such a line; empty if it can."""
    if os.geteuid() or not all(map(shutil.which, ("ip", "tc", "wget", "rsync"))):
        return "it takes root, ip and tc of iproute2, wget and rsync"
    try:
        with Line():
            return ""
    except subprocess.CalledProcessError as error:
        return error.stderr.strip()


class Line:
    """Use as a context manager. ``hub`` and ``box`` are the two ends."""

    def __enter__(self):
        self._names = {end: f"ebxl-{os.getpid()}-{end}" for end in ADDRESSES}
        hub, box = self._names.values()
        try:
            for name in (hub, box):
                run("ip", "netns", "add", name)
            run(*f"ip link add eth0 netns {hub} type veth peer name eth0 netns {box}".split())
            for end, name in self._names.items():
                # The bucket and the counters must see frames, not what a kernel would let its card cut up.
                run("ip", "-n", name, "link", "set", "eth0", "gso_max_segs", "1")
                run("ip", "-n", name, "addr", "add", f"{ADDRESSES[end]}/24", "dev", "eth0")
                for device in ("lo", "eth0"):
                    run("ip", "-n", name, "link", "set", device, "up")
                run("ip", "netns", "exec", name, *BUCKET.split())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self._names.values():
            run("ip", "netns", "del", name, check=False)

    def inside(self, end: str, *line: object) -> list[str]:
        """The command line that runs *line* at *end*."""
        return ["ip", "netns", "exec", self._names[end], *map(str, line)]

    @contextlib.contextmanager
    def serving(self, port: int, *line: object) -> Iterator[subprocess.Popen[str]]:
        """A program at the hub's end that answers on *port*, or with 0 says so on a line; ended by its own number."""
        child = subprocess.Popen(
            self.inside("hub", *line), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            probe = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
            deadline = time.monotonic() + 60
            if not port and not child.stdout.readline():
                raise Failed(f"{' '.join(map(str, line))} says nothing")
            while port and run(*self.inside("hub", sys.executable, "-c", probe), check=False).returncode:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise Failed(f"{' '.join(map(str, line))} does not answer")
            yield child
        finally:
            child.terminate()
            child.wait(60)


def counters(pid: int) -> tuple[int, int]:
    """Bytes that the network card next to process *pid* received and sent, heads of frames included."""
    for row in Path(f"/proc/{pid}/net/dev").read_text().splitlines():
        name, _, numbers = row.strip().partition(":")
        if name == "eth0":
            return int(numbers.split()[0]), int(numbers.split()[8])
    raise Failed("the card is gone")


class Recorder:
    """(seconds, value) twice a second while the block runs; *value* is asked in a thread of its own."""

    def __init__(self, value: Callable[[], int]) -> None:
        self.samples: list[tuple[float, int]] = []
        self._value, self._ended = value, threading.Event()
        self._thread = threading.Thread(target=self._record)

    def _record(self):
        begin = time.monotonic()
        while True:
            self.samples.append((round(time.monotonic() - begin, 2), self._value()))
            if self._ended.wait(0.5):
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
