"""A box with lessons, served by its own process, for the benchmarks that load it; and what the kernel says of it."""

from __future__ import annotations

import contextlib
import random
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.cli.country import build, edubox, free_port, make_country, serving, write_lesson

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class School:
    """A running box. *manifest* is the lesson with the film; *started* the seconds to its first page."""

    pid: int
    pages: int
    lessons: int
    desk: int
    manifest: str
    started: float

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.pages}/fr/"

    @property
    def film(self) -> str:
        return f"/c/{self.manifest}/film.mp4"


@contextlib.contextmanager
def school(folder: Path, film: int = 60, **environment: str) -> Iterator[School]:
    """A school with one lesson of text and a film of *film* MB; *environment* for the serving process."""
    lesson = write_lesson(
        folder / "lesson", index="<p>" + "La Terre tourne autour du Soleil. " * 200 + "</p>"
    )
    source = random.Random(1)
    with (lesson / "film.mp4").open("wb") as out:
        for _ in range(film):
            out.write(source.randbytes(MEGABYTE))
    manifest = build(lesson, folder / "lesson.edpack")["id"]
    country = make_country(folder / "country")
    country.publish(folder / "lesson.edpack", "terre")
    data = folder / "box"
    edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
    edubox("sync", "--data", data, "--from", country.mirror)
    pages, lessons, desk = free_port(), free_port(), free_port()
    begin = time.monotonic()
    with serving("box", "serve", "--data", data, "--port", pages, "--lesson-port", lessons, "--desk-port", desk, "--listen", "127.0.0.1",
                 port=pages, **environment) as child:  # fmt: skip
        fetch(f"http://127.0.0.1:{pages}/fr/")
        yield School(child.pid, pages, lessons, desk, manifest, time.monotonic() - begin)


def fetch(url: str, **headers: str) -> bytes:
    """The body of one answer on a connection of its own."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        return answer.read()


def pss_mib(pid: int) -> float:
    """Proportional set size of a process, in MiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise AssertionError("the kernel does not tell")


def percentile(values: list[float], share: float) -> float:
    """The value below which *share* of *values* lie."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
