"""How long a cheap phone on a busy hotspot needs until a pupil can use what was opened.

``python -m tests.bench phone``: Chromium with its processor slowed six times and a line of 3 Mbit/s with 20 ms, over
DevTools, and an empty cache each time. Usable means: the text is painted (home, lesson), the words of the frame are
there (page), the question stands there (H5P), the first page is drawn (PDF in pdf.js, for browsers that show none
themselves). Medians; times are of the machine that ran it, so compare rows of one run.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from edubox.box.library import Library
from edubox.pages import player
from tests.browser.chromium import PROGRAM, Browser, Tab
from tests.cli.country import build, edubox, free_port, make_country, serving

TRIES = 5
SLOWER, RATE, LATENCY = 6, 3_000_000 // 8, 20
#: Seconds after which something is not usable at all.
PATIENCE = 60
SOURCES = {
    "exercise": "h5p/multiple-choice.h5p",
    "document": "pdf/dichotomie.pdf",
    "page": "ipynb/4_comprendre_la_pile_systeme.ipynb",
}
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"
READ = "document.readyState !== 'loading' && document.body.innerText.length > 100"
ASKED = "!!document.querySelector('iframe').contentDocument.querySelector('.h5p-question-content')"
DRAWN = "!!document.querySelector('canvas') && document.querySelector('canvas').width > 0"


def run() -> dict:
    """Milliseconds until each kind of page is usable."""
    samples = Path(os.environ.get("EDUBOX_SAMPLES", ""))
    if PROGRAM is None or not all((samples / source).is_file() for source in SOURCES.values()):
        return {"skipped": "chromium is not installed, or EDUBOX_SAMPLES names no folder with the sources"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = school(samples, folder)
        pages, lessons = free_port(), free_port()
        with serving("box", "serve", "--data", data, "--port", pages, "--lesson-port", lessons, "--desk-port", 0, "--listen", "127.0.0.1",
                     port=pages):  # fmt: skip
            browser = Browser(folder / "profile")
            try:
                usable = times(browser, f"http://127.0.0.1:{pages}", f"http://127.0.0.1:{lessons}", data)
            finally:
                browser.close()
    return {"processor_slowed": SLOWER, "bytes_per_second": RATE, "tries": TRIES, "usable_ms": usable}


def school(samples: Path, folder: Path) -> Path:
    """A box's data folder with a lesson of each source."""
    country = make_country(folder / "country")
    for slug, source in SOURCES.items():
        build(samples / source, folder / f"{slug}.edpack")
        country.publish(folder / f"{slug}.edpack", slug)
    edubox("box", "init", "--data", folder / "box", "--country", country.root, "--follow", country.publisher)
    edubox("sync", "--data", folder / "box", "--from", country.mirror)
    return folder / "box"


def times(browser: Browser, pages: str, lessons: str, data: Path) -> dict[str, int]:
    """Median milliseconds of each kind of page."""
    manifest = Library(data).lesson("ministry/test/document").manifest
    document = player.address(player.players().build, "pdf", manifest, "dichotomie.pdf", lessons)
    part = f"{pages}/fr/lecon/ministry/test/"
    ways: dict[str, tuple[str, Callable[[Tab], bool]]] = {
        "home": (f"{pages}/fr/", lambda tab: tab.js(PAINTED)),
        "lesson": (f"{part}page/", lambda tab: tab.js(PAINTED)),
        "page": (f"{part}page/1/", lambda tab: tab.in_frame("/c/", READ)),
        "h5p": (f"{part}exercise/1/", lambda tab: tab.in_frame("/h5p.html", ASKED)),
        "pdf.js": (document, lambda tab: tab.js(DRAWN)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TRIES):
        for name, (url, usable) in ways.items():
            seconds[name].append(until(browser, url, usable))
    return {name: round(statistics.median(found) * 1000) for name, found in seconds.items()}


def until(browser: Browser, url: str, usable: Callable[[Tab], bool]) -> float:
    """Seconds until *url* is *usable* on a phone that was never here."""
    tab = browser.tab(390, 844, phone=True)
    try:
        tab.send("Network.clearBrowserCache")
        tab.send(
            "Network.emulateNetworkConditions",
            offline=False,
            latency=LATENCY,
            downloadThroughput=RATE,
            uploadThroughput=RATE,
        )
        tab.send("Emulation.setCPUThrottlingRate", rate=SLOWER)
        begin = time.monotonic()
        tab.send("Page.navigate", url=url)
        while time.monotonic() - begin < PATIENCE:
            try:
                if usable(tab):
                    break
            except (AssertionError, KeyError):
                pass  # the frame is still empty
            time.sleep(0.02)
        else:
            raise AssertionError(f"{url} was never usable: {tab.complaints[-3:]}")
        return time.monotonic() - begin
    finally:
        tab.close()
