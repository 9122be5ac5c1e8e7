"""Somebody at the screen of a box: real terminals, real requests, and nothing that noise could press."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from edubox.box.accounts import first, journal
from edubox.box.console import talk
from edubox.box.console.facts import Facts, Places, gather
from edubox.box.console.talk import Terminal
from edubox.box.school.database import SchoolFile
from edubox.hardware.ask import request as asking
from edubox.hardware.hotspot.state import State, dump
from tests import needs
from tests.box.school import School

SECRET = "soleil-levant-27"
WAIT = Path(__file__).parents[3] / "packaging" / "debian" / "console.sh"


@pytest.fixture
def places(tmp_path, monkeypatch):
    # The doctor looks for a second or more, as a child; the command itself, below, has the real one.
    monkeypatch.setattr("edubox.box.console.facts.checkup", lambda _: [("card", "good", "ok")])
    data = School(tmp_path / "data" / "box").data
    (data / "box.toml").write_text('name = "École Jean-Moulin"\n')
    made = Places(data, tmp_path / "ask", tmp_path / "run")
    made.ask.mkdir(mode=0o700)
    made.run.mkdir()
    (made.run / "hotspot.json").write_bytes(
        dump(State(address="10.87.3.1", hostname="moulin", wifi="Moulin", password=SECRET))
    )
    return made


class Somebody:
    """Types *lines* at a terminal of their own, and then hangs up; ``saw`` is all that was shown."""

    def __init__(self, *lines: str) -> None:
        self.saw = ""
        read, write = os.pipe()
        os.write(write, "".join(f"{line}\n" for line in lines).encode())
        os.close(write)
        self.terminal = Terminal(read, self._see)

    def _see(self, text: str) -> None:
        self.saw += text


def at(places, *lines, gather=gather):
    who = Somebody(*lines)
    talk.talk(places, who.terminal, gather)
    return who.saw


def known(**more):
    """Facts without asking a doctor, which takes a second."""
    return lambda places: replace(
        Facts(heard=asking.is_heard(places.ask), wifi="Moulin", checks=(("card", "good", "ok"),)), **more
    )


def test_a_number_and_a_yes_switch_the_box_off_as_the_desk_would(places):
    saw = at(places, "1", "OUI", gather=known())
    assert asking.take(places.ask) == asking.Request("poweroff")
    assert "lampe verte" in saw
    (line,) = journal.read(SchoolFile(places.data))
    assert (line.person, line.name, line.what) == (0, "console", "switched-off")


def test_restarting_is_asked_for_in_english_too(places):
    at(places, "2", "yes", gather=known())
    assert asking.take(places.ask) == asking.Request("restart")


@pytest.mark.parametrize(
    "lines", [("1",), ("1", ""), ("1", "non"), ("1", "1"), ("1OUI",), ("7", "OUI"), ("", "OUI"), ("OUI",)]
)
def test_nothing_less_switches_it_off(places, lines):
    at(places, *lines, gather=known())
    assert asking.take(places.ask) is None
    assert journal.read(SchoolFile(places.data)) == []


def test_noise_on_a_line_without_a_cable_presses_nothing(places):
    chance = __import__("random").Random(1)
    for _ in range(50):
        noise = bytes(chance.randrange(256) for _ in range(3000))
        read, write = os.pipe()
        os.write(write, noise)
        os.close(write)
        talk.talk(places, Terminal(read, lambda _: None), known())
    assert asking.take(places.ask) is None


def test_where_nobody_listens_nothing_is_offered_and_nothing_asked(places):
    places.ask.rmdir()
    assert "Éteindre" not in at(places, "1", "OUI", gather=known())
    assert not places.ask.exists()


def test_the_wifi_password_is_shown_to_who_asks_and_wiped_after(places):
    assert SECRET not in at(places, "0")
    saw = at(places, "3", "", "0")
    assert SECRET in saw
    assert "\x1b[3J" in saw.partition(SECRET)[2]


def test_the_code_of_the_first_administrator_is_offered_until_it_is_used(places):
    saw = at(places, "4", "", "0")
    assert "administrateur" not in saw
    first.make(places.data)
    saw = at(places, "4", "", "0")
    assert first.read(places.data) in saw
    assert "/bureau/premier/" in saw


def test_no_other_code_is_ever_made_here(places):
    """Another one lets somebody in beside those who are there: that needs the card in hand (edubox box admin)."""
    first.make(places.data)
    code = first.read(places.data)
    at(places, "4", "", "4", "", "0")
    assert first.read(places.data) == code
    (places.data / "keys" / "first").unlink()
    at(places, "4", "", "0")
    assert not first.read(places.data)


def test_the_first_page_has_the_school_and_its_addresses(places):
    saw = at(places, "0")
    assert "École Jean-Moulin" in saw
    assert "http://moulin.local:8080/" in saw
    assert "Moulin" in saw


def test_a_report_goes_to_the_stick_that_is_plugged_in(places, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    saw = at(places, "5", "", "0", gather=known(stick=stick))
    assert (stick / "edubox-report.txt").is_file()
    assert "retirée" in saw


def test_a_stick_that_takes_nothing_is_told(places, tmp_path):
    saw = at(places, "5", "", "0", gather=known(stick=tmp_path / "none"))
    assert "retirée" not in saw
    assert "none" in saw.replace("\n", "")


def test_who_goes_away_is_not_waited_for_for_ever(places, monkeypatch):
    read, write = os.pipe()  # open, and silent
    monkeypatch.setattr(talk, "PATIENCE", 0.01)
    talk.talk(places, Terminal(read, lambda _: None), known())
    os.close(write)


def test_a_terminal_that_cannot_wipe_is_filled_with_nothing(places):
    who = Somebody("0")
    who.terminal.wipes = False
    talk.talk(places, who.terminal, known())
    assert "\x1b" not in who.saw


def test_a_box_that_is_not_there_can_be_switched_off_all_the_same(places, tmp_path):
    at(replace(places, data=tmp_path / "nothing"), "1", "oui")
    assert asking.take(places.ask) == asking.Request("poweroff")
    assert not (tmp_path / "nothing").exists()


def test_from_a_terminal_to_the_request_by_the_command_itself(places):
    ours, theirs = pty.openpty()
    line = [
        sys.executable,
        "-m",
        "edubox",
        "console",
        "--data",
        places.data,
        "--folder",
        places.ask,
        "--run",
        places.run,
    ]
    command = subprocess.Popen(
        list(map(str, line)), stdin=theirs, stdout=theirs, env=os.environ | {"TERM": "vt220"}
    )
    os.close(theirs)
    try:
        heard_until(ours, "Enter:")
        os.write(ours, b"1\n")
        heard_until(ours, "YES, then Enter:")
        os.write(ours, b"oui\n")
        heard_until(ours, "light is out")
        assert asking.take(places.ask) == asking.Request("poweroff")
    finally:
        command.kill()
        command.wait()
        os.close(ours)


def test_the_shell_that_waits_shows_the_front_and_goes_on_for_enter_alone(tmp_path):
    needs.programs("bash")
    front, edubox = tmp_path / "console.txt", tmp_path / "edubox"
    edubox.write_text('#!/bin/sh\necho STARTED "$@"\n')
    edubox.chmod(0o755)
    script = tmp_path / "console.sh"
    text = (
        WAIT.read_text("utf-8")
        .replace("/run/edubox/console.txt", str(front))
        .replace("/usr/bin/edubox", str(edubox))
    )
    script.write_text(text.replace("-rst 15", "-rst 0.2"))
    ours, theirs = pty.openpty()
    waiting = subprocess.Popen(["bash", script], stdin=theirs, stdout=theirs)
    os.close(theirs)
    try:
        heard_until(ours, "is starting")
        front.write_text("École du Bourg")
        heard_until(ours, "École du Bourg")
        os.write(ours, b"root\n")
        assert "STARTED console\r\n" in heard_until(ours, "École du Bourg")
        os.write(ours, b"$(id) `id` ; exec bash\n")
        assert "uid=" not in heard_until(ours, "STARTED console")
    finally:
        os.close(ours)
        assert waiting.wait(timeout=10) == 0, "a line that is gone ends it, for systemd to try again"


def heard_until(handle, words, patience=150.0):
    """What comes from the terminal *handle*, up to *words*."""
    heard, end = "", time.monotonic() + patience
    while words not in heard:
        ready, _, _ = select.select([handle], [], [], max(end - time.monotonic(), 0))
        assert ready, f"never said {words!r}: {heard[-500:]}"
        heard += os.read(handle, 4096).decode("utf-8", "replace")
    return heard
