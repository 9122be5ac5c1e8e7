"""A lesson over a line of 256 kbit/s that is cut again and again: our way, and three that people use.

``make prove-link``, as root, 20 minutes. The lesson is the PostgreSQL manual, first whole and then from one minor version to
the next. Between hub and box lie a shaped line (``line``) and a ``forwarder`` that cuts: one connection in five; or all of
them each 36 seconds, ten times as often as ten times an hour, and then a film is brought too, which takes longer than the
line ever holds. The measure is the ideal: the bytes of the file that carries the lesson, divided by the rate. A lesson is
in place when its verified folder is; the start of the programs and what follows the last byte are work for processors,
so a busy machine misses the goal.
``--cuts one-in-five`` or ``--cuts drops`` runs one half, ``--plot FILE`` draws the second.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from tests.bench import corpora
from tests.cli.country import Country
from tests.prove.chart import draw
from tests.prove.lessons import HUBS, Task, publish, tasks, trees
from tests.prove.line import FRAME, PAYLOAD, RATE, Failed, Line, impossible
from tests.prove.measure import Result, measure
from tests.prove.peers import WAYS, servers

#: Seconds between two drops of the line, 0 where connections are cut by bytes.
CUTS = {"one-in-five": 0, "drops": 36}
#: A full synchronisation may take so many times the ideal.
GOAL = 1.1


def prove(
    cuts: str, countries: dict[str, Country], folder: Path
) -> tuple[list[str], list[tuple[Task, list[Result]]]]:
    """Everything under one kind of *cuts*: the goals that were missed, and what was measured."""
    period, missed, measured = CUTS[cuts], [], []
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        line = stack.enter_context(Line())
        programs = servers({name: tree for name, (tree, _) in trees(folder.parent).items()}, folder)
        for name, port in HUBS.items():
            hub = (
                "-m",
                "edubox",
                "hub",
                "serve",
                "--desk-port",
                "0",
                "--review-port",
                "0",
                "--data",
                countries[name].folder,
                "--port",
                port,
            )
            programs.append((port, (sys.executable, *hub)))
        for port, program in programs:
            stack.enter_context(line.serving(port, *program))
        for task in tasks(line, countries, folder):
            if task.name == "film" and not period:
                continue
            results = [
                measure(line, task, way, period, folder / f"{task.name}-{number}")
                for number, way in enumerate(WAYS)
            ]
            tell(task, results, period)
            measured.append((task, results))
            if task.name == "full" and results[0].seconds > GOAL * task.necessary / RATE:
                missed.append(f"{cuts}: the full synchronisation takes more than {GOAL} times the ideal")
    return missed, measured


def how(period: float) -> str:
    return f"it drops every {period} seconds" if period else "one connection in five is cut"


def tell(task: Task, results: list[Result], period: float) -> None:
    """The table of one lesson."""
    ideal = task.necessary / RATE
    print(
        f"\n{task.name}, {how(period)}; ideal {ideal:.1f} s, with the heads of frames {ideal * FRAME / PAYLOAD:.1f} s"
    )
    print(
        f"{'':22} {'last byte':>9} {'in place':>9} {'× ideal':>8} {'received':>12} {'sent':>10} {'connections':>12} {'cut':>5}"
    )
    for one in results:
        seconds, times, received, note = f"{one.seconds:.1f}", f"{one.seconds / ideal:.2f}", one.received, ""
        if not one.share:
            seconds, times, note = "never", "", f"stopped after {one.seconds:.0f} s"
        elif one.share < 1:
            seconds, times = f"~{one.seconds / one.share:.0f}", f"~{one.seconds / one.share / ideal:.1f}"
            received, note = round(one.received / one.share), f"scaled up from {one.share:.0%}"
        elif one.bodies:
            note = f"{one.bodies:,} bytes of bodies; can be searched after {one.ended:.1f} s"
        # Connections say farewell later, with less than a frame.
        last = next(moment for moment, amount in one.samples if amount > one.samples[-1][1] - FRAME)
        until = f"{last:.1f}" if one.share == 1 else ""
        numbers = f"{received:12,} {one.sent:10,} {one.connections:12} {one.cuts:5}"
        print(f"{one.way:22} {until:>9} {seconds:>9} {times:>8} {numbers}  {note}", flush=True)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--cuts", choices=CUTS, action="append")
    options.add_argument("--plot", type=Path)
    chosen = options.parse_args()
    if reason := impossible():
        print(f"skipped: a shaped line between two namespaces cannot be made here: {reason}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    missed: list[str] = []
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            countries = publish(folder)
            for cuts in chosen.cuts or CUTS:
                found, measured = prove(cuts, countries, folder / cuts)
                missed += found
        if chosen.plot:
            chosen.plot.write_text(draw(f"A line of 256 kbit/s: {how(CUTS[cuts])}", measured), "utf-8")
    except corpora.Unavailable as reason:
        print(f"skipped: {reason}")
        return 0
    except Failed as failure:
        missed.append(str(failure))
    except KeyboardInterrupt:
        missed.append("interrupted")
    print(*(missed or ["as it must be"]), sep="\n")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
