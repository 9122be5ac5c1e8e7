"""A class on a hotspot: thirty-five phones open the same chapter on one radio channel of 20 Mbit/s.

``make bench-class``, as root. A real Chromium opens the chapter once on each server and its requests are recorded
(``class_visit``); thirty-five emulated phones then ask for the same through the air (``class_pupils``, ``class_air``), all at
the same moment and again within half a minute. Rounds take the servers in turn, so that what else the machine does
falls on all of them; quote the ratios. ``--plot FILE`` draws the median round.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.prove import class_servers
from tests.prove.class_air import QUEUE, Air, cpu_seconds, impossible
from tests.prove.class_chart import draw
from tests.prove.class_kolibri import kolibri
from tests.prove.class_pupils import Pupil
from tests.prove.line import Failed

#: Seconds within which the pupils begin.
SPREADS = (0, 30)


@dataclass(frozen=True)
class Lesson:
    """One class that opened the chapter on one server; *processor* is the share of one core that the server used."""

    server: str
    spread: int
    pupils: list[Pupil]
    processor: float

    @property
    def done(self) -> float:
        """Seconds until the last pupil had everything, from when that pupil touched the link."""
        return max(one.done for one in self.pupils)

    @property
    def readable(self) -> float:
        """Seconds until the median pupil could read."""
        return statistics.median(one.readable for one in self.pupils)

    def mean(self, name: str) -> float:
        return statistics.mean(getattr(one, name) for one in self.pupils)


def hold(
    air: Air, server: class_servers.Server, visit: bytes, pupils: int, spread: int, connections: int
) -> Lesson:
    """Let a class open the chapter."""
    line = air.inside("class", sys.executable, "-m", "tests.prove.class_pupils", pupils, spread, connections)
    used, begin = cpu_seconds(server.pid), time.monotonic()
    told = subprocess.run(line, check=True, capture_output=True, input=visit).stdout
    share = (cpu_seconds(server.pid) - used) / (time.monotonic() - begin)
    lesson = Lesson(server.name, spread, [Pupil(**one) for one in json.loads(told)], share)
    if wrong := {what for one in lesson.pupils for what in one.failed}:
        raise Failed(f"{server.name}: {sorted(wrong)[:5]}")
    return lesson


def middle(lessons: list[Lesson], server: str, spread: int) -> Lesson:
    """The median round of *server*, by when its pupils could read."""
    rounds = sorted(
        (one for one in lessons if (one.server, one.spread) == (server, spread)), key=lambda one: one.readable
    )
    return rounds[len(rounds) // 2]


def tell(lessons: list[Lesson]) -> None:
    """The table; ranges are of the rounds."""
    for spread in dict.fromkeys(one.spread for one in lessons):
        print(f"\n{'all at once' if not spread else f'within {spread} s'}")
        print(
            f"{'':26} {'text: median':>14} {'range':>13} {'last':>6} {'last done':>10} {'range':>13} {'kB each':>8} {'requests':>9} {'connections':>12} {'processor':>10}"
        )
        for name in dict.fromkeys(one.server for one in lessons):
            rounds = [one for one in lessons if (one.server, one.spread) == (name, spread)]
            readable, done = [one.readable for one in rounds], [one.done for one in rounds]
            print(
                f"{name:26} {statistics.median(readable):12.2f} s {min(readable):6.2f}–{max(readable):<6.2f}"
                f" {statistics.median(max(pupil.readable for pupil in one.pupils) for one in rounds):5.1f}"
                f" {statistics.median(done):8.1f} s {min(done):6.1f}–{max(done):<6.1f}"
                f" {rounds[0].mean('received') / 1000:8.0f} {rounds[0].mean('requests'):9.0f} {rounds[0].mean('connections'):12.1f}"
                f" {statistics.median(one.processor for one in rounds):9.0%}"
            )  # fmt: skip


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.prove.classroom", description=__doc__)
    options.add_argument("--pupils", type=int, default=35)
    options.add_argument("--rate", type=int, default=20, help="Mbit/s of the air")
    options.add_argument(
        "--queue", type=int, default=QUEUE, help="milliseconds that a frame may wait for the air"
    )
    options.add_argument("--connections", type=int, default=6, help="connections of a browser to one origin")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--spread", type=int, action="append", help="seconds within which the pupils begin")
    options.add_argument(
        "--only", action="append", choices=["edubox", "markdown", "nginx", "kiwix", "kolibri"]
    )
    options.add_argument(
        "--against", type=Path, action="append", default=[], help="another checkout of this project"
    )
    options.add_argument("--plot", type=Path)
    chosen = options.parse_args()
    if reason := impossible():
        print(f"skipped: a hotspot out of network namespaces cannot be made here: {reason}")
        return 0
    samples = os.environ.get("EDUBOX_SAMPLES")
    if samples is None or not (Path(samples) / class_servers.ZIP).is_file():
        print("skipped: EDUBOX_SAMPLES names no folder with the textbook")
        return 0
    if shutil.which("chromium") is None:
        print("skipped: chromium is not installed (Debian package chromium)")
        return 0
    ways = {
        "edubox": class_servers.box, "nginx": class_servers.nginx, "kiwix": class_servers.kiwix, "kolibri": kolibri,
        "markdown": partial(class_servers.box, slug=class_servers.MARKDOWN),
    }  # fmt: skip
    served = [way for name, way in ways.items() if chosen.only is None or name in chosen.only]
    served += [partial(class_servers.box, checkout=checkout.resolve()) for checkout in chosen.against]
    lessons: list[Lesson] = []
    with tempfile.TemporaryDirectory() as temporary, Air(chosen.rate, chosen.pupils, chosen.queue) as air:
        folder = Path(temporary)
        data = class_servers.prepare(Path(samples), folder)
        visits: dict[object, bytes] = {}
        absent: set[object] = set()
        for _ in range(chosen.rounds):
            for spread in chosen.spread or SPREADS:
                for way in served:
                    if way in absent:
                        continue
                    try:
                        with way(air, data, folder) as server:
                            visits[way] = visits.get(way) or class_servers.record(air, server)
                            hold(
                                air, server, visits[way], 1, 0, chosen.connections
                            )  # warm, like a box in the morning
                            lessons.append(
                                hold(air, server, visits[way], chosen.pupils, spread, chosen.connections)
                            )
                    except class_servers.Absent as reason:
                        absent.add(way)
                        print(f"left out: {reason}")
    print(
        f"{chosen.pupils} pupils, {chosen.connections} connections to an origin, {chosen.rate} Mbit/s for both directions, "
        f"a queue of {chosen.queue} ms, {chosen.rounds} rounds; load of this machine {os.getloadavg()[0]:.1f}"
    )
    tell(lessons)
    if chosen.plot:
        chosen.plot.write_text(draw(lessons, middle, chosen.rate), "utf-8")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves no namespace behind
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
