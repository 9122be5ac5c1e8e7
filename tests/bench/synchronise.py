"""What a synchronisation costs: memory for 300 MB, and requests and bytes when there is nothing new.

``python -m tests.bench synchronise``: a hub serves a lesson of 300 MB (a film that does not compress, and text that
does) to a box whose synchronisation is a child process; its peak resident memory is read from the kernel.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.country import PASSPHRASE, build, edubox, edubox_json, free_port, make_country, serving

MEGABYTE = 1_000_000


def run(film: int = 240, text: int = 60) -> dict:
    """Figures for *film* MB of media and *text* MB of text."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lesson(folder / "lesson", film, text)
        build(folder / "lesson", folder / "lesson.edpack")
        country = make_country(folder / "country")
        country.publish(folder / "lesson.edpack", "large")
        port = free_port()
        with serving(
            "hub",
            "serve",
            "--desk-port",
            "0",
            "--review-port",
            "0",
            "--data",
            country.folder,
            "--port",
            port,
            "--listen",
            "127.0.0.1",
            port=port,
        ):
            data = folder / "box"
            edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
            source = f"http://127.0.0.1:{port}/"
            seconds, peak = measured("sync", "--data", data, "--from", source, "--once")
            nothing = edubox_json("sync", "--data", data, "--from", source, "--once")
    return {
        "megabytes": film + text,
        "peak_rss_mib": round(peak / 1024, 1),
        "seconds": round(seconds, 1),
        "no_change": {"requests": nothing["requests"], "bytes": nothing["bytes"]},
    }


def lesson(folder: Path, film: int, text: int) -> None:
    """A folder of *film* MB that no compressor shrinks and *text* MB of pages."""
    folder.mkdir()
    source = random.Random(1)
    with (folder / "film.mp4").open("wb") as out:
        for _ in range(film):
            out.write(source.randbytes(MEGABYTE))
    words = [f"{source.randrange(10**6):x}" for _ in range(20_000)]
    for number in range(text):
        body = " ".join(source.choices(words, k=MEGABYTE // 6))[:MEGABYTE]
        (folder / f"page-{number:03}.html").write_text(f"<title>Page {number}</title><p>{body}</p>", "utf-8")


def measured(*arguments) -> tuple[float, int]:
    """Seconds and peak resident memory in KiB of one edubox command."""
    begin = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "edubox", *map(str, arguments)],
        env=os.environ | {"EDUBOX_PASSPHRASE": PASSPHRASE}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    assert isinstance(usage, resource.struct_rusage)
    return time.monotonic() - begin, usage.ru_maxrss


def broken(figures: dict) -> list[str]:
    """The budgets that are not kept."""
    nothing = figures["no_change"]
    checks = {
        "peak RSS ≤ 96 MiB": figures["peak_rss_mib"] <= 96,
        "no change: two requests a repository": nothing["requests"] <= 4,
        "no change: ≤ 1 kB": nothing["bytes"] <= 1000,
    }
    return [sentence for sentence, kept in checks.items() if not kept]
