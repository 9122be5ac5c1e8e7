"""One way of bringing one lesson over the line, through a forwarder of its own, watched at the hub's network card."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.prove.lessons import Task, bodies
from tests.prove.line import ADDRESSES, Line, Recorder, counters
from tests.prove.peers import PORT, WAYS

#: With it the first two connections of every way are cut, after 42 kB and 842 kB: worse than one in five.
SEED = 1389


@dataclass(frozen=True)
class Result:
    """What one way took.

    *share* of the lesson came (see ``peers``), in its place after *seconds*; the program ended after *ended*: a box then
    reads the lesson for its search, which is work for its processor and not for the line. *received* and *sent* are the
    box's bytes on the line, heads of frames included; *bodies* what it counted itself, if it does; *samples* are
    (seconds, bytes received, or of the film).
    """

    way: str
    share: float
    seconds: float
    ended: float
    received: int
    sent: int
    bodies: int
    connections: int
    cuts: int
    samples: list[tuple[float, int]]


def measure(line: Line, task: Task, name: str, period: float, folder: Path) -> Result:
    """Bring *task* by the way *name*, in a new *folder*, over a line that drops each *period* or cuts by bytes."""
    way, port = WAYS[name]
    folder.mkdir()
    if task.before:
        shutil.copytree(task.before, folder / "tree")
    ours = way.__name__ == "edubox"
    places = [task.box / "staging", task.box / "mirror" / "objects"] if ours else [folder]
    counted = bodies(task.box)
    program = ("-m", "tests.prove.forwarder", ADDRESSES["hub"], PORT, port or task.hub, SEED, period)
    with line.serving(0, sys.executable, *program) as forwarder:
        before = counters(forwarder.pid)

        def arrived() -> int:
            if task.name == "film":
                return max(map(largest, places))
            return counters(forwarder.pid)[1] - before[1]

        with Recorder(arrived) as recorder:
            begin = time.time()
            share = way(line, task, folder)
            ended = time.time() - begin
        after = counters(forwarder.pid)
        forwarder.terminate()
        told = json.loads(forwarder.communicate(timeout=60)[0])
    seconds = ended
    if ours:
        seconds = max(tree.stat().st_ctime for tree in (task.box / "site").glob("[0-9a-f]*")) - begin
    sent, received = (now - then for now, then in zip(after, before, strict=True))
    return Result(
        name, share, seconds, ended, received, sent, bodies(task.box) - counted, told["connections"], told["cuts"],
        recorder.samples,
    )  # fmt: skip


def largest(folder: Path) -> int:
    """Bytes of the largest file below *folder*, which is the film on its way."""
    most = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # it was renamed meanwhile
                most = max(most, os.stat(f"{place}/{name}").st_size)
    return most
