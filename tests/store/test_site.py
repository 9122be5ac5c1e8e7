from __future__ import annotations

import errno
import gzip
import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from edubox.errors import NoRoom
from edubox.store import objects, platform, twins
from edubox.store.layout import object_path
from edubox.store.site import Site

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
PAGE = b"<p>La lune tourne.</p>" * 100


@dataclass(frozen=True)
class File:
    path: str
    sha256: str
    size: int
    type: str = "text/html"


class Store:
    def __init__(self, data):
        self.data, self.site = data, Site(data)
        self.mirror = data / "mirror"
        self.mirror.mkdir()

    def add(self, path, content, media_type="text/html"):
        sha256 = hashlib.sha256(content).hexdigest()
        waiting = self.data / "waiting"
        waiting.mkdir(exist_ok=True)
        (waiting / sha256).write_bytes(content)
        objects.settle_all(waiting, self.mirror)
        return File(path, sha256, len(content), media_type)

    def object(self, file):
        return self.mirror / object_path(file.sha256)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def test_a_lesson_is_a_folder_of_files_with_twins_that_take_no_room_twice(store):
    files = [
        store.add("a.html", PAGE),
        store.add("b/film.mp4", PAGE[::-1], "video/mp4"),
        store.add("c.txt", b"x"),
    ]
    tree = store.site.build("m" * 64, files)
    assert sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()) == [
        "a.html", "a.html.gz", "b/film.mp4", "c.txt",
    ]  # fmt: skip
    assert (tree / "a.html").samefile(store.object(files[0]))
    assert gzip.decompress((tree / "a.html.gz").read_bytes()) == PAGE
    assert (tree / "a.html").stat().st_mode & 0o222 == 0
    assert store.site.lacking("m" * 64, files) == []


def test_two_versions_share_files_and_twins(store, monkeypatch):
    file = store.add("a.html", PAGE)
    store.site.build("1" * 64, [file])
    monkeypatch.setattr(gzip, "GzipFile", None)  # a second compression would fail
    tree = store.site.build("2" * 64, [file])
    assert (tree / "a.html.gz").samefile(store.site.tree("1" * 64) / "a.html.gz")


def test_a_twin_that_a_power_cut_emptied_is_made_again(store):
    file = store.add("a.html", PAGE)
    store.site.build("1" * 64, [file])
    twin = store.data / "twins" / file.sha256[:2] / file.sha256
    twin.unlink()
    twin.write_bytes(b"")
    tree = store.site.build("2" * 64, [file])
    assert gzip.decompress((tree / "a.html.gz").read_bytes()) == PAGE


def test_what_does_not_get_smaller_has_no_twin(store):
    noise = os.urandom(5000)
    tree = store.site.build("1" * 64, [store.add("noise.txt", noise, "text/plain")])
    assert not (tree / "noise.txt.gz").exists()


def test_a_name_of_255_bytes_is_served_without_a_twin(store):
    name = "é" * 125 + ".html"
    tree = store.site.build("1" * 64, [store.add(name, PAGE)])
    assert (tree / name).read_bytes() == PAGE


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EMLINK, errno.EPERM])
def test_where_links_do_not_work_files_are_copied(store, monkeypatch, code):
    def link(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", link)
    file = store.add("a.html", PAGE)
    tree = store.site.build("1" * 64, [file])
    assert (tree / "a.html").read_bytes() == PAGE
    assert not (tree / "a.html").samefile(store.object(file))
    late = store.add("b.mp4", b"film", "video/mp4")
    store.site.add("1" * 64, late)
    assert (tree / "b.mp4").read_bytes() == b"film"


def test_a_disk_that_fills_up_leaves_the_lesson_that_was_there(store, monkeypatch):
    file = store.add("a.html", PAGE)
    store.site.build("1" * 64, [file])

    def link(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(NoRoom):
        store.site.build("1" * 64, [file])
    assert store.site.lacking("1" * 64, [file]) == []
    store.site.clear_leftovers()
    assert store.site.manifests() == {"1" * 64}
    assert [path.name for path in store.site.folder.iterdir()] == ["1" * 64]


def test_a_damaged_tree_is_replaced_whole(store):
    files = [store.add("a.html", PAGE), store.add("b.html", PAGE + b"b")]
    tree = store.site.build("1" * 64, files)
    (tree / "b.html").unlink()
    assert store.site.lacking("1" * 64, files) == [files[1]]
    store.site.build("1" * 64, files)
    assert (tree / "b.html").read_bytes() == PAGE + b"b"


def test_a_replaced_version_stays_for_the_night(store):
    file = store.add("a.html", PAGE)
    store.site.build("1" * 64, [file])
    store.site.build("2" * 64, [file])
    assert store.site.retire({"2" * 64}, NOW) == 0
    assert store.site.retire({"2" * 64}, NOW + timedelta(hours=11)) == 0
    assert store.site.retire({"2" * 64}, NOW + timedelta(hours=12)) == 1
    assert store.site.manifests() == {"2" * 64}


def test_a_version_that_comes_back_gets_a_new_night(store):
    store.site.build("1" * 64, [store.add("a.html", PAGE)])
    store.site.retire(set(), NOW)
    store.site.retire({"1" * 64}, NOW + timedelta(hours=6))
    assert store.site.retire(set(), NOW + timedelta(hours=13)) == 0
    assert store.site.manifests() == {"1" * 64}


def test_a_clock_that_jumps_back_or_a_damaged_note_only_makes_the_night_longer(store):
    store.site.build("1" * 64, [store.add("a.html", PAGE)])
    store.site.retire(set(), NOW + timedelta(days=3650))
    assert store.site.retire(set(), NOW) == 0
    (store.site.folder / ".leaving.json").write_bytes(b"\xff[")
    assert store.site.retire(set(), NOW + timedelta(hours=13)) == 0
    assert store.site.retire(set(), NOW + timedelta(hours=26)) == 1


def test_a_sweep_removes_what_no_lesson_needs_and_nothing_else(store):
    kept, gone, waiting = (
        store.add(f"{name}.html", PAGE + name.encode()) for name in ("kept", "gone", "waiting")
    )
    store.site.build("1" * 64, [kept])
    store.site.build("2" * 64, [gone])
    store.site.retire({"1" * 64}, NOW)
    store.site.retire({"1" * 64}, NOW + timedelta(days=1))
    asked = []

    def strike_used(candidates):
        asked.append(set(candidates))
        candidates.discard(waiting.sha256)

    assert objects.sweep(store.mirror, strike_used) == 1
    assert asked == [{gone.sha256, waiting.sha256}], "a linked object is no candidate"
    twins.sweep(store.site.twins)
    assert [store.object(file).exists() for file in (kept, gone, waiting)] == [True, False, True]
    assert not (store.data / "twins" / gone.sha256[:2] / gone.sha256).exists()
    assert (store.data / "twins" / kept.sha256[:2] / kept.sha256).exists()


def test_a_damaged_object_is_replaced_and_a_whole_one_keeps_its_links(store):
    file = store.add("a.html", PAGE)
    inode = store.object(file).stat().st_ino
    store.add("a.html", PAGE)
    assert store.object(file).stat().st_ino == inode
    store.object(file).unlink()
    store.object(file).write_bytes(b"damaged")
    store.add("a.html", PAGE)
    assert store.object(file).read_bytes() == PAGE


def test_room_is_counted_in_bytes_and_in_files(tmp_path, monkeypatch):
    disk = os.statvfs(tmp_path)
    free = disk.f_bavail * disk.f_frsize
    platform.ensure_room(tmp_path, 1000, 10)
    with pytest.raises(NoRoom, match="MB are needed"):
        platform.ensure_room(tmp_path, 1000, 10, reserve=platform.Reserve(free))
    with pytest.raises(NoRoom, match="more files"):
        platform.ensure_room(tmp_path, 0, disk.f_favail + 1)
