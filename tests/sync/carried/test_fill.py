"""Filling a stick: what comes onto it, what leaves it, and what does not fit."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from dataclasses import replace

import pytest

from edubox.errors import EduboxError
from edubox.pack.erasure import Erasure
from edubox.store import fat
from edubox.store.layout import bundle_path, object_path
from edubox.sync.carried.exchange import prepare
from edubox.sync.carried.stick import put_want
from edubox.trust import publisher
from edubox.trust.fetch import FolderFetch
from tests.sync.carried.carrier import (
    MEDIA,
    NEW,
    OLD,
    OTHER,
    check_healed,
    check_whole,
    want,
    written,
)
from tests.sync.carried.fatdisk import CLUSTER, Watched, contents
from tests.sync.country import PUBLISHER, Box, Progress, film, older_copy, text


def leave(carrier, *wants):
    for one in wants:
        put_want(carrier.mount / "edubox", one)


def test_who_has_a_version_gets_the_difference_and_no_film_that_did_not_change(carrier):
    index = carrier.country.publish("lune", OLD | {"index.html": text(8, 6000)}, MEDIA, base="lune")
    before = written(carrier, "")
    have = carrier.box.catalogue.installed()[0].manifest
    leave(carrier, want([have], [hashlib.sha256(OLD["film.mp4"]).hexdigest()]))
    (carrier.mount / "edubox" / object_path(hashlib.sha256(OLD["film.mp4"]).hexdigest())).unlink()
    carrier.prepare()
    new = written(carrier, "") - before
    delta = next(one for one in index.bundles if one.base == have)
    assert {path for path in new if path.startswith(("bundles/", "objects/"))} == {bundle_path(delta.sha256)}
    carrier.box.sync(carrier.mount)
    assert carrier.box.lessons() == {f"{PUBLISHER}/lune": 2}


def test_a_filling_without_news_writes_nothing(carrier, monkeypatch):
    with Watched(carrier.mount, monkeypatch) as watched:
        filled = carrier.prepare()
    assert (filled.files, filled.bytes, filled.left) == (0, 0, [])
    assert [event for event in watched.events if event[0] not in {"fsync", "sync"}] == []


def test_a_stick_that_is_newer_is_never_set_back(carrier):
    old = older_copy(carrier.country, carrier.folder / "old")
    carrier.publish()
    carrier.prepare()
    before = contents(carrier.mount)
    carrier.prepare(mirror=old)
    assert contents(carrier.mount) == before


def test_a_torn_timestamp_of_a_newer_stick_is_not_replaced_by_an_older_one(carrier):
    old = older_copy(carrier.country, carrier.folder / "old")
    carrier.publish()
    carrier.prepare()
    carrier.country.publish("terre", OTHER)
    carrier.prepare()
    for torn in (carrier.mount / "edubox").rglob("timestamp.json"):
        torn.write_bytes(torn.read_bytes()[:100])
    before = contents(carrier.mount)
    carrier.prepare(mirror=old)
    timestamps = {
        path: data for path, data in before.items() if "publishers/" in path and "timestamp" in path
    }
    assert timestamps.items() <= contents(carrier.mount).items()
    carrier.box.sync(carrier.mount)
    assert carrier.box.lessons()[f"{PUBLISHER}/lune"] == 2


def test_a_box_that_knows_fewer_publishers_takes_none_from_the_stick(carrier):
    carrier.country.add_publisher("ministry/other")
    carrier.country.publish("sel", OTHER, author="ministry/other")
    carrier.prepare()
    carrier.country.enter(replace(
        publisher.describe(FolderFetch(carrier.country.mirror), "ministry/other", "Another label", "ministry")
    ))  # fmt: skip
    carrier.box.sync()  # it has the newer directory, and only the record of the one it follows
    before = written(carrier, "directory")
    prepare(carrier.mount, carrier.country.root, carrier.box.data / "mirror", Progress())
    assert written(carrier, "directory") == before
    other = carrier.fresh_box()
    other.settings["follow"] = ["ministry/other"]
    other.sync(carrier.mount)
    assert other.lessons() == {"ministry/other/sel": 1}


def test_a_box_without_bundles_fills_by_objects_and_another_imports_them(carrier):
    shutil.rmtree(carrier.box.data / "mirror" / "bundles", ignore_errors=True)
    mount = carrier.folder / "second"
    mount.mkdir()
    prepare(mount, carrier.country.root, carrier.box.data / "mirror", Progress())
    assert not any((mount / "edubox" / "bundles").iterdir())
    other = carrier.fresh_box()
    other.sync(mount)
    assert other.read("lune") == OLD


def test_a_file_that_two_lessons_share_is_written_once_and_both_can_be_read(carrier):
    carrier.country.publish("mer", OTHER | {"more.html": OLD["more.html"]})
    carrier.box.sync()
    shutil.rmtree(carrier.box.data / "mirror" / "bundles", ignore_errors=True)
    mount = carrier.folder / "second"
    mount.mkdir()
    filled = carrier.prepare(mount, carrier.box.data / "mirror")
    shared = object_path(hashlib.sha256(OLD["more.html"]).hexdigest())
    assert (mount / "edubox" / shared).exists()
    assert filled.left == []
    other = carrier.fresh_box()
    other.sync(mount)
    assert other.read("lune") == OLD
    assert other.read("mer")["more.html"] == OLD["more.html"]


def test_what_is_damaged_on_the_card_is_not_carried(carrier):
    objects = [path for path in (carrier.country.mirror / "objects").rglob("*") if path.is_file()]
    data = bytearray(objects[0].read_bytes())
    data[1000] ^= 1
    objects[0].write_bytes(data)
    shutil.rmtree(carrier.mount / "edubox")
    filled = carrier.prepare()
    assert filled.left == [objects[0].relative_to(carrier.country.mirror).as_posix()]
    assert not written(carrier, "objects")
    check_healed(carrier.mount)


def test_what_was_recalled_leaves_the_stick_with_all_that_it_was_made_of(carrier):
    shutil.rmtree(carrier.box.data / "mirror" / "bundles", ignore_errors=True)
    shutil.rmtree(carrier.mount / "edubox")
    carrier.prepare(mirror=carrier.box.data / "mirror")
    manifest = carrier.box.catalogue.installed()[0].manifest
    assert object_path(manifest) in written(carrier, "objects")
    carrier.country.recall(Erasure(frozenset([manifest])).to_bytes())
    carrier.box.sync()
    carrier.prepare(mirror=carrier.box.data / "mirror")
    assert written(carrier, "objects") == written(carrier, "bundles") == set()


# --- room ------------------------------------------------------------------------------------------------


def clusters(folder):
    """How many a FAT of 128 KiB clusters would use for *folder*: whole ones for each file, one for each folder."""
    return sum(max(-(-one.stat().st_size // CLUSTER), 1) if one.is_file() else 1 for one in folder.rglob("*"))


@pytest.fixture
def small(carrier, monkeypatch):
    """``small(clusters)``: the stick has so many."""
    usual = os.statvfs

    def shrink(all_of_them):
        def statvfs(path):
            real = os.path.realpath(path)
            if not real.startswith(os.path.realpath(carrier.mount)):
                return usual(path)
            free = max(all_of_them - clusters(carrier.mount), 0)
            return os.statvfs_result((CLUSTER, CLUSTER, all_of_them, free, free, 0, 0, 0, 0, 255))

        monkeypatch.setattr(os, "statvfs", statvfs)
        return statvfs

    return shrink


def test_a_full_stick_takes_the_texts_first_and_says_what_did_not_fit(carrier, small):
    shutil.rmtree(carrier.mount / "edubox")
    carrier.publish()
    film_path = object_path(hashlib.sha256(NEW["film.mp4"]).hexdigest())
    copy = carrier.folder / "large"
    copy.mkdir()
    carrier.prepare(copy)
    most = clusters(copy) - 1
    statvfs = small(most)
    filled = carrier.prepare()
    assert filled.left == [film_path]
    assert statvfs(carrier.mount).f_bavail >= most * 0.05
    box = carrier.fresh_box()
    with contextlib.suppress(EduboxError):
        box.sync(carrier.mount)
    assert check_whole(box) == {"lune": 2, "mer": 1}
    assert box.state("lune") == "waiting"
    small(100)
    assert carrier.prepare().left == []


def test_old_versions_leave_a_stick_only_when_room_is_short(carrier, small):
    old_film = object_path(hashlib.sha256(OLD["film.mp4"]).hexdigest())
    new_film = object_path(hashlib.sha256(NEW["film.mp4"]).hexdigest())
    carrier.publish()
    copy = shutil.copytree(carrier.mount, carrier.folder / "large")
    carrier.prepare(copy)
    assert {old_film, new_film} <= contents(copy / "edubox").keys()
    small(clusters(copy) + 2)
    assert carrier.prepare().left == []
    assert new_film in written(carrier, "objects")
    assert old_film not in written(carrier, "objects")


def test_what_another_publisher_of_the_stick_needs_never_leaves(carrier, small):
    carrier.country.add_publisher("ministry/other")
    carrier.country.publish(
        "sel",
        {"index.html": text(20, 5000), "a.mp4": film(9, 300_000)},
        frozenset(["a.mp4"]),
        author="ministry/other",
    )
    carrier.prepare()
    before = written(carrier, "objects") | written(carrier, "bundles")
    carrier.publish()
    own = Box(carrier.folder / "own", carrier.country)
    own.sync()
    small(clusters(carrier.mount) + 12)
    prepare(carrier.mount, carrier.country.root, own.data / "mirror", Progress())
    other = carrier.fresh_box()
    other.settings["follow"] = ["ministry/other"]
    other.sync(carrier.mount)
    assert other.state("sel") == "ready"
    gone = before - written(carrier, "")
    assert object_path(hashlib.sha256(OLD["film.mp4"]).hexdigest()) in gone


def test_a_file_beyond_what_fat_holds_is_left_and_told(carrier, monkeypatch):
    shutil.rmtree(carrier.mount / "edubox")
    monkeypatch.setattr(fat, "MOST_BYTES", 299_999)
    assert carrier.prepare().left == [object_path(hashlib.sha256(OLD["film.mp4"]).hexdigest())]
