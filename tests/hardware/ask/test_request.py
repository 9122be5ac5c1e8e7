"""Requests to the system: root does four things, and never what somebody else slipped in."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from edubox.hardware.ask.applying import System, apply, starts_new
from edubox.hardware.ask.request import CLOCK, NAME, POWEROFF, RESTART, UPDATE, Request, is_heard, put, take
from edubox.hardware.slots import carriers, state
from edubox.store import slots
from edubox.trust.clock import BELIEVED, Floor

FLOOR = Floor()
EARLIEST = int(FLOOR.moment.timestamp())


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "ask"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def done():
    return []


def system(done):
    return System(run=done.append, set_clock=done.append)


@pytest.mark.parametrize(("word", "command"), [(POWEROFF, "poweroff"), (RESTART, "reboot")])
def test_the_desk_switches_off_and_starts_again_once(folder, done, word, command):
    put(folder, Request(word))
    assert apply(folder, FLOOR, system(done)) == word
    assert apply(folder, FLOOR, system(done)) == "nothing"
    assert done == [["systemctl", command]]


def test_for_an_update_it_starts_again_only_where_one_waits(folder, done, tmp_path, monkeypatch):
    boot = tmp_path / "boot"
    (boot / "edubox").mkdir(parents=True)
    (boot / carriers.RULES).touch()
    monkeypatch.setattr(slots, "running", lambda: "a")
    ours = System(run=done.append, set_clock=done.append, starts_new=lambda: starts_new(boot))
    for ready, said in ((lambda: None, "nothing"), (lambda: state.propose(boot, "b"), UPDATE)):
        ready()
        put(folder, Request(UPDATE))
        assert apply(folder, FLOOR, ours) == said
    assert done == [["systemctl", "reboot"]]
    monkeypatch.setattr(slots, "running", lambda: "b")
    assert not starts_new(boot), "the new one runs"
    assert not starts_new(tmp_path), "a computer without slots"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (EARLIEST, CLOCK),
        (EARLIEST + 86_400, CLOCK),
        (EARLIEST - 1, "refused"),
        (EARLIEST + int((BELIEVED + timedelta(days=1)).total_seconds()), "refused"),
        (99_999_999_999, "refused"),
    ],
)
def test_the_clock_is_set_only_where_it_can_be_right(folder, done, seconds, said):
    put(folder, Request(CLOCK, seconds))
    assert apply(folder, FLOOR, system(done)) == said
    assert done == ([seconds] if said == CLOCK else [])


@pytest.mark.parametrize(
    "line",
    [
        b"", b"poweroff\n", b"POWEROFF", b"poweroff;id", b"clock", b"clock -1", b"clock 1e9", b"clock 999999999999",
        b"clock 1764000000\n", "clock ١٧٦٤٠٠٠٠٠٠".encode(), b"\xff\xfe", b"restart" + b" " * 100, b"\0poweroff",
    ],
)  # fmt: skip
def test_nothing_is_done_for_a_line_that_is_none(folder, done, line):
    (folder / NAME).write_bytes(line)
    assert apply(folder, FLOOR, system(done)) == "nothing"
    assert not done
    assert not (folder / NAME).exists(), "it is not read again and again"


def test_a_link_a_pipe_a_folder_and_a_huge_file_are_not_read(folder, tmp_path):
    real = tmp_path / "real"
    real.write_text(POWEROFF)
    place = folder / NAME
    place.symlink_to(real)
    assert take(folder) is None
    os.link(real, place)
    assert take(folder) is None, "a second name of somebody's file"
    os.mkfifo(place)
    assert take(folder) is None, "and nobody waits for its other end"
    with place.open("wb") as file:
        file.truncate(1 << 40)
    assert take(folder) is None
    place.mkdir()
    assert take(folder) is None
    assert real.read_text() == POWEROFF


def test_a_folder_that_is_a_link_or_open_to_others_is_not_believed(folder, tmp_path):
    put(folder, Request(POWEROFF))
    (tmp_path / "link").symlink_to(folder)
    assert take(tmp_path / "link") is None
    folder.chmod(0o777)
    assert take(folder) is None
    assert take(tmp_path / "nowhere") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files of two users")
def test_a_request_of_another_user_is_not_done(folder):
    put(folder, Request(POWEROFF))
    os.chown(folder / NAME, 12_345, 12_345)
    assert take(folder) is None


def test_without_the_folder_nobody_listens(folder, tmp_path):
    assert is_heard(folder)
    assert not is_heard(tmp_path / "nowhere")
