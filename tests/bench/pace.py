"""What pupils notice of a synchronisation: how quick a new page is, and how much of the air is left to them.

``python -m tests.bench pace``: a hub, a box that serves, and a synchronisation of a film as the box's own child, each a
process. New pages are asked for one after the other while nothing is fetched and while the film comes at the pace of
reading pupils, in turn; the ratio is of one run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.school import fetch
from tests.bench.serving import ms
from tests.bench.synchronise import MEGABYTE, lesson
from tests.cli.country import build, edubox, free_port, make_country, serving

#: Megabytes of the film; rounds; pages in each stretch of a round; kbit/s of a hotspot (field notes).
FILM, ROUNDS, PAGES, AIR = 20, 4, 150, 20_000


def run() -> dict:
    """Seconds of new pages in both cases, and the rate of the film while pupils read."""
    alone: list[float] = []
    fetching: list[float] = []
    rates: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lesson(folder / "lesson", FILM, 1)
        build(folder / "lesson", folder / "lesson.edpack")
        country = make_country(folder / "country")
        country.publish(folder / "lesson.edpack", "film")
        hub, pages = free_port(), free_port()
        data = folder / "box"
        edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
        with (
            serving("hub", "serve", "--desk-port", "0", "--review-port", "0", "--data", country.folder, "--port", hub, "--listen", "127.0.0.1", port=hub),
            serving("box", "serve", "--data", data, "--port", pages, "--lesson-port", 0, "--desk-port", 0, "--listen", "127.0.0.1",
                    port=pages),
        ):  # fmt: skip
            home = f"http://127.0.0.1:{pages}/fr/"
            for _ in range(ROUNDS):
                alone += latencies(home)
                found, rate = while_fetching(data, f"http://127.0.0.1:{hub}/", home)
                fetching += found
                rates.append(rate)
    return {
        "new_page_p50_ms": {"alone": ms(alone, 0.5), "while_fetching": ms(fetching, 0.5)},
        "new_page_p95_ms": {"alone": ms(alone, 0.95), "while_fetching": ms(fetching, 0.95)},
        "kbit_per_s_while_reading": round(max(rates)),
        "share_of_the_air": round(max(rates) / AIR, 3),
    }


def while_fetching(data: Path, hub: str, home: str) -> tuple[list[float], float]:
    """Latencies while a child that knows of readers fetches, and its rate in kbit/s; what it brought is removed."""
    child = subprocess.Popen(
        [sys.executable, "-m", "edubox", "--kept", "sync", "--data", data, "--from", hub, "--json", "--paced"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write(b"reading\n")
    child.stdin.flush()
    arriving = data / "staging" / "fetch"
    while arrived(arriving) < MEGABYTE:
        assert child.poll() is None, "it ended before it fetched the film"
        time.sleep(0.02)
    begun, before = time.monotonic(), arrived(arriving)
    found = latencies(home)
    rate = (arrived(arriving) - before) * 8 / 1000 / (time.monotonic() - begun)
    child.kill()
    child.wait()
    child.stdin.close()
    shutil.rmtree(arriving)
    return found, rate


def latencies(url: str) -> list[float]:
    """Seconds of PAGES new pages on connections of their own."""
    found = []
    for _ in range(PAGES):
        begin = time.monotonic()
        fetch(url)
        found.append(time.monotonic() - begin)
        time.sleep(0.02)  # a class does not ask back to back
    return found


def arrived(folder: Path) -> int:
    """Bytes of the film that lie in *folder*."""
    sizes = []
    for path in folder.glob("*"):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue
    return max(sizes, default=0)


def broken(figures: dict) -> list[str]:
    """The budgets that are not kept."""
    p95 = figures["new_page_p95_ms"]
    checks = {
        "at most a tenth of the air while pupils read": figures["share_of_the_air"] <= 0.11,
        "new page p95 while fetching ≤ 1.5 × without": p95["while_fetching"] <= 1.5 * p95["alone"],
    }
    return [sentence for sentence, kept in checks.items() if not kept]
