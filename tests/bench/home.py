"""A class that all takes a lesson home at once, and a country that reads it there.

``python -m tests.bench home``: what a lesson's zip costs the box (milliseconds of processor for each megabyte, new pages
meanwhile), and how many requests a second of one core's time nginx answers from the exported site (with ``wrk``).
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.bench.school import MEGABYTE, School, fetch, percentile, pss_mib, school
from tests.bench.serving import latencies, ms
from tests.box.school import School as Data
from tests.box.school import page
from tests.cli.country import free_port
from tests.pages.export.nginx import begin
from tests.pages.export.reading import exported, school_in

PUPILS, FILM = 35, 20
_SECONDS, _CONNECTIONS = 4, 64
_HEADERS = ("Host: lecons.example.org", "Accept-Encoding: gzip")


def run() -> dict:
    """Figures of the box and of the site."""
    with tempfile.TemporaryDirectory() as name, school(Path(name), FILM) as box:
        taken = take(box)
    with tempfile.TemporaryDirectory() as name:
        served = site(Path(name))
    return taken | served


def take(box: School) -> dict:
    """The zip of a lesson with a film of FILM MB, once and then by everybody."""
    address = f"http://127.0.0.1:{box.pages}/take/{box.manifest}/lesson.zip"
    alone = latencies(box)
    before, size = processor(box.pid), len(fetch(address))
    once = processor(box.pid) - before
    takers = [threading.Thread(target=in_turn, args=(address,)) for _ in range(PUPILS)]
    for taker in takers:
        taker.start()
    crowded, memory = latencies(box), pss_mib(box.pid)
    for taker in takers:
        taker.join()
    return {
        "pupils": PUPILS, "zip_mb": round(size / MEGABYTE, 1), "zip_cpu_ms_per_mb": round(once * 1000 / size * MEGABYTE, 2),
        "new_page_p95_ms": {"alone": ms(alone, 0.95), "while_taken": ms(crowded, 0.95)}, "pss_mib": memory,
    }  # fmt: skip


def in_turn(address: str) -> None:
    """Take the zip as a phone does that waits for its turn, though it asks more often."""
    while True:
        try:
            fetch(address)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(random.uniform(0.5, 1.5))
        else:
            return


def site(folder: Path) -> dict:
    """Requests that nginx answers in a second of its processor's time; nothing where it or wrk is not installed."""
    if shutil.which("nginx") is None or shutil.which("wrk") is None:
        return {"site": "nginx or wrk is not installed"}
    folder.chmod(0o755)
    data: Data = school_in(folder / "data")
    data.add("photo", {"index.html": page("Photo"), "photo.jpg": os.urandom(100_000)}, title="Photo")
    exported(data.data, folder / "out", address="https://lecons.example.org")
    port = free_port()
    child = begin(folder, folder / "out", port)
    try:
        files = folder / "out" / "c"
        text, photo = (
            next(files.glob(f"*/{name}")).relative_to(folder / "out") for name in ("deux.html", "photo.jpg")
        )
        lesson = "fr/lecon/ministry/test/marees/"
        base = f"http://127.0.0.1:{port}"
        asked = {
            "home page": "fr/", "lesson's page": lesson, "part's page": f"{lesson}1/", "lesson's text": text, "a file of 100 kB": photo,
        }  # fmt: skip
        found = {what: answered(folder, f"{base}/{path}") for what, path in asked.items()}
        found["home page, unchanged (304)"] = answered(
            folder, f"{base}/fr/", f"If-None-Match: {tag(f'{base}/fr/')}"
        )
        return {"site_requests_per_core_second": found}
    finally:
        child.terminate()
        child.wait(20)


def answered(folder: Path, url: str, *headers: str) -> int:
    """The middle one of three."""
    found = []
    sent = [part for one in (*_HEADERS, *headers) for part in ("-H", one)]
    for _ in range(3):
        line = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", *sent, url]
        worker = worker_of(folder)
        before = processor(worker)
        said = subprocess.run(line, capture_output=True, text=True, check=True).stdout
        assert "Non-2xx" not in said, said
        requests = int(next(one for one in said.splitlines() if "requests in" in one).split()[0])
        found.append(requests / (processor(worker) - before))
    return round(percentile(found, 0.5))


def tag(url: str) -> str:
    """The ETag of what is at *url*."""
    asked = urllib.request.Request(url, headers=dict(one.split(": ") for one in _HEADERS))
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return str(answer.headers["ETag"])


def worker_of(folder: Path) -> int:
    """The process of nginx that answers."""
    master = int((folder / "pid").read_text())
    return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])


def processor(pid: int) -> float:
    """Seconds of processor that the process *pid* has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
