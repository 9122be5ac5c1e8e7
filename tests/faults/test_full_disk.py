"""A disk without bytes or without inodes: the lesson that is there stays, and room lets the next run finish."""

from __future__ import annotations

import errno
import os
import subprocess
from functools import partial

import pytest

from edubox.errors import NoRoom
from edubox.store.platform import Reserve
from edubox.sync.eviction import make_room
from edubox.sync.local import Local
from tests.sync.country import Box, film, text

OLD = {"index.html": text(1, 30_000)}


def refused(box, sync=None):
    with pytest.raises(NoRoom) as caught:
        (sync or box.sync)()
    assert caught.value.exit_code == 5
    assert box.read("lune") == OLD


@pytest.mark.parametrize("media", [frozenset(), frozenset(["film.mp4"])])
def test_a_lesson_that_does_not_fit_is_refused_and_comes_once_there_is_room(country, small_disk, media):
    disk = small_disk(size="4m")
    box = Box(disk / "box", country)
    country.publish("lune", OLD)
    box.sync()
    (disk / "ballast").write_bytes(bytes(2_200_000))
    new = OLD | {"film.mp4": film(1, 2_000_000)}
    country.publish("lune", new, media, base="lune")
    if media:
        with pytest.raises(NoRoom):
            box.sync()
        assert (box.read("lune"), box.state("lune")) == (OLD, "waiting")
    else:
        refused(box)
    (disk / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,size=12m", str(disk)], check=True)
    box.sync()
    assert box.read("lune") == new


def test_a_lesson_of_many_small_files_is_refused_when_the_inodes_run_out(country, small_disk):
    disk = small_disk(size="40m", nr_inodes=400)
    box = Box(disk / "box", country)
    country.publish("lune", OLD)
    box.sync()
    new = OLD | {f"{number}.html": text(number, 1500) for number in range(250)}
    country.publish("lune", new, base="lune")
    refused(box)
    subprocess.run(["mount", "-o", "remount,nr_inodes=4000", str(disk)], check=True)
    box.sync()
    assert box.read("lune") == new


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["write", "link", "replace", "mkdir", "fsync"])
def test_a_disk_that_fills_up_in_the_middle_of_anything_loses_nothing(country, box, monkeypatch, call, code):
    """Room is counted before; another program can still take it meanwhile."""
    country.publish("lune", OLD)
    box.sync()
    new = OLD | {f"{number}.html": text(number, 3000) for number in range(5)}
    country.publish("lune", new, base="lune")
    failed = 0
    usual = {
        "link": os.link,
        "replace": os.replace,
        "mkdir": os.mkdir,
        "fsync": os.fsync,
        "write": os.fdatasync,
    }[call]
    for turn in range(200):
        countdown = [turn]

        def act(*arguments, countdown=countdown, **options):
            countdown[0] -= 1
            if countdown[0] == -1:
                raise OSError(code, os.strerror(code))
            return usual(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync" if call == "write" else call, act)
            try:
                box.sync()
            except NoRoom:
                failed += 1
                assert box.read("lune") in (OLD, new)
        if countdown[0] >= 0:
            break  # nothing was left to fail
    assert failed
    assert box.read("lune") == new


def test_a_full_card_lets_lessons_leave_that_nobody_follows_and_the_followed_one_comes(country, small_disk):
    disk = small_disk(size="5m")
    box = Box(disk / "box", country)
    country.add_publisher("ministry/other")
    box.settings["follow"] = ["ministry/test", "ministry/other"]
    country.publish("lune", OLD)
    country.publish(
        "autre", OLD | {"film.mp4": film(9, 2_800_000)}, frozenset(["film.mp4"]), author="ministry/other"
    )
    box.sync()
    new = OLD | {"film.mp4": film(1, 2_800_000)}
    country.publish("lune", new, frozenset(["film.mp4"]), base="lune")
    country.publish("petite", {"index.html": text(7, 9000)})
    with pytest.raises(NoRoom):
        box.sync()
    assert len(box.lessons()) == 3, "the small one came; the lessons of a followed publisher stayed"
    assert box.read("autre", "ministry/other").keys() == {"index.html", "film.mp4"}
    box.settings["follow"] = ["ministry/test"]
    box.sync()
    assert box.read("lune") == new
    assert box.read("autre", "ministry/other") == OLD
    assert any("ministry/other/autre" in line for line in box.progress.said)
    box.sync()
    assert box.read("lune") == new, "and it stays so"


def test_cut_while_lessons_leave_nothing_that_stays_is_touched(country, box, monkeypatch):
    """At every step of an eviction; what was half gone goes, or comes back whole."""
    country.add_publisher("ministry/other")
    box.settings["follow"] = ["ministry/test", "ministry/other"]
    country.publish("lune", OLD)
    shared = OLD | {"b.html": text(4, 9000), "film.mp4": film(9, 300_000)}
    country.publish("autre", shared, frozenset(["film.mp4"]), author="ministry/other")
    box.sync()
    box.settings["follow"] = ["ministry/test"]
    local = Local(box.data, [], Reserve())
    everything = NoRoom(path="x", reason="test", lacking=Reserve(305_000))

    class Cut(BaseException):
        pass

    for turn in range(60):
        left = [turn]

        def cut(*arguments, usual, left=left, **options):
            left[0] -= 1
            if left[0] < 0:
                raise Cut
            return usual(*arguments, **options)

        with monkeypatch.context() as patch:
            for name in ("unlink", "rename", "rmdir", "replace"):
                patch.setattr(os, name, partial(cut, usual=getattr(os, name)))
            try:
                make_room(local, box.catalogue, ["ministry/test"], (), everything, box.progress.say)
                done = True
            except Cut:
                done = False
        assert box.read("lune") == OLD
        box.sync()
        assert box.read("lune") == OLD
        if "ministry/other/autre" in box.lessons():
            served = box.read("autre", "ministry/other")
            assert all(shared[name] == data for name, data in served.items())
            assert box.state("autre") == "waiting" or served == shared
        box.settings["follow"] = ["ministry/test", "ministry/other"]
        box.sync()
        assert box.read("autre", "ministry/other") == shared
        box.settings["follow"] = ["ministry/test"]
        if done and left[0] >= 0:
            break
    assert turn > 5
