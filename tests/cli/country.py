"""A country, a hub and a box made with the command line, as an operator and a technician would."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

PASSPHRASE = "correct horse battery staple"


def edubox(*arguments, check=True, timeout=600, **environment):
    """Run one command; *check* is the exit code that must come, True for 0, None for any."""
    line = [sys.executable, "-m", "edubox", *map(str, arguments)]
    done = subprocess.run(
        line, capture_output=True, text=True, timeout=timeout, check=False,
        env=os.environ | {"EDUBOX_PASSPHRASE": PASSPHRASE} | environment, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if check is not None:
        wanted = 0 if check is True else check
        assert done.returncode == wanted, (
            f"{line[3:]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
        assert "Traceback" not in done.stderr
    return done


def edubox_json(*arguments, **options):
    return json.loads(edubox(*arguments, "--json", **options).stdout)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(*arguments, port, **environment):
    """A server that answers on *port* while the block runs, and ends cleanly."""
    child = subprocess.Popen(
        [sys.executable, "-m", "edubox", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | environment,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while True:
            assert child.poll() is None, child.stderr.read().decode()
            assert time.monotonic() < deadline, "the server did not start"
            with (
                contextlib.suppress(ConnectionError),
                socket.create_connection(("127.0.0.1", port), timeout=5),
            ):
                break
            time.sleep(0.02)
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        said = child.communicate(timeout=30)[1].decode()
        assert child.returncode in {0, -signal.SIGTERM}, said
        assert "Traceback" not in said, said


@dataclass
class Country:
    """One publisher, ``ministry/test``."""

    folder: Path
    publisher: str = "ministry/test"

    @property
    def mirror(self):
        return self.folder / "mirror"

    @property
    def root(self):
        return self.mirror / "directory" / "metadata" / "1.root.json"

    def publish(self, lesson, slug, *options):
        return edubox_json(
            "publish", lesson, "--to", self.mirror, "--as", self.publisher, "--slug", slug, *options
        )


def make_country(folder: Path) -> Country:
    country = Country(folder)
    edubox("country", "create", folder, "--name", "Testland")
    edubox("country", "add-publisher", folder, "--id", country.publisher, "--name", "Ministère d'essai")
    return country


def write_lesson(folder: Path, **pages: str) -> Path:
    """A folder of HTML pages; ``index="…"`` becomes ``index.html``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in pages.items():
        text = f"<!doctype html><html lang=fr><meta charset=utf-8><title>{name}</title><h1>{name}</h1>{body}</html>"
        (folder / f"{name}.html").write_text(text, "utf-8")
    return folder


def build(source: Path, target: Path, *options):
    return edubox_json(
        "pack", "build", source, "-o", target, "--title", "La leçon", "--language", "fr", *options
    )


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


@contextlib.contextmanager
def behind_a_hub(folder, film):
    """A country in *folder* with one lesson and its *film* of so many bytes, served by a hub at its ``url``."""
    country = make_country(folder / "country")
    lesson = write_lesson(folder / "lesson", index="<h1>Les marées</h1>")
    (lesson / "film.mp4").write_bytes(os.urandom(film))
    build(lesson, folder / "lesson.edpack")
    country.publish(folder / "lesson.edpack", "marees")
    port = free_port()
    with serving(
        "hub",
        "serve",
        "--desk-port",
        "0",
        "--review-port",
        "0",
        "--data",
        country.folder,
        "--port",
        port,
        "--listen",
        "127.0.0.1",
        port=port,
    ):
        country.url = f"http://127.0.0.1:{port}/"
        yield country
