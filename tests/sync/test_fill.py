"""Filling a stick: what comes onto it, what leaves, and what remains of it when it is pulled."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import random
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from edubox.errors import Busy, EduboxError, NotOurStick, Unreachable, UnusablePath
from edubox.pack.erasure import Erasure
from edubox.store import fat
from edubox.store.layout import bundle_path, object_path
from edubox.sync.exchange import prepare
from edubox.sync.fill import fill, remove_damaged
from edubox.sync.stick import put_want
from edubox.sync.wants import Want, want_of
from edubox.trust import publisher
from edubox.trust.fetch import FolderFetch
from tests.sync.country import PUBLISHER, Box, Country, Progress, film, older_copy, text
from tests.sync.fatdisk import CLUSTER, Watched, contents, lay, state

#: Pulls in one run; ``EDUBOX_PULLS=1000`` for many.
PULLS = int(os.environ.get("EDUBOX_PULLS", "50"))
MEDIA = frozenset(["film.mp4"])
OLD = {"index.html": text(1, 6000), "more.html": text(2, 3000), "film.mp4": film(1, 300_000)}
NEW = OLD | {"index.html": text(3, 6000), "film.mp4": film(2, 400_000)}
OTHER = {"index.html": text(4, 4000)}


class Carrier:
    """A country, a stick that carries its lessons, and a box without a line that has imported them once."""

    def __init__(self, folder) -> None:
        self.folder, self.mount = folder, folder / "stick"
        self.country = Country(folder / "country")
        self.country.publish("lune", OLD, MEDIA)
        self.mount.mkdir()
        self.prepare()
        self.box = Box(folder / "box", self.country)
        self.box.sync(self.mount)

    def prepare(self, mount=None, mirror=None):
        return prepare(mount or self.mount, self.country.root, mirror or self.country.mirror, Progress())

    def publish(self):
        self.country.publish("lune", NEW, MEDIA, base="lune")
        self.country.publish("mer", OTHER)

    def copy_of_box(self, name) -> Box:
        copy = object.__new__(Box)
        copy.__dict__ |= self.box.__dict__ | {"data": self.folder / name}
        shutil.rmtree(copy.data, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.box.data), str(copy.data)], check=True)
        return copy

    def fresh_box(self, name="fresh") -> Box:
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return Box(self.folder / name, self.country)


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch):
    """Nobody pulls this machine's plug."""
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(fat, "sync_disk", lambda _: None)


@pytest.fixture
def carrier(tmp_path):
    # In memory where that is possible: a thousand small folders are made and removed.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Carrier(Path(folder))


def check_whole(box):
    """Raise unless each lesson of *box* is one of its versions; returns lesson → version."""
    for address, version in box.lessons().items():
        slug = address.rpartition("/")[2]
        whole = {("lune", 1): OLD, ("lune", 2): NEW, ("mer", 1): OTHER}[slug, version]
        if box.state(slug) == "waiting":
            whole = {path: data for path, data in whole.items() if path not in MEDIA}
        assert {path: data for path, data in box.read(slug).items() if path in whole} == whole
    return {address.rpartition("/")[2]: version for address, version in box.lessons().items()}


def check_healed(folder):
    for path, data in contents(folder / "edubox").items():
        assert not path.endswith(".part")
        if path.startswith(("bundles/", "objects/")):
            assert hashlib.sha256(data).hexdigest() == path.rpartition("/")[2]


def moments(watched, source):
    """PULLS moments of what was watched, every one of them if there are enough pulls."""
    last = len(watched.events)
    for number in range(PULLS):
        yield number, number if number <= last < PULLS else source.randrange(last + 1)


def test_a_stick_pulled_at_any_moment_brings_the_old_lessons_or_the_new_ones_and_the_next_filling_heals_it(
    carrier, monkeypatch
):
    carrier.publish()
    with Watched(carrier.mount, monkeypatch) as watched:
        carrier.prepare()
    source = random.Random(3)
    seen = set()
    for number, moment in moments(watched, source):
        shutil.rmtree(carrier.folder / "pulled", ignore_errors=True)
        pulled = lay(carrier.folder / "pulled", state(watched.before, watched.events, moment, source))
        box = carrier.copy_of_box("copy") if number % 3 else carrier.fresh_box()
        with contextlib.suppress(EduboxError):  # told; what counts is what pupils have
            box.sync(pulled)
        found = check_whole(box)
        assert found["lune"] in {1, 2}
        seen.add(tuple(sorted(found.items())))
        carrier.prepare(pulled)
        check_healed(pulled)
        box.sync(pulled)
        assert check_whole(box) == {"lune": 2, "mer": 1}
        assert box.read("lune") == NEW
    assert {(("lune", 1),), (("lune", 2), ("mer", 1))} <= seen


def test_a_stick_pulled_during_its_first_filling_brings_whole_lessons_or_none(carrier, monkeypatch):
    shutil.rmtree(carrier.mount / "edubox")
    with Watched(carrier.mount, monkeypatch) as watched:
        carrier.prepare()
    source = random.Random(5)
    for number, moment in moments(watched, source):
        if number % 5 == 0:
            shutil.rmtree(carrier.folder / "pulled", ignore_errors=True)
            pulled = lay(carrier.folder / "pulled", state(watched.before, watched.events, moment, source))
            box = carrier.fresh_box()
            with contextlib.suppress(EduboxError):
                box.sync(pulled)
            assert check_whole(box) in ({}, {"lune": 1})
            carrier.prepare(pulled)
            check_healed(pulled)
            box.sync(pulled)
            assert check_whole(box) == {"lune": 1}


def test_a_stick_that_was_pulled_once_may_be_pulled_again(carrier, monkeypatch):
    """Its timestamp is torn, so the copy beside it is the only good one."""
    carrier.publish()
    carrier.prepare()
    carrier.country.renew()
    carrier.prepare()
    for torn in (carrier.mount / "edubox").rglob("timestamp.json"):
        assert torn.with_name("timestamp.json.prev").exists()
        # Half of the new bytes: it still reads as JSON, and its signature does not hold.
        torn.write_bytes(torn.read_bytes().replace(b'"sig":"', b'"sig":"00', 1))
    carrier.country.publish("terre", OTHER)
    with Watched(carrier.mount, monkeypatch) as watched:
        carrier.prepare()
    source = random.Random(7)
    for number, moment in moments(watched, source):
        if number % 3 == 0:
            shutil.rmtree(carrier.folder / "pulled", ignore_errors=True)
            pulled = lay(carrier.folder / "pulled", state(watched.before, watched.events, moment, source))
            box = carrier.fresh_box()
            with contextlib.suppress(EduboxError):
                box.sync(pulled)
            assert f"{PUBLISHER}/lune" in box.lessons(), moment


def test_metadata_that_the_stick_lost_a_bit_of_is_written_again(carrier):
    whole = contents(carrier.mount)
    for path in (carrier.mount / "edubox").rglob("*.json"):
        if not path.name.endswith("root.json"):
            path.write_bytes(path.read_bytes()[:-1] + b" ")
    carrier.prepare()
    assert {
        path: data for path, data in contents(carrier.mount).items() if not path.endswith(".prev")
    } == whole


# --- what is written -------------------------------------------------------------------------------------


def want(have=(), media=(), box="edubox-b", follow=(PUBLISHER,)):
    return Want(box, "École", "2026-11-24", tuple(follow), frozenset(have), frozenset(media))


def leave(carrier, *wants):
    for one in wants:
        put_want(carrier.mount / "edubox", one)


def written(carrier, kind):
    return {path for path in contents(carrier.mount / "edubox") if path.startswith(kind)}


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


# --- what goes wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV])
def test_a_stick_pulled_while_it_is_written_is_a_clear_error_and_the_next_filling_continues(
    carrier, monkeypatch, number
):
    carrier.publish()
    turns = iter([None, None, None])

    def gone(_):
        if next(turns, "gone"):
            raise OSError(number, "Input/output error", "/stick")

    with monkeypatch.context() as patch:
        patch.setattr(fat, "sync_disk", gone)
        with pytest.raises(Unreachable, match="kept"):
            carrier.prepare()
    carrier.prepare()
    check_healed(carrier.mount)
    carrier.box.sync(carrier.mount)
    assert check_whole(carrier.box) == {"lune": 2, "mer": 1}


def test_a_write_protected_stick_is_told_and_left(carrier, monkeypatch):
    carrier.publish()
    usual = os.open

    def protected(path, flags, *rest, **more):
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, "Read-only file system", path)
        return usual(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", protected)
    with pytest.raises(UnusablePath, match="Read-only"):
        carrier.prepare()


def test_two_fillings_at_once_are_one_too_many(carrier):
    handle = os.open(carrier.mount / "edubox", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(Busy):
        carrier.prepare()
    os.close(handle)


@pytest.mark.parametrize("name", ["objects", "wants", "bundles", "publishers/ministry", "bundles/aa"])
def test_a_link_on_a_stick_leads_nowhere_and_nothing_is_written(carrier, name):
    outside = carrier.folder / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    place = carrier.mount / "edubox" / name
    shutil.rmtree(place, ignore_errors=True)
    place.symlink_to(outside)
    carrier.publish()
    before = contents(carrier.mount)
    with pytest.raises(NotOurStick, match="link"):
        fill(carrier.mount, carrier.country.root, carrier.country.mirror, Progress(), want(box="edubox-a"))
    assert contents(carrier.mount) == before
    assert contents(outside) == {"precious": b"x"}


def test_pipes_and_folders_in_the_place_of_files_hold_nobody_up(carrier):
    folder = carrier.mount / "edubox"
    (folder / "directory/metadata/timestamp.json").unlink()
    os.mkfifo(folder / "directory/metadata/timestamp.json")
    os.mkfifo(folder / "wants" / "edubox-z.json")
    (folder / "bundles" / "zz").mkdir()
    os.mkfifo(folder / "bundles" / "zz" / "x.part")
    carrier.publish()
    with pytest.raises(EduboxError):
        carrier.prepare()


def test_a_damaged_film_on_the_stick_goes_and_is_brought_again(carrier):
    carrier.publish()
    carrier.prepare()
    path = carrier.mount / "edubox" / object_path(hashlib.sha256(NEW["film.mp4"]).hexdigest())
    path.write_bytes(bytes(len(NEW["film.mp4"])))
    with pytest.raises(EduboxError):
        carrier.box.sync(carrier.mount)
    assert carrier.box.state("lune") == "waiting"
    lacking = want_of(
        carrier.box.data, carrier.box.catalogue, "edubox-b", {"name": "É", "follow": [PUBLISHER]}
    )
    assert remove_damaged(carrier.mount, carrier.country.root, lacking) == 1
    carrier.prepare()
    carrier.box.sync(carrier.mount)
    assert carrier.box.read("lune") == NEW
