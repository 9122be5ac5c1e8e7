"""What a pupil waits for and what the box costs while nobody asks: start, first page, idle memory.

``python -m tests.bench start``: seconds from the command to the first page, as a multiple of what the bare
interpreter needs for ``import flask`` in the same run; bytes and requests of the first page of a cold browser; PSS.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urljoin

from tests.bench.school import fetch, pss_mib, school


def run() -> dict:
    """Figures of one start."""
    with tempfile.TemporaryDirectory() as name, school(Path(name), film=1) as box:
        sizes = {url: len(answer(url)) for url in first_page(box.home)}
        begin = time.monotonic()
        subprocess.run([sys.executable, "-c", "import flask"], check=True)
        flask = time.monotonic() - begin
        return {
            "seconds_to_first_page": round(box.started, 2),
            "times_import_flask": round(box.started / flask, 1),
            "first_page": {"requests": len(sizes), "body_bytes_gzip": sum(sizes.values())},
            "idle_pss_mib": pss_mib(box.pid),
        }


def answer(url: str) -> bytes:
    """What travels, compressed as a browser asks for it."""
    return fetch(url, **{"Accept-Encoding": "gzip"})


def first_page(url: str) -> list[str]:
    """The page and every file its HTML makes a browser fetch at once."""
    body = answer(url)
    text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()
    links = re.findall(r'<link[^>]+rel="(?:stylesheet|icon|preload)"[^>]*href="([^"]+)"', text)
    links += re.findall(r'<(?:script|img|iframe)[^>]+src="([^"]+)"', text)
    return list(dict.fromkeys([url, *(urljoin(url, link) for link in links if not link.startswith("data:"))]))


def broken(figures: dict) -> list[str]:
    """The budgets that are not kept."""
    page = figures["first_page"]
    checks = {
        "first page ≤ 60 kB": page["body_bytes_gzip"] <= 60_000,
        "first page ≤ 8 requests": page["requests"] <= 8,
        "idle PSS ≤ 45 MiB": figures["idle_pss_mib"] <= 45,
        "start ≤ 1.5 s": figures["seconds_to_first_page"] <= 1.5,
    }
    return [sentence for sentence, kept in checks.items() if not kept]
