"""Filling a stick that is pulled out, worn, write-protected or not what it seems."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import random
import shutil

import pytest

from edubox.errors import Busy, EduboxError, NotOurStick, Unreachable, UnusablePath
from edubox.store import fat
from edubox.store.layout import object_path
from edubox.sync.carried.fill import fill, remove_damaged
from edubox.sync.carried.wants import want_of
from tests.sync.carried.carrier import (
    NEW,
    OTHER,
    check_healed,
    check_whole,
    want,
)
from tests.sync.carried.fatdisk import Watched, contents, lay, state
from tests.sync.country import PUBLISHER, Progress

#: Pulls in one run; ``EDUBOX_PULLS=1000`` for many.
PULLS = int(os.environ.get("EDUBOX_PULLS", "50"))


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
