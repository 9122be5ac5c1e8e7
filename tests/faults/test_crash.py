"""The power fails at any moment of a synchronisation or a publication: old or new, whole, and the next run finishes.

``EDUBOX_CRASH_STATES`` says how many distinct states of the disk are tried (``make prove-crash``: 10,000 in all).
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.setup import init
from edubox.pack.manifest import parse
from edubox.publishing.job import Publication, publish
from edubox.publishing.workplace import Workplace
from edubox.settings import load_settings
from edubox.store.layout import object_path
from edubox.sync.fetching.sources import FolderSource
from edubox.sync.job import synchronise
from edubox.trust import keys
from tests.faults.crash.disk import Moment, state
from tests.faults.crash.explore import explore
from tests.faults.crash.trace import read_folder, traced
from tests.publishing.country import ID, PASSPHRASE, edpack, make_country, put
from tests.sync.country import PUBLISHER, Country, Progress, film, text

STATES = int(os.environ.get("EDUBOX_CRASH_STATES", "300"))
MEDIA = frozenset(["film.mp4"])
OLD = {"index.html": text(1, 5000), "page.html": text(2, 3000), "film.mp4": film(1, 260_000)}
NEW = {
    "index.html": text(3, 5000),
    "page.html": text(2, 3000),
    "more.html": text(4, 2000),
    "film.mp4": film(2, 280_000),
}


@pytest.fixture(autouse=True)
def strace():
    """What says what a command did to the disk; CI must have it."""
    if shutil.which("strace") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("strace is missing")


@pytest.fixture
def fast(tmp_path):
    """A folder in memory: states are many, and the disk under them is a model anyway."""
    base = Path("/dev/shm")
    if not os.access(base, os.W_OK):
        yield tmp_path
        return
    folder = base / f"edubox-crash-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def country(tmp_path):
    country = Country(tmp_path / "country", now=datetime.now(UTC))
    country.publish("lune", OLD, MEDIA)
    country.publish("soleil", {"index.html": text(9, 4000)})
    return country


def sync(data, mirror):
    settings = load_settings(data / "box.toml")
    return synchronise(data, [FolderSource(mirror)], settings, Catalogue(data), Progress())


def lesson(data, slug):
    """Version, state and files that pupils have; checks that every byte is what was signed."""
    one = next((one for one in Catalogue(data).installed() if one.slug == slug), None)
    if one is None:
        return None
    tree = data / "site" / one.manifest
    files = {path.name: path.read_bytes() for path in tree.iterdir() if path.suffix != ".gz"}
    manifest = parse((data / "mirror" / object_path(one.manifest)).read_bytes())
    hashes = {file.path: file.sha256 for file in manifest.files}
    assert {
        name: hashlib.sha256(found).hexdigest() for name, found in files.items()
    }.items() <= hashes.items()
    return one.version, one.state, files


def whole(found, contents):
    """Whether the lesson is there as published, its film perhaps still on its way."""
    _, state_, files = found
    return files == contents or (
        state_ == "waiting" and files == {n: b for n, b in contents.items() if n not in MEDIA}
    )


def checked_box(country):
    def check(data):
        found = lesson(data, "lune")
        if found is None:
            word = "none"
        else:
            assert whole(found, {1: OLD, 2: NEW}[found[0]]), "what pupils have is not whole"
            word = "old" if found[0] == 1 else "new"
        sync(data, country.mirror)
        assert lesson(data, "lune")[2] == (NEW if len(country.versions[f"{PUBLISHER}/lune"]) == 2 else OLD)
        assert lesson(data, "soleil") is not None
        return word

    return check


def contents(image):
    return {name: None if file is None else image.data[file] for name, file in image.names.items()}


def synchronisation(country, folder, tmp_path):
    command = [
        sys.executable,
        "-m",
        "edubox",
        "sync",
        "--data",
        str(folder),
        "--from",
        str(country.mirror),
        "--json",
    ]
    return recorded(command, folder, tmp_path)


def recorded(command, folder, tmp_path):
    """What *command* did to *folder*, and what that held before."""
    # This process synchronised it too. A reader that nobody uses any more is closed when Python gets to it, and takes
    # files of the database away; not while we look.
    gc.collect()
    before = read_folder(folder)
    os.environ["EDUBOX_PASSPHRASE"] = PASSPHRASE
    ops = traced(command, folder, tmp_path / "log", before)
    # The model must end where the disk did, or it proves nothing.
    end, real = state(ops, before, Moment(len(ops), len(ops), "kept", 0)), read_folder(folder)
    assert contents(real) == contents(end)
    return ops, before


def test_a_power_cut_during_an_update_leaves_the_old_lesson_or_the_new_one(country, tmp_path, fast):
    box = fast / "box"
    init(box, country.root, [PUBLISHER], [], {"reserve_mb": 0})
    sync(box, country.mirror)
    country.publish("lune", NEW, MEDIA, base="lune")
    ops, before = synchronisation(country, box, tmp_path)
    words = explore(ops, before, STATES * 6 // 10, fast, checked_box(country))
    print(f"update: {sum(words.values())} states of {len(ops)} operations: {words}")
    assert words.keys() == {"old", "new"}


def test_a_power_cut_during_the_first_synchronisation_leaves_nothing_or_whole_lessons(
    country, tmp_path, fast
):
    box = fast / "box"
    init(box, country.root, [PUBLISHER], [], {"reserve_mb": 0})
    ops, before = synchronisation(country, box, tmp_path)
    words = explore(ops, before, STATES * 2 // 10, fast, checked_box(country))
    print(f"first synchronisation: {sum(words.values())} states of {len(ops)} operations: {words}")
    assert words.keys() == {"none", "old"}


def test_a_power_cut_during_a_publication_leaves_the_old_lesson_or_the_new_one_for_everybody(tmp_path, fast):
    now = datetime.now(UTC)
    workplace = make_country(fast / "country", now)
    for path in (fast / "country" / "keys").rglob("*"):
        if path.is_file():
            # Opening a wrapped key is slow on purpose, and not what is tried here.
            path.write_bytes(keys.dump(keys.load(path, PASSPHRASE), None))
    put(workplace, edpack(tmp_path / "1.edpack", OLD, MEDIA), "lune", now)
    box = tmp_path / "box"
    root = (workplace.mirror / "directory" / "metadata" / "1.root.json").read_bytes()
    init(box, root, [ID], [], {"reserve_mb": 0})
    sync(box, workplace.mirror)
    new = edpack(tmp_path / "2.edpack", NEW, MEDIA)

    def check(folder):
        mirror = folder / "mirror"
        here = folder.parent / f"{folder.name}-box"
        shutil.rmtree(here, ignore_errors=True)
        subprocess.run(["cp", "-a", str(box), str(here)], check=True)
        sync(here, mirror)
        version, _, files = lesson(here, "lune")
        assert files == {1: OLD, 2: NEW}[version]
        publish(Publication(ID, "lune", new), Workplace.beside(mirror), PASSPHRASE, datetime.now(UTC))
        sync(here, mirror)
        assert lesson(here, "lune") == (2, "ready", NEW)
        return "old" if version == 1 else "new"

    command = [
        sys.executable,
        "-m",
        "edubox",
        "publish",
        str(new),
        "--to",
        str(workplace.mirror),
        "--as",
        ID,
        "--slug",
        "lune",
    ]
    ops, before = recorded(command, fast / "country", tmp_path)
    words = explore(ops, before, STATES * 2 // 10, fast, check)
    print(f"publication: {sum(words.values())} states of {len(ops)} operations: {words}")
    assert words.keys() == {"old", "new"}
