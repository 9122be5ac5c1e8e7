"""Every check keeps the contract of the health room, whatever it meets, and every fix does only what is safe."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import itertools
import os
import random
import shutil
import subprocess
import time
from datetime import UTC, datetime

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.health import CHECKS, LEVELS, Box, Finding, examine, mend
from edubox.box.secure import certificate
from edubox.store.lock import lock
from edubox.store.platform import Reserve
from edubox.store.scrub import scrub
from edubox.store.scrub_record import CHANGED, Damage, Record, read_record, write_record
from edubox.sync.local import Local
from edubox.sync.pacing.usage import UsageFile
from edubox.trust.clock import Floor
from tests.box.school import settings
from tests.faults.conftest import small_disk  # noqa: F401 - a disk that can be made read-only
from tests.store.test_scrub import flip
from tests.sync.conftest import country  # noqa: F401 - the same country
from tests.sync.country import PUBLISHER, film, text
from tests.sync.country import Box as Synchronised

MODULES = {name: importlib.import_module(f"edubox.box.health.{name}") for name in CHECKS}
LESSON = {"index.html": text(1, 30_000), "film.mp4": film(1, 300_000)}


#: What says nothing on a computer that has no such thing.
SILENT = {"enrolment", "levels", "systems", "temperature", "power", "wear", "memory", "radio", "guests"}


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_says_what_it_is(name):
    module = MODULES[name]
    assert module.__doc__.strip().endswith("?"), "the question that a technician would ask"
    assert module.TITLE
    assert list(inspect.signature(module.check).parameters) == ["box"]
    assert module.check.__doc__
    if hasattr(module, "fix"):
        assert list(inspect.signature(module.fix).parameters) == ["box"]
        assert module.fix.__doc__


def test_every_file_of_the_room_is_asked():
    folder = os.path.dirname(importlib.import_module("edubox.box.health").__file__)
    assert {name.removesuffix(".py") for name in os.listdir(folder) if name.endswith(".py")} == {
        *CHECKS,
        "__init__",
    }


@pytest.mark.parametrize("name", CHECKS)
def test_what_a_check_imports_to_look_is_light(name):
    """The heavy rooms are imported inside of what needs them."""
    tree = ast.parse(inspect.getsource(MODULES[name]))
    top = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not top & {"edubox.sync.job", "edubox.trust.verify", "edubox.trust.editor"}


def empty(data):
    pass


def damaged(data):
    """Every file that a check may read holds rubbish, or is something else."""
    noise = random.Random(1)
    for path in (
        "box.toml", "box.db", "keys/root.json", "keys/clock.json", "keys/own.json", "usage.json", "staging/scrub.json",
        "staging/status.json", "mirror/directory/metadata/timestamp.json", "mirror/publishers/x/y/targets/a.json",
    ):  # fmt: skip
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        (data / path).write_bytes(noise.randbytes(3000))
    (data / "staging" / "fetch").mkdir()
    (data / "staging" / "fetch" / "x").mkdir()
    (data / "site").write_bytes(b"not a folder")


@pytest.mark.parametrize("state", [empty, damaged])
@pytest.mark.parametrize("name", CHECKS)
def test_a_check_and_its_fix_stand_whatever_they_find(tmp_path, name, state):
    state(tmp_path)
    box = Box(tmp_path, settings(follow=["ministry/test"], quota_mb=10, quota_files=10))
    answers = [one for one in examine(box) if one.name == name]
    assert all(one.finding.level in LEVELS and one.finding.sentence for one in answers)
    assert len(answers) == 1 or name in SILENT
    assert not [one for one in answers if "\n" in one.finding.sentence]
    for one in mend(box, answers):
        assert one.sentence


def test_on_a_read_only_card_everything_is_looked_at_and_nothing_is_written(small_disk):  # noqa: F811
    disk = small_disk(size="10m")
    (disk / "box" / "mirror").mkdir(parents=True)
    damaged(disk / "box")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    box = Box(disk / "box", settings())
    answers = {one.name: one.finding for one in examine(box)}
    assert set(CHECKS) - SILENT <= answers.keys() <= set(CHECKS)
    assert (answers["card"].level, "read-only" in answers["card"].sentence) == ("broken", True)
    assert all("Traceback" not in one.sentence for one in mend(box, examine(box)))


def test_a_check_that_would_change_the_folder_is_no_check(box):
    before = listing(box.data)
    examine(at(box))
    assert listing(box.data) == before


# --- what each of them finds and mends -------------------------------------------------------------------


class RealBox(Synchronised):
    """A synchronised box with the real catalogue."""

    @property
    def catalogue(self):
        return Catalogue(self.data)


@pytest.fixture
def box(tmp_path, country):  # noqa: F811
    country.publish("lune", LESSON, frozenset(["film.mp4"]))
    box = RealBox(tmp_path / "box", country)
    (box.data / "box.toml").write_text("")
    certificate.make(box.data / "keys")
    box.sync()
    return box


def at(box, **chosen):
    return Box(box.data, settings(**({"follow": [PUBLISHER], "reserve_mb": 0} | chosen)))


def listing(folder):
    ignored = ("box.db-wal", "box.db-shm")
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in folder.rglob("*") if path.name not in ignored and path.is_file()
    }  # fmt: skip


def says(name, box, **chosen) -> Finding:
    return MODULES[name].check(at(box, **chosen))


def mended(name, box, **chosen) -> str:
    answers = [one for one in examine(at(box, **chosen)) if one.name == name]
    found = mend(at(box, **chosen), answers)
    return found[0].sentence if found else ""


def read_card(box):
    moments = itertools.count(int(time.time()))
    contents = Local(box.data, [], Reserve()).contents
    return scrub(box.data, contents, lambda: next(moments), lambda: next(moments))


@pytest.mark.parametrize(
    ("record", "level", "said"),
    [
        (Record(), "note", "not read whole yet"),
        (Record(completed=int(time.time()), completed_files=7), "good", "7 files"),
        (Record(completed=int(time.time()) + 10**9, completed_files=7), "good", "today"),
        (Record(completed=int(time.time()) - 61 * 86_400), "note", "61 days ago"),
        (Record(damaged=[Damage("mirror/gone", CHANGED, 1)]), "warning", "not back yet"),
        (
            Record(completed=int(time.time()), damaged=[Damage("box.toml", CHANGED, int(time.time()))]),
            "note",
            "1 were",
        ),
        (Record(damaged=[Damage("box.toml", CHANGED, int(time.time()))] * 10), "warning", "Copy it"),
    ],
)
def test_what_the_scrub_found_is_said(box, record, level, said):
    write_record(box.data, record)
    finding = says("damage", box)
    assert (finding.level, said in finding.sentence) == (level, True), finding


def test_a_damaged_text_comes_back_from_the_kept_bundle_without_any_source(box):
    tree = box.tree("lune")
    flip(tree / "index.html")
    read_card(box)
    assert not (tree / "index.html").exists()
    assert "1 of 1" in mended("damage", box)
    assert box.read("lune") == LESSON
    assert read_record(box.data).missing(box.data) == []
    assert mended("damage", box) == "", "nothing more to do"


def test_a_film_that_only_a_source_has_is_not_promised(box):
    flip(box.tree("lune") / "film.mp4")
    read_card(box)
    assert "0 of 1" in mended("damage", box)
    assert says("damage", box).level == "warning"


def test_a_lost_catalogue_is_made_again_from_the_card(box):
    (box.data / "box.db").write_bytes(b"\0" * 9000)
    assert "made again" in mended("database", box)
    assert box.lessons() == {f"{PUBLISHER}/lune": 1}
    assert (box.data / "box.db.damaged").exists()
    assert says("database", box).level == "good"


def test_lost_folders_of_lessons_are_linked_again(box):
    tree = box.tree("lune")
    shutil.rmtree(tree)
    assert "1 of 1" in mended("lessons", box)
    assert box.read("lune") == LESSON
    assert tree.joinpath("index.html").stat().st_nlink > 1


def test_old_half_fetched_files_are_removed_and_young_ones_stay(box):
    old, young = (box.data / "staging" / "fetch" / name for name in ("1" * 64, "2" * 64))
    old.write_bytes(bytes(1000))
    young.write_bytes(bytes(1000))
    assert says("arrivals", box).level == "good"
    os.utime(old, (time.time() - 61 * 86_400,) * 2)
    assert says("arrivals", box).level == "note"
    assert "1 old" in mended("arrivals", box)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_fix_waits_for_a_synchronisation_and_says_so(box, monkeypatch):
    old = box.data / "staging" / "fetch" / ("1" * 64)
    old.write_bytes(b"x")
    os.utime(old, (1, 1))
    monkeypatch.setattr("edubox.store.lock.PATIENCE", 0.0)
    monkeypatch.setattr(lock.__wrapped__, "__defaults__", (0.0,))
    with lock(box.data / ".lock"):
        assert "already working" in mended("arrivals", box)
    assert old.exists()


def test_a_full_card_lets_go_of_kept_bundles_and_of_no_lesson(tmp_path, country, small_disk):  # noqa: F811
    country.publish("lune", LESSON, frozenset(["film.mp4"]))
    country.publish("soleil", {"index.html": random.Random(1).randbytes(200_000)})
    disk = small_disk(size="2m")
    box = RealBox(disk / "box", country)
    (box.data / "box.toml").write_text("")
    box.sync()
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "ballast").write_bytes(bytes(max(free - 100_000, 0)))
    assert says("free_space", box, follow=[]).level == "warning"
    assert "kept packages" in mended("free_space", box, follow=[])
    assert len(box.lessons()) == 2
    assert box.read("lune") == LESSON
    assert "Nothing may leave" in mended("free_space", box, reserve_mb=10)
    del box
    gc.collect()  # the catalogue's open file would keep the disk mounted


@pytest.mark.parametrize(("quota", "level"), [(0, "good"), (1000, "good"), (1, "note")])
def test_how_much_of_the_quota_is_used_is_said(box, quota, level):
    (box.data / "mirror" / "fill").write_bytes(random.Random(1).randbytes(400_000 if quota == 1 else 1))
    finding = says("quota", box, quota_mb=quota)
    assert finding.level == level or (quota == 1 and finding.level == "warning"), finding
    assert says("quota", box, quota_files=2).level == "warning"


def test_the_last_success_and_a_row_of_failures_are_said(box):
    assert says("last_success", box).level == "note"
    usage = UsageFile(box.data, Floor())
    usage.usage.success_at = time.time() - 3 * 86_400
    usage.usage.failures, usage.usage.failure_sentence = 5, "The hub cannot be reached."
    usage._write()
    finding = says("last_success", box)
    assert (finding.level, "3 days ago" in finding.sentence, "The hub" in finding.sentence) == (
        "warning",
        True,
        True,
    )


def test_a_damaged_root_of_trust_is_seen_and_only_advised(box):
    assert says("keys", box).level == "good"
    flip(box.data / "keys" / "root.json", 200)
    finding = says("keys", box)
    assert (finding.level, "Compare it" in finding.sentence) == ("broken", True)
    before = (box.data / "keys" / "root.json").read_bytes()
    mended("keys", box)
    assert (box.data / "keys" / "root.json").read_bytes() == before


def test_a_good_box_has_nothing_to_mend(box):
    read_card(box)
    usage = UsageFile(box.data, Floor())
    usage.usage.success_at = datetime.now(UTC).timestamp()
    usage._write()
    before = listing(box.data)
    answers = [one for one in examine(at(box, reserve_mb=0)) if one.name not in {"free_space", "card"}]
    assert mend(at(box), answers) == []
    assert listing(box.data) == before
