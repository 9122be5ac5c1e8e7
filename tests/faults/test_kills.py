"""``edubox sync`` is killed at random moments, as by a pulled plug: pupils have the old lesson or the new one, whole.

``EDUBOX_KILLS`` says how often (``make prove-cuts``: 100).
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

from edubox.box.catalog import Catalogue
from edubox.box.setup import init
from edubox.settings import load_settings
from edubox.sync.job import synchronise
from edubox.sync.sources import open_source
from tests.sync.country import PUBLISHER, Country, Progress, film, text
from tests.sync.hub import hub

KILLS = int(os.environ.get("EDUBOX_KILLS", "12"))
MEDIA = frozenset(["film.mp4"])
OLD = {f"page-{number}.html": text(number, 20_000) for number in range(60)} | {"film.mp4": film(1, 600_000)}
NEW = (
    OLD
    | {f"page-{number}.html": text(number + 500, 30_000) for number in range(20)}
    | {"film.mp4": film(2, 9_000_000)}
)


def start(data, url):
    """A synchronisation in its own process."""
    line = [sys.executable, "-m", "edubox", "sync", "--data", str(data), "--from", url, "--once", "--json"]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def set_back(before, data):
    """*data* as it was in *before*, objects and trees linked to each other again."""
    shutil.rmtree(data, ignore_errors=True)
    subprocess.run(["cp", "-a", str(before), str(data)], check=True)


def what_pupils_have(data):
    """Version, state and files of the lesson, as the catalogue and the folder say."""
    one = next(one for one in Catalogue(data).installed() if one.slug == "lune")
    tree = data / "site" / one.manifest
    files = {path.name: path.read_bytes() for path in tree.iterdir() if path.suffix != ".gz"}
    return one.version, one.state, files


def test_a_killed_synchronisation_leaves_the_old_lesson_or_the_new_one_and_the_next_one_finishes(tmp_path):
    country = Country(tmp_path / "country", now=datetime.now(UTC))
    country.publish("lune", OLD, MEDIA)
    country.publish("soleil", {"index.html": text(99, 5000)})
    data, before = tmp_path / "box", tmp_path / "before"
    init(data, country.root, [PUBLISHER], [], {"reserve_mb": 0})
    settings, source = load_settings(data / "box.toml"), random.Random(7)
    synchronise(data, [open_source(str(country.mirror))], settings, Catalogue(data), Progress())
    country.publish("lune", NEW, MEDIA, base="lune")
    set_back(data, before)
    with hub(country) as url:
        begin = time.monotonic()
        assert start(data, url).wait(60) == 0
        lasts = time.monotonic() - begin
        seen = {1: 0, 2: 0}
        for _ in range(KILLS):
            # Half of the runs go on where the last kill left the folder.
            if what_pupils_have(data)[:2] == (2, "ready") or source.random() < 0.5:
                set_back(before, data)
            child = start(data, url)
            try:
                child.wait(source.uniform(lasts * 0.2, lasts * 1.05))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
            said = child.communicate()[1].decode()
            assert said == ""
            version, state, files = what_pupils_have(data)
            seen[version] += 1
            whole = dict(OLD if version == 1 else NEW)
            if state == "waiting" and "film.mp4" not in files:
                del whole["film.mp4"]
            assert files == whole
        report = synchronise(data, [open_source(url)], settings, Catalogue(data), Progress())
    assert what_pupils_have(data) == (2, "ready", NEW)
    assert {one["state"] for one in report.packs} == {"ready"}
    assert not any((data / "staging" / "fetch").iterdir())
    assert {path.name for path in (data / "site").glob(".*")} <= {".leaving.json"}
    assert KILLS < 10 or min(seen.values()) > 0, "no kill came at an interesting moment"
