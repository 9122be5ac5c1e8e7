"""``edubox demo``: what a newcomer sees in the first minute, and that nothing of it stays behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edubox.box.accounts.first import read as read_code
from edubox.box.catalog import Catalogue
from tests.cli.country import free_port, page

LESSONS = sorted(path.name for path in (Path(__file__).parents[1] / "content" / "lessons").iterdir())


@contextlib.contextmanager
def demonstration(*options, **environment):
    """A running demo that has said all it says: its output, its ports and its process."""
    ports = {
        "--port": free_port(),
        "--lesson-port": free_port(),
        "--desk-port": free_port(),
        "--hub-port": free_port(),
    }
    line = [str(one) for pair in ports.items() for one in pair]
    child = subprocess.Popen(
        [sys.executable, "-m", "edubox", "demo", *line, *map(str, options)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment,
    )  # fmt: skip
    try:
        said = []
        for text in child.stdout:
            said.append(text)
            if "Ctrl-C" in text:
                break
        assert child.poll() is None, child.stderr.read()
        yield "".join(said), ports, child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=60)


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """One whole demonstration whose country is kept, with its hub switched off, and ended with Ctrl-C."""
    data = tmp_path_factory.mktemp("demo") / "country"
    with demonstration("--data", data, "--hub-down-after-sync") as (said, ports, child):
        home = page(f"http://127.0.0.1:{ports['--port']}/fr/")
        desk = page(f"http://127.0.0.1:{ports['--port']}/bureau/entrer/")
        class_page = page(re.sub(r"//[^:]+", "//127.0.0.1", re.search(r"http://\S+/classe/\S+", said)[0]))
        alive = {name: answers(port) for name, port in ports.items()}
        child.send_signal(signal.SIGINT)
        rest, _ = child.communicate(timeout=60)
    left = {name: answers(port) for name, port in ports.items()}
    return data, said, home, desk, class_page, alive, (child.returncode, rest, left)


def test_a_newcomer_gets_an_address_a_square_code_and_every_starter_lesson(first):
    _, said, home, *_ = first
    assert re.search(r"http://[0-9.]+:\d+/", said)
    assert "▀" in said
    assert all(f"/{name}/" in home for name in LESSONS)


def test_an_update_is_shown_to_cost_a_fraction_of_the_lesson(first):
    _, said, *_ = first
    shown = re.findall(r"^ {5}(\S+) +([\d.]+) (kB|bytes) +instead of ([\d.]+) kB$", said, re.MULTILINE)
    assert sorted(name for name, *_ in shown) == LESSONS
    for name, bytes_, unit, whole in shown:
        share = float(bytes_) / (1 if unit == "kB" else 1000) / float(whole)
        assert share < (0.35 if name.startswith("printing") else 0.12), (
            f"{name}: a recording is new, text is not"
        )


def test_a_school_without_a_line_gets_the_updated_lessons_from_a_stick(first):
    data, said, *_ = first
    brought = re.search(r"no line: a stick of [\d.]+ [kM]B brought it (\d+) lessons", said)
    assert int(brought[1]) == len(LESSONS)
    versions = {one.slug: one.version for one in Catalogue(data / "box-without-line").installed()}
    assert versions == dict.fromkeys(LESSONS, 2)


def test_the_desk_waits_for_its_first_administrator_whose_code_is_said(first):
    data, said, _, desk, *_ = first
    assert 'name="code"' in desk
    assert re.search(r"works once, and a password: +(\S+)", said)[1] == read_code(data / "box")


def test_it_says_where_teachers_come_in(first):
    assert re.search(r"https://[0-9.]+:\d+/bureau/ +http://localhost:\d+/bureau/", first[1])


def test_the_school_asks_its_academy_and_who_answers_gets_a_code_for_the_hubs_desk(first):
    data, said, *_ = first
    assert re.search(r"http://localhost:\d+/bureau/invitation/ +(\w+-){3}\w+\n", said)
    line = [sys.executable, "-m", "edubox", "academy", "list", "--data", str(data / "country"), "--json"]
    asked = json.loads(subprocess.run(line, stdout=subprocess.PIPE, check=True).stdout)["asked"]
    assert [(one["authority"], one["wanted"], one["school"]) for one in asked] == [
        ("ac-exemple", "ecole-exemple", "École de démonstration")
    ]


def test_a_class_has_two_lessons_at_the_address_that_is_said(first):
    assert len(re.findall(r'<li class="card', first[4])) == 2
    assert "Bienvenue en 6e B" in first[4]


def test_the_class_goes_on_when_the_hub_is_off(first):
    alive = first[5]
    assert alive == {"--port": True, "--lesson-port": True, "--desk-port": True, "--hub-port": False}


def test_ctrl_c_ends_everything_and_keeps_the_country_that_was_named(first):
    data, *_, (code, rest, left) = first
    assert code == 0
    assert "stays in" in rest
    assert not any(left.values())
    assert (data / "country" / "mirror" / "directory" / "metadata" / "1.root.json").is_file()


def test_a_kept_country_goes_on_the_next_day_without_its_passphrase(first):
    with demonstration("--data", first[0]) as (said, ports, _):
        assert "goes on" in said
        assert "moon-fr" in page(f"http://127.0.0.1:{ports['--port']}/fr/")


def test_a_port_that_is_taken_is_said_before_anything_is_made(tmp_path):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "edubox", "demo", "--port", str(taken.getsockname()[1]), "--data", tmp_path / "x"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 6
    assert "--port" in done.stderr
    assert not (tmp_path / "x").exists()


def test_who_installed_no_hub_sees_the_class_begin_all_the_same(tmp_path):
    """As on a teacher's own computer: pipx, the Debian package and the folder for computers without Python have no hub's libraries."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['sqlalchemy'] = None\n")
    with demonstration("--hub-down-after-sync", PYTHONPATH=str(tmp_path)) as (said, ports, _):
        assert "edubox[hub]" in said
        assert not answers(ports["--hub-port"])
        assert "instead of" in said
        assert "6 lessons" in said
        assert not re.search(r"^[89] ", said, re.MULTILINE)
        assert "/fr/lecon/" in page(f"http://127.0.0.1:{ports['--port']}/fr/")
