"""A real box and a real hub on this machine: lessons come without anybody's hand, and nothing outlives the box."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from edubox.box.keeper import Keeper
from edubox.box.serve import _noticing
from edubox.sync.pacing.usage import read_usage
from tests.box.school import settings
from tests.cli.country import behind_a_hub, edubox, free_port

#: ``edubox box serve`` whose first poll comes at once.
IMPATIENT = """
import sys
from edubox.sync.pacing import pace
pace.FIRST = (0.1, 0.2)
from edubox.cli import main
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    with behind_a_hub(tmp_path_factory.mktemp("itself"), 1_000_000) as country:
        yield country


@pytest.fixture
def data(country, tmp_path):
    edubox("box", "init", "--data", tmp_path / "box", "--country", country.root, "--follow", country.publisher,
           "--from", country.url)  # fmt: skip
    return tmp_path / "box"


@contextlib.contextmanager
def box(data, *, ends=0, **chosen):
    """A box that serves; *chosen* settings; how it must end."""
    port = free_port()
    with (data / "box.toml").open("a") as out:
        out.writelines(f"{name} = {json.dumps(value)}\n" for name, value in chosen.items())
    child = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT, "box", "serve", "--data", data, "--port", str(port), "--lesson-port", "0", "--desk-port", "0",
         "--listen", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield child, f"http://127.0.0.1:{port}/fr/lecon/ministry/test/marees/"
    finally:
        child.terminate()
        said = child.communicate(timeout=60)[1].decode()
        assert child.returncode == ends, said
        assert "Traceback" not in said, said


def wait_for(happened, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


def status(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def fresh(data, name):
    """Remove settings of *name* that box init wrote, so that a test can say others."""
    lines = [
        line for line in (data / "box.toml").read_text().splitlines() if not line.startswith(f"{name} =")
    ]
    (data / "box.toml").write_text("\n".join(lines) + "\n")


def test_a_published_lesson_comes_without_anybody_s_hand(country, data):
    with box(data) as (_, lesson):
        wait_for(lambda: status(lesson) == 200)
        told = wait_for(lambda: (now := read_usage(data)).success_at and now)
    assert told.success_from == [country.url]
    assert sum(kinds["hub"] for kinds in told.days.values()) > 1_000_000


def test_after_an_update_lessons_are_listed_again_at_once_and_from_the_card_alone(country, data):
    edubox("sync", "--data", data, "--from", country.url, "--once")
    with contextlib.closing(sqlite3.connect(data / "box.db")) as db:
        db.execute("PRAGMA user_version = 1")
    fresh(data, "sources")
    with box(data, sources=[]) as (_, lesson):
        wait_for(lambda: status(lesson) == 200)
    assert list(data.glob("box.db.damaged*")), "what an older edubox wrote is kept"


def test_no_child_outlives_a_box_that_is_killed(data):
    fresh(data, "rate_kbit")
    with box(data, ends=-signal.SIGKILL, rate_kbit=64) as (serving_process, lesson):
        wait_for(lambda: status(lesson) == 200)  # its film is still on the way, for two minutes
        (child,) = children_of(serving_process.pid)
        serving_process.kill()
        wait_for(lambda: not Path(f"/proc/{child}").exists(), seconds=20)
    assert any((data / "staging" / "fetch").iterdir()), "what came is kept"


def test_a_box_that_is_told_to_end_ends_its_child_and_keeps_what_came(data):
    fresh(data, "rate_kbit")
    with box(data, rate_kbit=64) as (serving_process, lesson):
        wait_for(lambda: status(lesson) == 200)
        (child,) = children_of(serving_process.pid)
        begun = time.monotonic()
        serving_process.terminate()
        serving_process.wait(30)
        assert time.monotonic() - begun < 8
        assert not Path(f"/proc/{child}").exists()
    assert any((data / "staging" / "fetch").iterdir())


def test_a_pause_holds_after_the_power_came_back(data):
    Keeper(data, settings()).pause()
    with box(data) as (serving_process, lesson):
        wait_for(lambda: status(lesson) == 404)
        for _ in range(30):
            assert children_of(serving_process.pid) == []
            time.sleep(0.1)


@pytest.mark.parametrize(
    ("path", "status", "reads"),
    [
        ("/fr/", "200 OK", True), ("/c/x/film.mp4", "206 Partial Content", True), ("/fr/", "304 Not Modified", True),
        ("/generate_204", "404 Not Found", False), ("/bureau/arriving/state.json", "200 OK", False),
        ("/m/objects/aa/x", "200 OK", False), ("/", "302 Found", False),
    ],
)  # fmt: skip
def test_only_what_a_pupil_opened_counts_as_reading(path, status, reads):
    class Listening:
        opened = False

        def page_opened(self):
            self.opened = True

    listening, told = Listening(), []

    def application(_environ, start_response):
        start_response(status, [])
        return [b"body"]

    answer = _noticing(application, listening)({"PATH_INFO": path}, lambda *said: told.append(said))
    assert answer == [b"body"]
    assert told == [(status, [])]
    assert listening.opened is reads
