"""A class that follows its teacher: how many phones may ask ``now.json``, and pupils open pages, on a Pi's processor?

``python -m tests.bench poll``: a box under a quota of the processor (cgroup v1, as root; without it the figures are of
this machine and say so). First as many requests a second as it answers, then 35 and 500 phones that ask as
pupils' phones do, every eight seconds: the share of the processor that they take and how long they wait.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from pathlib import Path

from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.school.now import POLL
from tests.bench.quota import quota
from tests.bench.school import School, percentile, school

#: Percent of one core of this machine that stands for a small Pi.
QUOTA = 60
PHONES, ASKING, SECONDS = (35, 500), 16, 6


def run() -> dict:
    """Requests a second of the poll and of pages, and what phones that poll cost."""
    with tempfile.TemporaryDirectory() as name, school(Path(name), film=1) as box:
        code = classes.make(SchoolFile(Path(name) / "box"), "6e B")
        poll, home = f"/class/{code}/now.json", "/fr/"
        with quota(box.pid, QUOTA) as held:
            etags = {path: asyncio.run(etag(box, path)) for path in (poll, home)}
            return {
                "percent_of_a_core": held and held.percent,
                "requests_a_second": {
                    "poll": asyncio.run(rate(box, poll)), "poll_unchanged": asyncio.run(rate(box, poll, etags[poll])),
                    "home": asyncio.run(rate(box, home)), "home_unchanged": asyncio.run(rate(box, home, etags[home])),
                },
                "phones": {str(count): asyncio.run(follow(box, poll, etags[poll], count)) for count in PHONES},
            }  # fmt: skip


async def ask(connection, path: str, known: str = "") -> dict[str, str]:
    """One request on an open connection: the fields of its answer."""
    reader, writer = connection
    match = f"If-None-Match: {known}\r\n" if known else ""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: box\r\nAccept-Encoding: gzip\r\n{match}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n") if ": " in line)
    status = int(head.split()[1])
    assert status == (304 if known else 200), head
    if status == 200:
        await reader.readexactly(int(fields["content-length"]))
    return fields


async def connect(box: School):
    return await asyncio.open_connection("127.0.0.1", box.pages)


async def etag(box: School, path: str) -> str:
    connection = await connect(box)
    found = (await ask(connection, path))["etag"]
    connection[1].close()
    return found


async def rate(box: School, path: str, known: str = "") -> int:
    """Answers a second to ASKING phones that ask again at once."""
    end, answered = time.monotonic() + SECONDS, 0

    async def phone() -> None:
        nonlocal answered
        connection = await connect(box)
        while time.monotonic() < end:
            await ask(connection, path, known)
            answered += 1
        connection[1].close()

    await asyncio.gather(*(phone() for _ in range(ASKING)))
    return round(answered / SECONDS)


async def follow(box: School, path: str, known: str, count: int) -> dict:
    """*count* phones that poll for two rounds, spread by chance as their script does."""
    chance, waited = random.Random(count), []

    async def phone(first: float) -> None:
        await asyncio.sleep(first)
        connection = await connect(box)
        for _ in range(2):
            begin = time.monotonic()
            await ask(connection, path, known)
            waited.append(time.monotonic() - begin)
            await asyncio.sleep(POLL)
        connection[1].close()

    used, begin = cpu(box.pid), time.monotonic()
    await asyncio.gather(*(phone(chance.uniform(0, POLL)) for _ in range(count)))
    share = (cpu(box.pid) - used) / (time.monotonic() - begin)
    return {
        "share_of_a_core": round(share, 3), "p50_ms": round(percentile(waited, 0.5) * 1000, 1),
        "p95_ms": round(percentile(waited, 0.95) * 1000, 1),
    }  # fmt: skip


def cpu(pid: int) -> float:
    """Seconds of the processor that *pid* has used."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")
