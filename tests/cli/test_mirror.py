"""An academy's mirror with one command: boxes read through it, it may be killed, and its memory does not grow with a film."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.cli.country import behind_a_hub, edubox, edubox_json, free_port, serving

FILM = 64_000_000
#: MiB that the process may have (RSS), tuf and cryptography included: it had 58.
MEMORY = 96


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    with behind_a_hub(tmp_path_factory.mktemp("hub"), FILM) as made:
        yield made


def mirror(country, folder, port, *options):
    return (
        "mirror",
        "serve",
        "--of",
        country.url,
        "--folder",
        folder,
        "--port",
        port,
        "--listen",
        "127.0.0.1",
        *options,
    )


def box(country, data):
    edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
    return data


def film_of(country):
    return next(path for path in (country.mirror / "objects").glob("*/*") if path.stat().st_size == FILM)


def memory(pid: int) -> float:
    """The most MiB that a process had."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def test_boxes_read_through_an_academys_mirror_whose_memory_does_not_grow(country, tmp_path):
    port = free_port()
    with serving(
        *mirror(country, tmp_path / "academy", port, "--root", country.root, "--most", "1GB"), port=port
    ) as child:
        source = f"http://127.0.0.1:{port}/"
        report = edubox_json("sync", "--data", box(country, tmp_path / "box"), "--from", source, "--once")
        assert [(one["version"], one["state"]) for one in report["packs"]] == [(1, "ready")]
        again = edubox_json("sync", "--data", tmp_path / "box", "--from", source, "--once")
        assert again["requests"] == 4, "two requests per repository, as from a hub"
        most = memory(child.pid)
        print(f"mirror: {most:.0f} MiB after a film of {FILM / 1e6:.0f} MB")
        assert most < MEMORY
        with urllib.request.urlopen(
            f"{source}objects/{film_of(country).parent.name}/{film_of(country).name}"
        ) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
    assert json.loads((tmp_path / "academy" / "relay.json").read_text())["most"] == 10**9


def test_a_mirror_that_was_killed_goes_on_and_nothing_half_was_ever_served(country, tmp_path):
    film, port, folder = film_of(country), free_port(), tmp_path / "academy"
    address = f"http://127.0.0.1:{port}/objects/{film.parent.name}/{film.name}"
    line = [sys.executable, "-m", "edubox", *map(str, mirror(country, folder, port, "--root", country.root))]
    for _ in range(3):
        child = subprocess.Popen(line, stdout=subprocess.PIPE)
        assert b"answers at" in child.stdout.readline()

        def read():
            try:
                with urllib.request.urlopen(address, timeout=30) as answer:
                    while answer.read(65536):
                        time.sleep(0.001)
            except OSError:
                pass

        thread = threading.Thread(target=read)
        thread.start()
        part = folder / "staging" / film.name
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (part.exists() and part.stat().st_size > FILM / 10):
            if (folder / "mirror" / "objects" / film.parent.name / film.name).exists():
                break
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
        child.wait(20)
        child.stdout.close()
        thread.join(30)
        kept = [
            one for one in (folder / "mirror").rglob("*") if one.is_file() and not one.name.startswith(".")
        ]
        assert all(one.read_bytes() == film.read_bytes() for one in kept if "objects" in one.parts)
    with serving(*mirror(country, folder, port), port=port):
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert answer.read() == film.read_bytes()
        # Two of them in one folder would lose each other's files.
        edubox(*mirror(country, folder, free_port()), check=6)


def test_what_was_written_wrongly_is_said_before_anything_is_served(country, tmp_path):
    port = free_port()
    assert (
        "no size such as" in edubox(*mirror(country, tmp_path / "a", port, "--most", "much"), check=2).stderr
    )
    assert "--root" in edubox(*mirror(country, tmp_path / "b", port, "--root", __file__), check=2).stderr
    wrong = ("mirror", "serve", "--of", "hub", "--folder", tmp_path / "c", "--port", port)
    assert "is not an address" in edubox(*wrong, check=2).stderr
    assert edubox(*mirror(country, tmp_path / "d", port, "--root", tmp_path / "none"), check=2)
