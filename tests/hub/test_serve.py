from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edubox.hub import serve
from edubox.publishing.country import create
from edubox.publishing.country_file import to_bytes
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch

COUNTRY_FILE = {
    "format": 1, "id": "tl", "languages": ["en"],
    "tier": [{"id": "ministry", "name": {"en": "Ministry"}}], "level": [{"id": "l", "name": {"en": "L"}}],
    "subject": [{"id": "s", "name": {"en": "S"}, "colour": "#123456", "icon": "atom"}],
    "school_id": {"name": {"en": "Id"}, "pattern": "[0-9]+"}, "school_year": {"begins": "09-01", "ends": "07-05"},
}  # fmt: skip


@pytest.fixture
def country(tmp_path):
    to_bytes(COUNTRY_FILE, "Testland")
    create(tmp_path / "tl", "Testland", COUNTRY_FILE, "secret", datetime.now(UTC) - timedelta(days=20))
    return tmp_path / "tl"


def expires(country):
    return Directory(FolderFetch(country / "mirror")).expires()


@contextlib.contextmanager
def hub(country):
    child = subprocess.Popen(
        [sys.executable, "-m", "edubox", "hub", "serve", "--desk-port", "0", "--review-port", "0", "--data", str(country), "--port", "0", "--listen", "127.0.0.1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield child, child.stdout.readline().split()[-1]
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
        assert "Traceback" not in child.stderr.read()
        child.stdout.close()
        child.stderr.close()


def test_the_hub_serves_the_mirror_and_renews_signatures_before_they_end(country):
    before = expires(country)
    with hub(country) as (child, url):
        with urllib.request.urlopen(f"{url}directory/metadata/1.root.json", timeout=20) as answer:
            assert answer.read() == (country / "mirror/directory/metadata/1.root.json").read_bytes()
        mapped = Path(f"/proc/{child.pid}/maps").read_text()
        assert "cryptography" not in mapped, "signing happens in a process of its own"
    # The child that renews is waited for at the end.
    assert expires(country) > before + timedelta(days=19)
    assert os.listdir(country / "mirror") == ["directory"] or set(os.listdir(country / "mirror")) == {
        "directory",
        ".staging",
    }


def test_signatures_are_looked_at_once_an_hour_and_one_look_at_a_time(tmp_path, monkeypatch):
    (tmp_path / "keys" / "online").mkdir(parents=True)
    now, started = [0.0], []

    class Child:
        ended = False

        def __init__(self, line, **_):
            started.append(line)

        def poll(self):
            return 0 if self.ended else None

    monkeypatch.setattr(serve.subprocess, "Popen", Child)
    renewal = serve.Renewal(tmp_path, clock=lambda: now[0])
    for _ in range(3):
        renewal.tick()
    assert len(started) == 1
    assert started[0][1:] == ["-m", "edubox", "hub", "renew", "--data", str(tmp_path)]
    now[0] = 2 * serve.HOUR
    renewal.tick()
    assert len(started) == 1, "the first one is still at work"
    Child.ended = True
    renewal.tick()
    assert len(started) == 2


def test_a_hub_without_keys_only_serves(tmp_path, monkeypatch):
    monkeypatch.setattr(serve.subprocess, "Popen", None)
    renewal = serve.Renewal(tmp_path)
    renewal.tick()
    renewal.end()
