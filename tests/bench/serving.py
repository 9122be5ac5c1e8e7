"""A class that all takes the film at once: is a new page still quick, and does the memory hold?

``python -m tests.bench serving``: 400 readers take a film at a few kB a second and 40 players ask for
``Range: bytes=0-`` of it, from a process of their own; meanwhile new pages are asked for one after the other. The
latency is also given as a multiple of the latency before the readers came, in the same run.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import tempfile
import time
from pathlib import Path

from tests.bench.school import School, fetch, percentile, pss_mib, school

READERS, PLAYERS, PAGES = 400, 40, 200
#: Seconds between two sips of a slow phone, and the bytes of one.
SIP_EVERY, SIP = 0.5, 4096


def run() -> dict:
    """Figures with nobody reading, then with everybody."""
    with (
        tempfile.TemporaryDirectory() as name,
        tempfile.TemporaryDirectory() as temporary,
        school(Path(name), TMPDIR=temporary) as box,
    ):
        alone = latencies(box)
        idle, written = pss_mib(box.pid), bytes_written(box.pid)
        ready, stop = multiprocessing.Event(), multiprocessing.Event()
        crowd = multiprocessing.Process(target=_crowd, args=(box.lessons, box.film, ready, stop))
        crowd.start()
        try:
            assert ready.wait(60), "the readers could not all connect"
            crowded = latencies(box)
            busy = pss_mib(box.pid)
            left = len(os.listdir(temporary)) + deleted_files(box.pid)
            written = bytes_written(box.pid) - written
        finally:
            stop.set()
            crowd.join(30)
        assert crowd.exitcode == 0, "a reader was cut off"
    return {
        "readers": READERS, "players": PLAYERS,
        "new_page_p50_ms": {"alone": ms(alone, 0.5), "crowded": ms(crowded, 0.5)},
        "new_page_p95_ms": {"alone": ms(alone, 0.95), "crowded": ms(crowded, 0.95)},
        "pss_mib": {"idle": idle, "crowded": busy},
        "temporary_files": left, "bytes_written_by_server": written,
    }  # fmt: skip


def latencies(box: School) -> list[float]:
    """Seconds of each of PAGES new pages on connections of their own."""
    found = []
    for _ in range(PAGES):
        begin = time.monotonic()
        fetch(box.home)
        found.append(time.monotonic() - begin)
        time.sleep(0.01)  # a class does not ask back to back
    return found


def ms(seconds: list[float], share: float) -> float:
    return round(percentile(seconds, share) * 1000, 1)


def bytes_written(pid: int) -> int:
    """What the process has caused to be written to disks."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("write_bytes")).split()[1])


def deleted_files(pid: int) -> int:
    """Open files that have no name any more: temporary files that hide."""
    found = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found += str(link.readlink()).endswith(" (deleted)")
        except FileNotFoundError:
            continue
    return found


def _crowd(port: int, film: str, ready, stop) -> None:
    asyncio.run(_read_slowly(port, film, ready, stop))


async def _read_slowly(port: int, film: str, ready, stop) -> None:
    plain = f"GET {film} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    ranged = f"GET {film} HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    readers = []
    for number in range(READERS + PLAYERS):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)  # the kernel must not read ahead for us
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        await loop.sock_sendall(sock, plain if number < READERS else ranged)
        head = await loop.sock_recv(sock, SIP)
        assert head.startswith(b"HTTP/1.1 200" if number < READERS else b"HTTP/1.1 206"), head[:60]
        readers.append(sock)
    ready.set()
    while not stop.is_set():
        for sock in readers:
            assert await loop.sock_recv(sock, SIP), "a slow reader was cut off"
        await asyncio.sleep(SIP_EVERY)
    for sock in readers:
        sock.close()


def broken(figures: dict) -> list[str]:
    """The budgets that are not kept."""
    checks = {
        "new page p95 < 100 ms": figures["new_page_p95_ms"]["crowded"] < 100,
        "PSS ≤ 80 MiB": figures["pss_mib"]["crowded"] <= 80,
        "no temporary files": figures["temporary_files"] == 0,
    }
    return [sentence for sentence, kept in checks.items() if not kept]
