"""``edubox system keep`` and ``state`` as root's timer and a technician run them."""

from __future__ import annotations

import json
import subprocess

import pytest

from edubox.box import works
from edubox.cli import run
from edubox.hardware.slots import carriers, copies, grub, state
from edubox.hardware.slots.copies import State
from edubox.store import slots
from edubox.store.slots import Held


@pytest.fixture
def card(tmp_path, monkeypatch):
    """The loader has just started slot b, which nobody kept yet; pages are served and lessons are right."""
    (tmp_path / "boot" / "edubox").mkdir(parents=True)
    (tmp_path / "boot" / carriers.RULES).write_text("")
    copies.save(grub.Files(tmp_path / "boot"), State("a", "b", 0))
    for slot, version in (("a", 3), ("b", 4)):
        slots.write(tmp_path / "slots", slot, Held(slot * 64, version, "pc-amd64"), b"{}")
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(works, "pages_are_served", lambda _: "")
    return tmp_path


@pytest.fixture
def reboots(monkeypatch):
    asked = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: asked.append(command))
    return asked


def keep(card, *more, running="b"):
    return run(["system", "keep", "--data", str(card / "data"), "--boot", str(card / "boot"), "--slots", str(card / "slots"),
                "--running", running, "--json", *more])  # fmt: skip


def test_a_box_that_works_keeps_what_it_tries(card, capsys, reboots):
    assert keep(card, "--reboot") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["version"], reboots) == ("kept", 4, [])
    assert state.read(card / "boot").good == "b"


@pytest.mark.parametrize("option", [[], ["--reboot"]])
def test_one_that_does_not_work_in_time_starts_again_only_if_that_was_asked(
    card, capsys, reboots, monkeypatch, option
):
    monkeypatch.setattr(works, "pages_are_served", lambda _: "No page is served.")
    assert keep(card, "--within", "0", *option) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["why"], told["gives_up"]) == ("fell-back", "No page is served.", True)
    assert len(reboots) == len(option)
    assert state.read(card / "boot").good == "a"


def test_after_that_the_older_one_refuses_it_and_says_why(card, capsys, reboots):
    assert keep(card, running="a") == 0
    assert slots.refused(card / "slots") == ["b" * 64]
    assert keep(card, "--reboot", running="a") == 0
    capsys.readouterr()
    assert (
        run(
            [
                "system",
                "state",
                "--boot",
                str(card / "boot"),
                "--slots",
                str(card / "slots"),
                "--running",
                "a",
            ]
        )
        == 0
    )
    said = capsys.readouterr().out
    assert "Slot a: version 3 for pc-amd64 (runs, good, starts next)" in said
    assert "Last: slot b, version 4, fell-back." in said
    assert reboots == []


def test_a_computer_without_slots_says_so(tmp_path, capsys):
    assert run(["system", "state", "--boot", str(tmp_path), "--slots", str(tmp_path)]) == 2
    assert run(["system", "keep", "--boot", str(tmp_path)]) == 2
    assert "edubox.slot=" in capsys.readouterr().err
