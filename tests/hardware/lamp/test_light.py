"""The light of a board: found by its name, told once, and left to the kernel."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from edubox.hardware.lamp import light
from edubox.hardware.lamp.codes import CODES, STARTING, STOPPING, TROUBLE, WAIT, WELL
from tests.hardware.lamp.kernel import Kernel

ROOT = Path(__file__).parents[3]


@pytest.fixture
def kernel(tmp_path):
    return Kernel(tmp_path / "leds")


@pytest.mark.parametrize("name", ["ACT", "led0", "green:activity", "board:green:act", "orangepi:red:status"])
def test_a_boards_own_light_is_found_whatever_its_kernel_calls_it(kernel, name):
    kernel.light("mmc0::")
    assert light.find(kernel.light(name).parent).name == name


@pytest.mark.parametrize("name", ["PWR", "input3::capslock", "eth0-amber:lan", "phy0-led", "led1"])
def test_lights_that_belong_to_somebody_else_are_left_alone(kernel, name):
    kernel.light(name)
    assert light.find(kernel.leds) is None


def test_a_computer_without_lights_has_none(tmp_path):
    assert light.find(tmp_path / "nothing") is None


@pytest.mark.parametrize("state", [STARTING, WAIT, TROUBLE, STOPPING])
def test_what_blinks_is_blinked_by_the_kernel(kernel, state):
    act, wanted = kernel.light("ACT"), CODES[state]
    light.shine(act, wanted)
    assert kernel.does(act) == ("timer", str(wanted.on), str(wanted.off), "0")


def test_all_is_well_is_a_steady_light(kernel):
    act = kernel.light("ACT", "timer")
    light.shine(act, CODES[WELL])
    assert kernel.does(act)[0] == "none"
    assert kernel.does(act)[3] == "255"


def test_a_light_that_shines_as_it_should_is_not_touched(kernel):
    act = kernel.light("ACT")
    for state in (WAIT, WELL):
        light.shine(act, CODES[state])
        kernel.settle(act)
        for name in ("trigger", "delay_on", "delay_off", "brightness"):
            (act / name).chmod(0o444)
            os.utime(act / name, (1, 1))
        light.shine(act, CODES[state])
        assert {(act / name).stat().st_mtime for name in ("trigger", "brightness")} == {1}
        for name in ("trigger", "delay_on", "delay_off", "brightness"):
            (act / name).chmod(0o644)


def test_a_light_that_blinks_differently_is_told_again(kernel):
    act = kernel.light("ACT", "timer")
    light.shine(act, CODES[TROUBLE])
    assert kernel.does(act)[1:3] == (str(CODES[TROUBLE].on), str(CODES[TROUBLE].off))


@pytest.mark.parametrize(("state", "brightness"), [(WELL, "255"), (TROUBLE, "0"), (WAIT, "0")])
def test_a_kernel_that_cannot_blink_shows_at_least_that_all_is_well(kernel, monkeypatch, state, brightness):
    act = kernel.light("ACT", triggers=("none", "mmc0"))
    write = light._write
    monkeypatch.setattr(light, "_write", lambda path, word: word != "timer" and write(path, word))
    light.shine(act, CODES[state])
    assert kernel.does(act)[0] == "none"
    assert kernel.does(act)[3] == brightness


def test_a_folder_that_is_no_light_is_refused_and_nothing_is_made_in_it(kernel):
    act = kernel.leds / "ACT"
    act.mkdir()
    with pytest.raises(OSError, match="cannot be told"):
        light.shine(act, CODES[WELL])
    assert list(act.iterdir()) == []


def test_five_states_are_five_things_to_see_but_for_the_two_that_end_by_themselves():
    seen = [CODES[state] for state in (STARTING, WELL, WAIT, TROUBLE)]
    assert len(set(seen)) == 4
    assert CODES[STOPPING] == CODES[STARTING]
    assert CODES[WELL].off == 0
    # Three kinds of blinking that an untrained eye tells apart: very fast, slow and even, and mostly dark.
    assert CODES[STARTING].on + CODES[STARTING].off <= 250
    assert CODES[WAIT].on == CODES[WAIT].off >= 800
    assert CODES[TROUBLE].off >= 10 * CODES[TROUBLE].on


def test_the_printed_card_says_what_the_light_does():
    text = (ROOT / "docs" / "technicians.md").read_text("utf-8")
    table = text.partition("## The light")[2].partition("\n## ")[0]
    for state, pattern in CODES.items():
        row = next((line for line in table.splitlines() if f"`{state}`" in line), "")
        assert row, state
        said = re.findall(r"\d[\d.]*", row.split("|")[2])
        assert said == ([f"{pattern.on / 1000:g}", f"{pattern.off / 1000:g}"] if pattern.off else []), row


@pytest.mark.parametrize("unit", ["edubox-lamp.service", "edubox-lamp@.service"])
def test_units_start_nothing_where_there_is_no_light_by_those_names(unit):
    text = (ROOT / "packaging" / "systemd" / unit).read_text("utf-8")
    assert re.findall(r"^ConditionPathExistsGlob=\|(.*)$", text, re.MULTILINE) == [
        f"{light.LEDS}/{name}" for name in light.NAMES
    ]


def test_the_kernel_of_an_image_is_told_to_have_what_blinks():
    text = (ROOT / "hardware" / "root" / "etc" / "modules-load.d" / "edubox-lamp.conf").read_text("utf-8")
    assert "ledtrig-timer" in text.splitlines()
