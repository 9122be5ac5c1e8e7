"""A phone hands in lessons to a school without a line, and loses the box in the middle."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time

import pytest

from edubox.box.setup import init
from tests.box.desk_client import person
from tests.browser.desk import come_in
from tests.cli.country import free_port
from tests.sync.carried.test_courier import carry
from tests.sync.country import PUBLISHER, Country, film, text

pytestmark = pytest.mark.browser


class Served:
    """The box of *data* as its own process on *port*, which can be killed and started again."""

    def __init__(self, data, port, lesson_port):
        self.line = [
            sys.executable,
            "-m",
            "edubox",
            "box",
            "serve",
            "--data",
            str(data),
            "--listen",
            "127.0.0.1",
        ]
        self.line += ["--port", str(port), "--lesson-port", str(lesson_port), "--desk-port", "0"]
        self.port = port
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.stderr.read().decode()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return
            time.sleep(0.02)
        raise AssertionError("the box did not start")

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        said = self.process.communicate(timeout=30)[1].decode()
        assert "Traceback" not in said, said


@pytest.fixture
def carried(tmp_path):
    """A box without any source, and a courier with a lesson and its film."""
    country = Country(tmp_path / "country")
    country.publish(
        "lune", {"index.html": text(1, 4000), "film.mp4": film(1, 6_000_000)}, frozenset({"film.mp4"})
    )
    (part,) = carry(country, tmp_path / "phone")
    data = tmp_path / "box"
    init(data, country.root, [PUBLISHER], [], {"name": "Collège", "announce": False, "reserve_mb": 1})
    person(data, "teacher")
    served = Served(data, free_port(), free_port())
    served.start()
    yield data, part, served
    served.end()


def on_its_way(data):
    """Bytes of the one file that is being handed in."""
    return next((path.stat().st_size for path in (data / "courier" / "in").glob("*.part")), 0)


def test_a_phone_hands_in_a_courier_through_a_cut_and_pupils_find_the_lesson(browser, phone, carried):
    data, part, served = carried
    come_in(phone, f"http://127.0.0.1:{served.port}", "/bureau/carry/?lang=fr")
    assert phone.js("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert not phone.complaints
    # A phone at the far end of the school yard: some seconds for these few megabytes.
    phone.send(
        "Network.emulateNetworkConditions",
        offline=False,
        latency=5,
        downloadThroughput=-1,
        uploadThroughput=2_000_000,
    )
    node = phone.send(
        "DOM.querySelector", nodeId=phone.send("DOM.getDocument")["root"]["nodeId"], selector="#files"
    )
    phone.send("DOM.setFileInputFiles", nodeId=node["nodeId"], files=[str(part)])
    phone.js("document.querySelector('#hand-in button').click()")
    phone.wait(lambda: on_its_way(data) > 1_000_000, "a million bytes handed in")
    served.kill()
    before = on_its_way(data)
    assert 1_000_000 < before < part.stat().st_size
    phone.wait(
        lambda: phone.js(
            "document.getElementById('said').textContent === document.getElementById('hand-in').dataset.again"
        ),
        "a word about the cut",
    )
    assert phone.js("document.getElementById('handed').value") > 0
    served.start()
    phone.wait(
        lambda: phone.js("!document.getElementById('door').hidden"),
        "a word about the session, which ended with the box",
    )
    other = browser.tab()
    come_in(other, f"http://127.0.0.1:{served.port}")
    other.close()
    phone.wait(lambda: on_its_way(data) > before, "the file going on")
    assert len([one for one in phone.requests if "at=0" in one]) == 1
    phone.wait(
        lambda: phone.js("!!document.querySelector('.arrivals .icon') && location.search"),
        "a word about the lesson that came",
    )
    assert not list((data / "courier" / "in").iterdir())
    phone.open(f"http://127.0.0.1:{served.port}/fr/")
    assert "Leçon lune" in phone.js("document.body.textContent")
