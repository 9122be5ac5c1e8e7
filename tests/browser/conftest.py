"""One browser for all of this folder, and a school whose lessons are everything that a lesson can be."""

from __future__ import annotations

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import ClassVar

import pytest

from edubox.pack.manifest import Item
from tests.box.school import School, page, serving
from tests.browser.attacks import ATTACK, LIES
from tests.browser.chromium import Browser

PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 38>>stream
BT /F1 40 Tf 40 150 Td (Bonjour) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><rect width="40" height="30" fill="#2563eb"/></svg>'


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    running = Browser(tmp_path_factory.mktemp("chromium") / "profile")
    yield running
    running.close()


@pytest.fixture(autouse=True)
def _nothing_from_earlier_tests(request):
    if "browser" not in request.fixturenames:
        yield
        return
    with request.getfixturevalue("browser").fresh():
        yield


@pytest.fixture
def tab(browser):
    opened = browser.tab()
    yield opened
    opened.close()


@pytest.fixture
def phone(browser):
    opened = browser.tab(390, 844, phone=True)
    yield opened
    opened.close()


def film(target):
    """Ten seconds that a browser without licensed codecs plays too."""
    if shutil.which("ffmpeg") is None:
        return b""
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=160x90:rate=10:duration=10",
         "-c:v", "libvpx", "-b:v", "200k", "-g", "10", str(target)], check=True, timeout=120,
    )  # fmt: skip
    return target.read_bytes()


@pytest.fixture(scope="session")
def stranger():
    """Another site, which lets everybody in and writes down who came; its ``host`` and ``visits``."""

    class Door(BaseHTTPRequestHandler):
        visits: ClassVar[list[str]] = []

        def do_GET(self):
            self.visits.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield SimpleNamespace(host=f"127.0.0.1:{server.server_port}", visits=Door.visits)
        server.shutdown()


@pytest.fixture(scope="session")
def school(tmp_path_factory, stranger):
    """Addresses of a school's pages and of its lessons."""
    folder = tmp_path_factory.mktemp("school")
    school = School(folder / "box")
    files = {
        "index.html": page("L’éruption", "<p id=first>La lave sort.</p><p><a href='more/two.html'>Suite</a></p>"),
        "more/two.html": page("Deux", "<p>Le zèbre.</p>"), "film.webm": film(folder / "film.webm") or b"x",
        "film.vtt": b"WEBVTT\n\n00:00.000 --> 00:09.000\nVoici.\n", "fiche.pdf": PDF, "dessin.svg": DRAWING,
        "tableur.ods": b"x" * 5000, "demain.mp4": b"y" * 5000,
    }  # fmt: skip
    toc = (
        Item("Lire", "html", "index.html"), Item("Le film", "video", "film.webm", alternatives=("film.vtt",)),
        Item("La fiche", "pdf", "fiche.pdf"), Item("Le dessin", "image", "dessin.svg"),
        Item("Le tableur", "file", "tableur.ods"), Item("Demain", "video", "demain.mp4"),
    )  # fmt: skip
    school.add("volcans", files, title="Les volcans de la Terre", toc=toc, absent=("demain.mp4",), about=["svt"],
               educationalLevel=["sixieme"], description="Pourquoi la Terre gronde. " * 5, timeRequired="PT45M")  # fmt: skip
    for number in range(8):
        school.add(f"l{number}", {"i.html": page("x")}, title=f"Une leçon au titre assez long numéro {number}", about=["maths"],
                   educationalLevel=["sixieme", "cinquieme"], description="De quoi lire un moment. " * 4)  # fmt: skip
    school.add(
        "long",
        {"i.html": page("x")},
        title="Anticonstitutionnellement" * 8,
        description="w" * 300,
        language="en",
    )
    with serving(school.data) as (pages, lessons):
        port = pages.rpartition(":")[2]
        hostile = {
            "index.html": page("Hostile", ATTACK.replace("PORT", port).replace("STRANGER", stranger.host)),
            "worker.js": b"self.onfetch = () => {}",
            "inner/worker.js": b"self.onfetch = () => {}",
        }
        school.add("hostile", hostile, title="Leçon hostile")
        school.add("menteuse", {"index.html": page("Menteuse", LIES)}, title="Leçon menteuse")
        yield pages, lessons
