"""The light shines by the doctor's own checks, and asks nothing that root should not ask."""

from __future__ import annotations

import json
import subprocess

import pytest

from edubox.box import looks
from edubox.box.health import CHECKS, Box, Finding, temperature
from edubox.cli import run as edubox
from edubox.hardware.lamp.states import WRITES
from tests.box.school import School, settings
from tests.hardware.lamp.kernel import Kernel


@pytest.fixture
def box(tmp_path):
    return Box(
        School(tmp_path / "data" / "box").data,
        settings(slots=str(tmp_path / "slots"), reserve_mb=0),
        tmp_path / "root",
    )


@pytest.fixture
def roomy(monkeypatch):
    """A card with room, whatever the disk of this computer has."""
    monkeypatch.setattr("edubox.box.health.free_space.check", lambda box: Finding("good", str(box.data)))


@pytest.mark.usefixtures("roomy")
def test_a_box_without_a_fault_is_well(box):
    assert not looks.is_ill(box)


@pytest.mark.usefixtures("roomy")
@pytest.mark.parametrize(
    ("level", "ill"), [("good", False), ("note", False), ("warning", True), ("broken", True)]
)
def test_the_light_calls_for_somebody_where_the_page_does(box, monkeypatch, level, ill):
    monkeypatch.setattr(temperature, "check", lambda box: Finding(level, str(box.data)))
    assert looks.is_ill(box) is ill


@pytest.mark.usefixtures("roomy")
def test_a_card_whose_file_system_met_errors_calls_for_somebody(box, monkeypatch):
    monkeypatch.setattr(looks, "counted_errors", lambda data: len(data.name))
    assert looks.is_ill(box)


def test_only_checks_are_asked_that_write_nothing_and_open_no_database():
    assert set(looks.CHECKS) <= set(CHECKS)
    assert not {"card", "database", "school", "own", "sources", "lessons", "trust_age"} & set(looks.CHECKS)


def test_what_writes_a_new_system_is_at_work_while_systemd_says_so(monkeypatch):
    def says(command, **_):
        assert command[:2] == ["systemctl", "is-active"]
        return subprocess.CompletedProcess(command, 3, "activating\nactive\n")

    monkeypatch.setattr(subprocess, "run", says)
    assert looks.at_work() == {WRITES}


def test_a_box_that_serves_nothing_yet_is_starting_or_in_trouble(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(looks, "at_work", frozenset)
    monkeypatch.setattr(looks, "pages_are_served", lambda settings: f"nothing at {settings['port']}")
    kernel = Kernel(tmp_path / "leds")
    act = kernel.light("ACT")
    for up, state in ((30.0, "starting"), (3600.0, "trouble")):
        monkeypatch.setattr(looks, "_up", lambda up=up: up)
        line = ["lamp", "--data", tmp_path / "none", "--system", tmp_path, "--leds", kernel.leds, "--json"]
        assert edubox(list(map(str, line))) == 0
        assert json.loads(capsys.readouterr().out) == {"state": state, "light": "ACT"}
        assert kernel.does(act)[0] == "timer"


def test_a_pc_has_no_light_and_that_is_no_error(tmp_path, capsys):
    assert edubox(["lamp", "wait", "--leds", str(tmp_path)]) == 0
    assert "No light here" in capsys.readouterr().out


def test_a_mistake_in_the_settings_calls_for_somebody(tmp_path, monkeypatch):
    monkeypatch.setattr(looks, "at_work", frozenset)
    (tmp_path / "box.toml").write_text("port = 'eighty'\n")
    found = looks.facts(tmp_path, tmp_path)
    assert (found.served, found.ill) == (False, True)
