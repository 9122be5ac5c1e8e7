"""One way of bringing one lesson over the line, through a forwarder of its own, watched at the hub's network card."""

from __future__ import annotations

import json
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

    *share* of the lesson came (see ``peers``), whole and in its place after *seconds*, and the program ended after *ended*: the
    box then reads a new lesson for its search, which is work for its processor and not for the line. *received* and *sent* are the box's bytes on the line, heads of frames
    included; *bodies* what it counted itself, if it does; *samples* are (seconds, bytes received, or of the film).
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
    counted = bodies(task.box)
    program = ("-m", "tests.prove.forwarder", ADDRESSES["hub"], PORT, port or task.hub, SEED, period)
    with line.serving(0, sys.executable, *program) as forwarder:
        before = counters(forwarder.pid)

        def arrived() -> int:
            if task.name == "film":
                return max(largest(folder), largest(task.box / "staging") if way.__name__ == "edubox" else 0)
            return counters(forwarder.pid)[1] - before[1]

        with Recorder(arrived) as recorder:
            begin = time.time()
            share = way(line, task, folder)
            ended = time.time() - begin
        after = counters(forwarder.pid)
        forwarder.terminate()
        told = json.loads(forwarder.communicate(timeout=60)[0])
    in_place = max(tree.stat().st_ctime for tree in (task.box / "site").iterdir()) - begin
    return Result(
        name, share, in_place if way.__name__ == "edubox" else ended, ended, after[1] - before[1], after[0] - before[0], bodies(task.box) - counted,
        told["connections"], told["cuts"], recorder.samples,
    )  # fmt: skip


def largest(folder: Path) -> int:
    """Bytes of the largest file below *folder*, which is the film on its way."""
    most = 0
    for path in folder.rglob("*"):
        try:
            most = max(most, path.stat().st_size)
        except FileNotFoundError:  # it was renamed meanwhile
            continue
    return most
