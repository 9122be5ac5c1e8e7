"""A disk without bytes or without inodes: the lesson that is there stays, and room lets the next run finish."""

from __future__ import annotations

import errno
import os
import subprocess

import pytest

from edubox.errors import NoRoom
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
