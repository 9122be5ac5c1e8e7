"""Three boxes of one school, each a computer of its own: one asks the hub, the others their neighbours.

``make prove-neighbours``, as root. Hub, boxes and a hostile box are network namespaces on one bridge; they find each other by
multicast DNS and fetch over TCP with the usual patience. What the hub sent is counted on its network card as well.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.country import build, make_country, write_lesson

NAMES = ("hub", "a", "b", "c", "x")
ADDRESSES = {name: f"10.43.0.{number}" for number, name in enumerate(NAMES, 1)}
HUB_PORT, BOX_PORT, HOSTILE_PORT = 8090, 8080, 8070
FILMS = {"film.mp4": 30_000_000, "short.mp4": 3_000_000}
PIECE = 4 * 1024 * 1024
#: Seconds that a hostile neighbour may cost: it is silent or slow once, the rest is the work itself.
SOON = 60
FIND = """
import sys, time
from edubox.box.discovery import Announcement
announcement = Announcement({"announce": True, "neighbours": True, "listen": "0.0.0.0", "name": "find", "port": 9}, lambda: sys.argv[2])
announcement.begin()
deadline = time.monotonic() + 60
while len(announcement.neighbours()) < int(sys.argv[1]) and time.monotonic() < deadline:
    time.sleep(0.1)
print(*announcement.neighbours())
announcement.end()
"""


class Failed(Exception):
    """A goal was missed."""


def run(*line: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, line)), check=check, capture_output=True, text=True, timeout=600)


def inside(name: str, *line: object) -> list[str]:
    return ["ip", "netns", "exec", f"ebxn-{name}", *map(str, line)]


def edubox(name: str, *line: object) -> dict:
    done = run(*inside(name, sys.executable, "-m", "edubox", *line, "--json"), check=False)
    if done.returncode:
        raise Failed(f"edubox {' '.join(map(str, line))}: {done.stderr}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def network():
    """A bridge with a namespace for each of NAMES."""
    try:
        run("ip", "netns", "add", "ebxn-lan")
        run("ip", "-n", "ebxn-lan", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        run("ip", "-n", "ebxn-lan", "link", "set", "br0", "up")
        for name in NAMES:
            space = f"ebxn-{name}"
            run("ip", "netns", "add", space)
            run(
                "ip",
                "link",
                "add",
                "eth0",
                "netns",
                space,
                "type",
                "veth",
                "peer",
                "name",
                f"p{name}",
                "netns",
                "ebxn-lan",
            )
            run("ip", "-n", "ebxn-lan", "link", "set", f"p{name}", "master", "br0", "up")
            run("ip", "-n", space, "addr", "add", f"{ADDRESSES[name]}/24", "brd", "+", "dev", "eth0")
            for link in ("lo", "eth0"):
                run("ip", "-n", space, "link", "set", link, "up")
            run("ip", "-n", space, "route", "add", "224.0.0.0/4", "dev", "eth0")
        yield
    finally:
        for name in (*NAMES, "lan"):
            run("ip", "netns", "del", f"ebxn-{name}", check=False)


@contextlib.contextmanager
def serving(name: str, port: int, *line: object):
    """A program in the namespace *name* that answers on *port*."""
    child = subprocess.Popen(
        inside(name, sys.executable, *line), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    try:
        probe = f"import socket; socket.create_connection(('{ADDRESSES[name]}', {port}), 1)"
        deadline = time.monotonic() + 60
        while run(*inside("hub", sys.executable, "-c", probe), check=False).returncode:
            if child.poll() is not None or time.monotonic() > deadline:
                raise Failed(
                    f"{line} does not answer: {child.stderr.read().decode() if child.poll() else ''}"
                )
        yield child
    finally:
        child.terminate()
        child.communicate(timeout=60)


def hub_sent() -> int:
    return int(run(*inside("hub", "cat", "/sys/class/net/eth0/statistics/tx_bytes")).stdout)


def make_box(country, data: Path) -> Path:
    source = f"http://{ADDRESSES['hub']}:{HUB_PORT}/"
    edubox(
        "hub",
        "box",
        "init",
        "--data",
        data,
        "--country",
        country.root,
        "--follow",
        country.publisher,
        "--from",
        source,
    )
    settings = (data / "box.toml").read_text()
    (data / "box.toml").write_text(settings.replace("automatic = true", "automatic = false"))
    return data


def lessons(data: Path) -> set[str]:
    """Every file of every lesson: its place and its hash."""
    return set(
        run("sh", "-c", f"cd {data}/site && find . -type f | sort | xargs sha256sum").stdout.split("\n")
    )


def sync(name: str, data: Path, *neighbours: str) -> dict:
    told = [part for url in neighbours for part in ("--neighbour", url)]
    before, began = hub_sent(), time.monotonic()
    report = edubox(name, "sync", "--data", data, *told)
    return report | {"seconds": time.monotonic() - began, "wire": hub_sent() - before}


def find(name: str, count: int, country: str) -> list[str]:
    """The neighbours that a box in the namespace *name* hears of."""
    return run(*inside(name, sys.executable, "-c", FIND, count, country)).stdout.split()


def three_boxes(boxes: dict[str, Path], stack: contextlib.ExitStack) -> None:
    """Each synchronises after the one before it, and then serves."""
    country = json.loads(
        next((boxes["a"].parent / "country").glob("mirror/directory/targets/*.country.json")).read_bytes()
    )["id"]
    print(
        f"{'box':4} {'neighbours':>10} {'seconds':>8} {'received':>11} {'from hub':>9} {'hub’s card':>11} {'near':>8}"
    )
    for number, (name, data) in enumerate(boxes.items()):
        urls = find(name, number, country) if number else []
        if len(urls) < number:
            raise Failed(f"{name} heard of {urls} only")
        report = sync(name, data, *urls)
        far = report["received"].get("hub", 0)
        near = 1 - far / report["bytes"]
        print(
            f"{name:4} {number:10} {report['seconds']:8.1f} {report['bytes']:11,} {far:9,} {report['wire']:11,} {near:8.2%}"
        )
        if number and (near < 0.99 or report["wire"] > 0.02 * report["bytes"]):
            raise Failed(f"{name} took {far} bytes from the hub")
        if lessons(data) != lessons(boxes["a"]):
            raise Failed(f"{name} has other lessons")
        stack.enter_context(serving(name, BOX_PORT, "-m", "edubox", "box", "serve", "--data", data))


def hostile_ones(country, folder: Path, usual: Path) -> None:
    from tests.faults.test_hostile_neighbours import WAYS

    content = sum(path.stat().st_size for path in usual.glob("site/*/**/*.mp4"))
    print(f"\n{'a neighbour that':26} {'seconds':>8} {'from it':>11} {'from hub':>11} {'for nothing':>12}")
    for number, way in enumerate(WAYS):
        data = make_box(country, folder / f"victim-{number}")
        program = ("-m", "tests.prove.neighbours", way, country.folder)
        with serving("x", HOSTILE_PORT, *program):
            report = sync("c", data, f"http://{ADDRESSES['x']}:{HOSTILE_PORT}/")
        wasted = max(report["bytes"] - content, 0)
        near, far = report["received"].get("neighbour", 0), report["received"].get("hub", 0)
        print(f"{way:26} {report['seconds']:8.1f} {near:11,} {far:11,} {wasted:12,}")
        if lessons(data) != lessons(usual) or wasted > PIECE + 200_000 or report["seconds"] > SOON:
            raise Failed(way)


def be_hostile(way: str, folder: Path) -> None:
    from types import SimpleNamespace

    from tests.faults.test_hostile_neighbours import WAYS
    from tests.sync.hub import Wire

    application, send = WAYS[way](SimpleNamespace(mirror=folder / "mirror"))
    with Wire(application, send, ADDRESSES["x"], HOSTILE_PORT):
        time.sleep(600)


def prove() -> None:
    with tempfile.TemporaryDirectory() as temporary, network():
        folder = Path(temporary)
        country = make_country(folder / "country")
        source = write_lesson(folder / "lesson", index="<p>La lune</p>" * 2000)
        for name, size in FILMS.items():
            (source / name).write_bytes(random.Random(name).randbytes(size))
        build(source, folder / "lune.edpack")
        country.publish(folder / "lune.edpack", "lune")
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
            country.folder,
            "--port",
            HUB_PORT,
        )
        boxes = {name: make_box(country, folder / name) for name in ("a", "b", "c")}
        with contextlib.ExitStack() as stack:
            stack.enter_context(serving("hub", HUB_PORT, *hub))
            three_boxes(boxes, stack)
            hostile_ones(country, folder, boxes["a"])


def main() -> int:
    if (
        os.geteuid()
        or not shutil.which("ip")
        or run("ip", "netns", "add", "ebxn-try", check=False).returncode
    ):
        print("skipped: three boxes in namespaces need root and ip netns")
        return 0
    run("ip", "netns", "del", "ebxn-try")
    try:
        prove()
    except Failed as failure:
        print(f"not as it must be: {failure}")
        return 1
    print("as it must be")
    return 0


if __name__ == "__main__":
    if len(sys.argv) == 3:
        be_hostile(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main())
