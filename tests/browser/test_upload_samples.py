"""Every file that a teacher may have, dropped on the desk of a real box: it becomes a draft with contents, or clear words.

Run with ``-s`` it prints what became of each: kinds of its parts, how many, seconds until its teacher sees them, and the most memory
that putting it together took.
"""

from __future__ import annotations

import http.client
import os
import re
import time
from dataclasses import dataclass
from gettext import NullTranslations
from pathlib import Path

import pytest

from edubox.box.setup import init
from edubox.box.teacher.build import report
from edubox.pages.drafting import FAILURES
from edubox.pages.notices import sentence
from tests.box.desk_client import PASSWORD, person
from tests.browser.desk import come_in
from tests.cli.country import free_port, serving
from tests.sync.country import Country

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FOLDER = Path(os.environ.get("EDUBOX_SAMPLES", Path(__file__).parents[3] / "shared" / "samples"))
SOURCES = sorted(path for path in FOLDER.glob("*/*") if path.is_file()) if FOLDER.is_dir() else []
#: Seconds for one file, and MiB for putting one together.
PATIENCE, MOST_MEMORY = 300, 200
#: Every Python process that is given this folder in its path writes there, when it ends, its arguments and the most memory it took.
RECORDER = """
import atexit, os, re, sys
def record():
    most = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
    with open(os.path.join(os.path.dirname(__file__), f"{os.getpid()}.took"), "w") as note:
        note.write("\\n".join([most, *sys.argv[1:]]))
atexit.register(record)
"""


@dataclass
class Row:
    """What became of one file. *alert*: why it did not become a lesson, in the page's words; *memory* in MiB."""

    name: str
    kinds: str
    parts: int
    warnings: list[str]
    alert: str
    seconds: float
    memory: float


class Desk:
    """The desk at *port* of this computer, for a script that has come in as Ada."""

    def __init__(self, port: int) -> None:
        self._port, self._cookie, self._token = port, "", ""
        answer, _ = self.ask(
            "POST", "/bureau/entrer/", f"name=Ada&password={PASSWORD.replace(' ', '+')}".encode()
        )
        assert answer.status == 303
        self.page("/bureau/")

    def ask(self, method, address, body=b"", **headers):
        """The answer, its body read."""
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        own = f"localhost:{self._port}"
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        link.request(method, address, body, {
            "Host": own, "Origin": f"http://{own}", "Cookie": self._cookie, "X-Edubox-Csrf": self._token,
            "Accept-Language": "en", **kind, **told,
        })  # fmt: skip
        answer = link.getresponse()
        data = answer.read()
        link.close()
        if given := answer.headers["Set-Cookie"]:
            self._cookie = given.partition(";")[0]
        return answer, data

    def page(self, address):
        answer, data = self.ask("GET", address)
        assert answer.status == 200, (address, answer.status)
        text = data.decode()
        if found := re.search('name="csrf" content="([^"]+)"', text):
            self._token = found[1]
        return text


@pytest.fixture(scope="module")
def rows(tmp_path_factory, browser):
    """One Row for each sample."""
    if not SOURCES:
        pytest.skip("the samples are not here (EDUBOX_SAMPLES names their folder)")
    folder = tmp_path_factory.mktemp("samples")
    data, port, took = folder / "box", free_port(), folder / "took"
    took.mkdir()
    (took / "sitecustomize.py").write_text(RECORDER)
    settings = {
        "reserve_mb": 0, "announce": False, "port": port, "lesson_port": free_port(), "desk_port": free_port(),
        "listen": "127.0.0.1",
    }  # fmt: skip
    init(data, Country(folder / "country").root, [], [], settings)
    person(data, "teacher", "Ada")
    found = []
    with serving("box", "serve", "--data", data, port=port, PYTHONPATH=str(took)):
        desk, tab = Desk(port), browser.tab()
        come_in(tab, f"http://localhost:{port}")
        for source in SOURCES:
            began = time.monotonic()
            found.append(outcome(desk, data, drop(tab, port, source), source, began))
        complaints = list(tab.complaints)
        tab.close()
    assert not complaints
    memory = peaks(took)
    return [Row(*row, memory=memory.get(draft, 0.0)) for draft, row in found]


def drop(tab, port, source):
    """Choose *source* on the desk's first page; the draft whose page the browser is led to."""
    tab.open(f"http://localhost:{port}/bureau/")
    # The page of the draft before may just have loaded itself again, as its lesson was ready.
    there = "location.pathname === '/bureau/' && document.readyState === 'complete'"
    tab.wait_through(lambda: tab.js(there), "the desk's first page")
    tab.choose("[data-opens=drop-files]", source)
    tab.wait_through(lambda: tab.js("!!document.getElementById('compose')"), f"the draft of {source.name}")
    return tab.js("location.pathname").split("/")[3]


def outcome(desk, data, draft, source, began):
    """The *draft* and all of its row but the memory, once *source* is put together or was refused."""
    deadline, waits = time.monotonic() + PATIENCE, re.compile('"state": ?"(old|working)"')
    while waits.search(desk.page(f"/bureau/drafts/{draft}/state.json")):
        assert time.monotonic() < deadline, f"{source.name} takes too long"
        time.sleep(0.05)
    seconds = time.monotonic() - began
    text, made = desk.page(f"/bureau/drafts/{draft}/"), report(data, draft)
    alert = re.search(r'role="alert">.*?<p class="lead">(.*?)</p>', text, re.DOTALL)
    lines = made.get("lines", [])
    assert bool(lines) == ('id="lines"' in text), "the page shows what was found"
    return draft, (
        f"{source.parent.name}/{source.name}", ", ".join(sorted({line["type"] for line in lines})), len(lines),
        [sentence(one, NullTranslations()) for one in made.get("warnings", [])], alert[1] if alert else "", seconds,
    )  # fmt: skip


def peaks(took):
    """MiB by draft, of the children that put them together."""
    found = {}
    for note in took.glob("*.took"):
        most, *arguments = note.read_text().split("\n")
        if arguments[:2] == ["draft", "build"]:
            found[arguments[2]] = max(found.get(arguments[2], 0.0), int(most) / 1024)
    return found


def test_every_sample_becomes_a_draft_with_contents_or_clear_words(rows):
    print(f"\n{'sample':58} {'kinds':22} parts warnings seconds    MiB")
    for row in rows:
        words = row.alert or " ".join(row.warnings)
        print(
            f"{row.name[:58]:58} {row.kinds[:22]:22} {row.parts:5} {len(row.warnings):8} {row.seconds:7.1f} {row.memory:6.0f}"
            f" {words[:150]}"
        )
    assert len(rows) == len(SOURCES)
    assert not [row for row in rows if not row.parts and not row.alert], "contents or words"
    assert not [row for row in rows if FAILURES[""] in row.alert], "words that say what it is"


def test_putting_a_sample_together_takes_little_memory(rows):
    assert all(0 < row.memory <= MOST_MEMORY for row in rows), [
        (row.name, row.memory) for row in rows if row.memory > MOST_MEMORY
    ]
