"""The desk over TLS: what the listener costs while nobody comes in, and whether strangers can keep teachers out.

``python -m tests.bench secure``: memory of the idle process; handshakes a second, one after the other; then a page over
new TLS connections alone and while SLOW strangers sit on the port, a third silent, a third in the middle of a
handshake, a third sending a body a byte at a time. They come again when they are ended.
"""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import socket
import ssl
import tempfile
import time
from pathlib import Path

from tests.bench.school import School, percentile, pss_mib, school

SLOW, HANDSHAKES, PAGES = 200, 300, 100


def run() -> dict:
    """Figures alone, then with strangers."""
    with tempfile.TemporaryDirectory() as name, school(Path(name), film=1) as box:
        greet(box.desk)
        idle = pss_mib(box.pid)
        begin = time.monotonic()
        for _ in range(HANDSHAKES):
            greet(box.desk).close()
        handshakes = HANDSHAKES / (time.monotonic() - begin)
        alone = latencies(box)
        ready, stop = multiprocessing.Event(), multiprocessing.Event()
        crowd = multiprocessing.Process(target=_strangers, args=(box.desk, ready, stop))
        crowd.start()
        try:
            assert ready.wait(60), "the strangers could not all connect"
            crowded = latencies(box)
            busy = pss_mib(box.pid)
        finally:
            stop.set()
            crowd.join(30)
    return {
        "strangers": SLOW, "handshakes_per_second": round(handshakes),
        "new_page_p95_ms": {"alone": ms(alone), "crowded": ms(crowded)},
        "pss_mib": {"idle": idle, "crowded": busy},
    }  # fmt: skip


def greet(port: int) -> ssl.SSLSocket:
    """A connection through its handshake."""
    return _anybody().wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20))


def latencies(box: School) -> list[float]:
    """Seconds of each of PAGES pages, each on a connection of its own."""
    found = []
    for _ in range(PAGES):
        begin = time.monotonic()
        connection = http.client.HTTPSConnection("127.0.0.1", box.desk, context=_anybody(), timeout=60)
        connection.request("GET", "/bureau/")
        connection.getresponse().read()
        connection.close()
        found.append(time.monotonic() - begin)
        time.sleep(0.02)
    return found


def ms(seconds: list[float]) -> float:
    return round(percentile(seconds, 0.95) * 1000, 1)


def _anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _strangers(port: int, ready, stop) -> None:
    def come(number: int) -> socket.socket:
        if number % 3 == 2:
            stranger = greet(port)
            stranger.sendall(b"POST /bureau/ HTTP/1.1\r\nHost: box\r\nContent-Length: 200000\r\n\r\n")
        else:
            stranger = socket.create_connection(("127.0.0.1", port), timeout=20)
            stranger.sendall(b"\x16\x03\x01\x02\x00\x01" * (number % 3))
        return stranger

    strangers = [come(number) for number in range(SLOW)]
    ready.set()
    while not stop.wait(0.5):
        for number, stranger in enumerate(strangers):
            try:
                if number % 3 == 2:
                    stranger.sendall(b"x")
            except OSError:
                with contextlib.suppress(OSError):
                    strangers[number] = come(number)
    for stranger in strangers:
        stranger.close()


def broken(figures: dict) -> list[str]:
    """The budgets that are not kept."""
    checks = {
        "idle PSS ≤ 45 MiB": figures["pss_mib"]["idle"] <= 45,
        "a page over TLS p95 < 100 ms with strangers": figures["new_page_p95_ms"]["crowded"] < 100,
        "PSS ≤ 80 MiB with strangers": figures["pss_mib"]["crowded"] <= 80,
    }
    return [sentence for sentence, kept in checks.items() if not kept]
