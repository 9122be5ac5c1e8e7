"""A school day on a small computer: pupils open lessons while teachers log in, bring a PDF and give it to their class.

``python -m tests.bench teachers``, as root: the box, with all that it starts, is held to PERCENT of one core of this machine
and MEGABYTES of memory. PUPILS phones each open a lesson again and again, with a pause in between as people make one; TEACHERS
teachers, a second apart, log in over TLS, upload, wait for their draft, give it, and wait until it is on
their class's page. Every answer must be the right one.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import random
import re
import ssl
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from edubox.box.accounts import passwords, people
from edubox.box.accounts.person import ADMIN, TEACHER
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from tests.bench.quota import quota
from tests.bench.school import School, percentile, school

PERCENT, MEGABYTES = 25, 512
PUPILS, TEACHERS = 60, 5
#: Seconds between two lessons of a pupil, between two teachers, and that a teacher may wait for anything.
PAUSE, APART, PATIENCE = 12, 1, 600
PASSWORD = "trois petits cochons"
PIECE = 512 * 1024


def run() -> dict:
    """How long pupils and teachers waited."""
    with tempfile.TemporaryDirectory() as name, school(Path(name), film=1) as box:
        file = SchoolFile(Path(name) / "box")
        names = [f"Enseignante {number}" for number in range(TEACHERS)]
        _account(file, "Directrice", ADMIN)
        codes = [_account(file, name) for name in names]
        with quota(box.pid, PERCENT, MEGABYTES) as held:
            over = threading.Event()
            with ThreadPoolExecutor(TEACHERS + 1) as threads:
                reading = threads.submit(lambda: asyncio.run(pupils(box, over)))
                days = [
                    threads.submit(day, box, names[number], codes[number], number * APART)
                    for number in range(TEACHERS)
                ]
                try:
                    told = [one.result() for one in days]
                finally:
                    over.set()
                read = reading.result()
            return {
                "percent_of_a_core": held and held.percent, "megabytes": held and held.megabytes,
                "pupils": {what: _waits(waited) for what, waited in read.items()},
                "teachers": {what: _waits([one[what] for one in told]) for what in told[0]},
                "errors": 0, "throttled": held and held.throttled(), "most_megabytes": held and held.most(),
            }  # fmt: skip


def _account(file: SchoolFile, name: str, role: str = TEACHER) -> str:
    """An account called *name* with a class; the class's code."""
    secret = passwords.hashed(PASSWORD)
    number = file.write(lambda db: people.add(db, name, role, secret, int(time.time())))
    return classes.make(file, f"Classe de {name}", owner=number)


def _waits(waited: list[float]) -> dict[str, float]:
    return {
        "count": len(waited), "p50_s": round(percentile(waited, 0.5), 2), "p95_s": round(percentile(waited, 0.95), 2),
        "most_s": round(max(waited), 2),
    }  # fmt: skip


async def pupils(box: School, over: threading.Event) -> dict[str, list[float]]:
    """What PUPILS waited for each page, until *over*."""
    home = await _get(box.pages, "/fr/")
    lesson = re.search(rb'href="(/fr/[^"]*/la-lecon[^"]*|/fr/lecon/[^"]+)"', home)
    assert lesson, home
    address = lesson[1].decode()
    begin = re.search(rb'href="(' + re.escape(lesson[1]) + rb'[^"]+)"', await _get(box.pages, address))
    visit = {
        "home": (box.pages, "/fr/"), "lesson": (box.pages, address),
        "part": (box.pages, begin[1].decode() if begin else address), "content": (box.lessons, f"/c/{box.manifest}/index.html"),
    }  # fmt: skip
    waited: dict[str, list[float]] = {what: [] for what in visit}
    chance = random.Random(60)

    async def pupil(first: float) -> None:
        await asyncio.sleep(first)
        while not over.is_set():
            for what, (port, path) in visit.items():
                start = time.monotonic()
                await _get(port, path)
                waited[what].append(time.monotonic() - start)
            await asyncio.sleep(chance.uniform(0.5, 1.5) * PAUSE)

    await asyncio.gather(*(pupil(chance.uniform(0, PAUSE)) for _ in range(PUPILS)))
    return waited


async def _get(port: int, path: str) -> bytes:
    """One page on a connection of its own, as a phone that has slept opens one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
    return answer


class Browser:
    """A teacher's: one connection at a time over TLS, a cookie, and the token of the forms."""

    def __init__(self, port: int) -> None:
        self._port, self._cookie, self.csrf = port, "", ""
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust.check_hostname, self._trust.verify_mode = False, ssl.CERT_NONE

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        """One request; its body is read into ``text``."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self._port, context=self._trust, timeout=PATIENCE
        )
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        fields |= {"Origin": f"https://127.0.0.1:{self._port}", "X-Edubox-Csrf": self.csrf}
        if self._cookie:
            fields["Cookie"] = self._cookie
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        answer.text = answer.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
        connection.close()
        if cookie := answer.getheader("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        if found := re.search(r'<meta name="csrf" content="([^"]+)"', answer.text):  # type: ignore[attr-defined]
            self.csrf = found[1]
        return answer

    def see(self, path: str) -> str:
        """The page at *path*."""
        answer = self.ask("GET", path)
        assert answer.status == 200, (path, answer.status)
        return answer.text  # type: ignore[attr-defined]

    def send(self, path: str, **form: str) -> str:
        """Send a form; the address that it leads to."""
        answer = self.ask(
            "POST", path, urlencode(form).encode(), Content_Type="application/x-www-form-urlencoded"
        )
        assert answer.status == 303, (path, answer.status, answer.text[:500])  # type: ignore[attr-defined]
        return answer.getheader("Location") or ""


def day(box: School, name: str, code: str, begin: float) -> dict[str, float]:
    """Seconds that the teacher *name* waits for each step, beginning after *begin* seconds."""
    time.sleep(begin)
    teacher, waits = Browser(box.desk), {}

    def step(what: str, since: float) -> float:
        waits[what] = time.monotonic() - since
        return time.monotonic()

    first = at = time.monotonic()
    teacher.see("/bureau/entrer/")
    teacher.send("/bureau/entrer/", name=name, password=PASSWORD)
    teacher.see("/bureau/")
    at = step("log in", at)
    draft = _upload(teacher, f"Marées {name}.pdf", pdf(name))
    teacher.see(f"/bureau/drafts/{draft}/")
    at = step("upload", at)
    given = teacher.send(f"/bureau/drafts/{draft}/give/", **{"class": code})
    page = f"/fr/classe/{code}/"
    while b"Mar\xc3\xa9es" not in asyncio.run(_get(box.pages, page)):
        assert time.monotonic() - at < PATIENCE, teacher.see(given)
        time.sleep(1)
    step("on the class page", at)
    step("in all", first)
    return waits


def _upload(teacher: Browser, name: str, data: bytes) -> str:
    """Bring a file in pieces; the draft that it is in."""
    tus = {"Tus_Resumable": "1.0.0"}
    said = f"name {base64.b64encode(name.encode()).decode()}"
    answer = teacher.ask(
        "POST", "/bureau/televersement/", b"", **tus, Upload_Length=str(len(data)), Upload_Metadata=said
    )
    assert answer.status == 201, answer.status
    place, draft = answer.getheader("Location") or "", answer.getheader("X-Edubox-Draft") or ""
    for at in range(0, len(data), PIECE):
        answer = teacher.ask(
            "PATCH", place, data[at : at + PIECE], **tus, Upload_Offset=str(at), Content_Type="application/offset+octet-stream"
        )  # fmt: skip
        assert answer.status == 204, answer.status
    return draft


def pdf(name: str) -> bytes:
    """A PDF of some pages of text, with a picture of 2 MB that no program can make smaller."""
    from io import BytesIO

    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, NameObject, StreamObject

    writer = PdfWriter()
    for number in range(6):
        page = writer.add_blank_page(595, 842)
        words = StreamObject()
        words.set_data(
            f"BT /F1 18 Tf 60 760 Td (Les marees, page {number + 1}, {name}) Tj ET".encode("ascii", "replace")
        )
        page[NameObject("/Contents")] = writer._add_object(words)
    noise = DecodedStreamObject()
    noise.set_data(random.Random(name).randbytes(2_000_000))
    writer.root_object[NameObject("/EduboxNoise")] = writer._add_object(noise)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def broken(figures: dict) -> list[str]:
    """The promises that are not kept."""
    return [] if figures["percent_of_a_core"] else ["needs root and cgroup v1: nothing was held back"]
