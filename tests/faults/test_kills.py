"""``edubox sync`` is killed, as by a pulled plug: pupils have the old lesson or the new one, whole.

``EDUBOX_KILLS`` says how often (``make prove-cuts``: 100): half at steps spread over all changes it makes to the
disk, half at random moments, most of them where the previous kill left the folder.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.setup import init
from edubox.settings import load_settings
from edubox.sync.job import synchronise
from edubox.sync.opening import open_sources
from tests.sync.country import PUBLISHER, Country, Progress, film, text
from tests.sync.hub import hub

KILLS = int(os.environ.get("EDUBOX_KILLS", "12"))
MEDIA = frozenset(["film.mp4"])
OLD = {f"page-{number}.html": text(number, 6000) for number in range(20)} | {"film.mp4": film(1, 600_000)}
NEW = (
    OLD
    | {f"page-{number}.html": text(number + 500, 9000) for number in range(8)}
    | {"film.mp4": film(2, 9_000_000)}
)


class School:
    """A box with version 1, in front of a hub with version 2."""

    def __init__(self, folder) -> None:
        self.folder, self.data, self.before = folder, folder / "box", folder / "before"
        self.country = Country(folder / "country", now=datetime.now(UTC))
        self.country.publish("lune", OLD, MEDIA)
        self.country.publish("soleil", {"index.html": text(99, 5000)})
        init(self.data, self.country.root, [PUBLISHER], [], {"reserve_mb": 0})
        self.finish(str(self.country.mirror))
        self.country.publish("lune", NEW, MEDIA, base="lune")
        self.data.rename(self.before)
        self.set_back()

    def set_back(self):
        """The box as it was, objects and trees linked to each other again."""
        shutil.rmtree(self.data, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.before), str(self.data)], check=True)

    def start(self, url, step=0):
        """A synchronisation in its own process, which kills itself at *step*."""
        line = [sys.executable, "-m", "tests.faults.killed", str(step), str(self.folder / "count")]
        line += ["sync", "--data", str(self.data), "--from", url, "--once", "--json"]
        return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self, url):
        settings = load_settings(self.data / "box.toml")
        return synchronise(self.data, open_sources(url), settings, Catalogue(self.data), Progress())

    def lesson(self):
        """Version, state and files of the lesson, as the catalogue and the folder say."""
        one = next(one for one in Catalogue(self.data).installed() if one.slug == "lune")
        tree = self.data / "site" / one.manifest
        files = {path.name: path.read_bytes() for path in tree.iterdir() if path.suffix != ".gz"}
        return one.version, one.state, files

    def check_whole(self):
        """Raise unless pupils have a whole version; returns which."""
        version, state, files = self.lesson()
        whole = dict(OLD if version == 1 else NEW)
        if state == "waiting" and "film.mp4" not in files:
            del whole["film.mp4"]
        assert files == whole
        return version

    def check_finishes(self, url):
        report = self.finish(url)
        assert self.lesson() == (2, "ready", NEW)
        assert {one["state"] for one in report.packs} == {"ready"}
        assert not any((self.data / "staging" / "fetch").iterdir())
        left = {path.name for path in self.data.rglob(".*")}
        assert left <= {".leaving.json", ".lock"}, left


@pytest.fixture
def school(tmp_path):
    return School(tmp_path)


def test_killed_at_any_step_pupils_have_a_whole_lesson_and_the_next_run_finishes(school):
    source = random.Random(7)
    with hub(school.country) as url:
        assert school.start(url).wait(120) == 0
        steps = int((school.folder / "count").read_text())
        seen = set()
        kills = max(KILLS // 2, 2)
        # The first change and the last one, and others spread between them.
        for step in [1, *sorted(source.sample(range(2, steps), kills - 2)), steps]:
            school.set_back()
            child = school.start(url, step)
            said = child.communicate(timeout=120)[1].decode()
            assert (child.returncode, said) == (-signal.SIGKILL, "")
            seen.add(school.check_whole())
            school.check_finishes(url)
    assert seen == {1, 2}


def test_killed_at_random_moments_pupils_have_a_whole_lesson_and_the_next_run_finishes(school):
    source = random.Random(8)
    with hub(school.country) as url:
        begin = time.monotonic()
        assert school.start(url).wait(120) == 0
        lasts = time.monotonic() - begin
        for _ in range(KILLS - KILLS // 2):
            if school.lesson()[:2] == (2, "ready") or source.random() < 0.3:
                school.set_back()
            child = school.start(url)
            try:
                child.wait(source.uniform(lasts * 0.2, lasts * 1.05))
            except subprocess.TimeoutExpired:
                child.kill()
            assert child.communicate()[1].decode() == ""
            school.check_whole()
        school.check_finishes(url)
