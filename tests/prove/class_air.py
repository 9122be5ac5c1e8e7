"""A hotspot out of network namespaces: one half-duplex radio that the box and all pupils' phones share.

A bridge stands for the access point. What arrives at it from either side passes one token bucket on one IFB device, so that
phones asking and the box answering take the air from each other, as on a radio channel. The kernel of the machine that this
was made for has no netem and no fq_codel: the air has a rate and a queue that drops at its end, and loses nothing else.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from tests.prove.line import Failed, run

BOX = "10.45.0.1"
#: Milliseconds that a frame may wait for the air.
QUEUE = 500
_ENDS = ("box", "air", "class")


def impossible() -> str:
    """Why this machine cannot make such an air; empty if it can."""
    if os.geteuid() or not all(map(shutil.which, ("ip", "tc"))):
        return "it takes root, ip and tc of iproute2"
    try:
        with Air(20, 1, QUEUE):
            return ""
    except subprocess.CalledProcessError as error:
        return error.stderr.strip()


def address(pupil: int) -> str:
    """The network address of the phone number *pupil*, from 0."""
    return f"10.45.{1 + pupil // 200}.{1 + pupil % 200}"


class Air:
    """Use as a context manager: *rate* Mbit/s for so many *pupils*, with a *queue* of so many milliseconds."""

    def __init__(self, rate: int, pupils: int, queue: int) -> None:
        self._rate, self._pupils, self._queue = rate, pupils, queue
        self._names = {end: f"ebxa-{os.getpid()}-{end}" for end in _ENDS}

    def __enter__(self) -> Self:
        try:
            for name in self._names.values():
                run("ip", "netns", "add", name)
                run("ip", "-n", name, "link", "set", "lo", "up")
            air = self._names["air"]
            self._ip("air", "link add bridge0 type bridge")
            self._ip("air", "link set bridge0 up")
            self._ip("air", "link add ifb0 type ifb")
            self._ip("air", "link set ifb0 up")
            bucket = f"rate {self._rate}mbit burst 16kb latency {self._queue}ms"
            self._tc(f"qdisc add dev ifb0 root tbf {bucket}")
            for end in ("box", "class"):
                run(
                    *f"ip link add eth0 netns {self._names[end]} type veth peer name {end} netns {air}".split()
                )
                # The bucket must see frames, not what a kernel would let its card cut up.
                self._ip(end, "link set eth0 gso_max_segs 1")
                self._ip(end, "link set eth0 up")
                self._ip("air", f"link set {end} master bridge0 up")
                self._tc(f"qdisc add dev {end} handle ffff: ingress")
                redirect = "action mirred egress redirect dev ifb0"
                self._tc(f"filter add dev {end} parent ffff: protocol all u32 match u32 0 0 {redirect}")
            self._ip("box", f"addr add {BOX}/16 dev eth0")
            for pupil in range(self._pupils):
                self._ip("class", f"addr add {address(pupil)}/16 dev eth0")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._names.values():
            run("ip", "netns", "del", name, check=False)

    def _ip(self, end: str, words: str) -> None:
        run("ip", "-n", self._names[end], *words.split())

    def _tc(self, words: str) -> None:
        run("ip", "netns", "exec", self._names["air"], "tc", *words.split())

    def inside(self, end: str, *line: object) -> list[str]:
        """The command line that runs *line* at the ``box``'s end or in the ``class``."""
        return ["ip", "netns", "exec", self._names[end], *map(str, line)]

    @contextlib.contextmanager
    def serving(self, port: int, *line: object, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """A program at the box's end, in the folder *cwd*, that answers on *port*; ended by its own number."""
        child = subprocess.Popen(
            self.inside("box", *line), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd
        )  # fmt: skip
        try:
            probe = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
            deadline = time.monotonic() + 120
            while run(*self.inside("box", sys.executable, "-c", probe), check=False).returncode:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise Failed(f"{' '.join(map(str, line))} does not answer")
                time.sleep(0.2)
            yield child
        finally:
            child.terminate()
            child.wait(60)


def cpu_seconds(pid: int) -> float:
    """What process *pid* and its living children have used of the processor."""
    used = 0.0
    with contextlib.suppress(FileNotFoundError):  # it ended meanwhile
        numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used = (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        used += sum(cpu_seconds(int(child)) for child in children)
    return used
