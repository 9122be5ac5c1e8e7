"""The computer under the box: what its kernel says becomes a sentence, and where it says nothing there is no line."""

from __future__ import annotations

import json

import pytest

from edubox.box.health import Box, guests, memory, power, systems, temperature, wear
from tests.box.school import settings

PI = "sys/devices/platform/soc/soc:firmware/get_throttled"
LEASE = "1764000000 02:00:00:00:00:01 10.42.0.17 telephone-de-lea *\n"


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path / "box", settings(slots=str(tmp_path / "slots")), tmp_path / "root")


def write(box, **files):
    for name, said in files.items():
        put(box, name, said)


def put(box, name, said):
    path = box.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(said)


@pytest.mark.parametrize("check", [temperature, power, wear, memory, guests, systems])
def test_a_computer_that_says_nothing_has_no_line(box, check):
    assert check.check(box) is None


@pytest.mark.parametrize(
    ("check", "files", "level", "says"),
    [
        (temperature, {"sys/class/thermal/thermal_zone0/temp": "51540\n"}, "good", "51 °C"),
        (temperature, {"sys/class/thermal/thermal_zone0/temp": "76000\n"}, "note", "warm"),
        (temperature, {"sys/class/thermal/thermal_zone1/temp": "85000\n"}, "warning", "out of the sun"),
        (power, {PI: "0\n"}, "good", "right"),
        (power, {PI: "50005\n"}, "warning", "too low"),
        (power, {PI: "50000\n"}, "note", "since the box was switched on"),
        (power, {"sys/class/hwmon/hwmon1/name": "rpi_volt\n", "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"}, "warning", "too low"),
        (power, {"sys/class/hwmon/hwmon1/name": "rpi_volt\n", "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n"}, "good", "right"),
        (wear, {"sys/block/mmcblk0/device/life_time": "0x02 0x01\n"}, "good", "20 %"),
        (wear, {"sys/block/mmcblk0/device/life_time": "0x09 0x01\n"}, "note", "Plan a new one"),
        (wear, {"sys/block/mmcblk0/device/life_time": "0x0b 0x01\n"}, "warning", "worn out"),
        (wear, {"sys/block/mmcblk0/device/pre_eol_info": "0x02\n"}, "warning", "worn out"),
        (memory, {"proc/meminfo": "MemTotal: 900000 kB\nMemAvailable: 700000 kB\n", "proc/uptime": "200000.5 1\n"}, "good", "2 days"),
        (memory, {"proc/meminfo": "MemTotal: 900000 kB\nMemAvailable: 30000 kB\n"}, "note", "start the box again"),
        (guests, {"run/edubox/leases": LEASE * 3}, "good", "3 devices"),
        (guests, {"run/edubox/leases": LEASE * 30}, "note", "access point"),
    ],
)  # fmt: skip
def test_what_the_kernel_says_becomes_a_sentence(box, check, files, level, says):
    write(box, **files)
    finding = check.check(box)
    assert finding.level == level
    assert says in finding.sentence
    assert "10.42" not in finding.sentence
    assert "lea" not in finding.sentence.replace("least", "")


@pytest.mark.parametrize("rubbish", ["", "x", "-", "0x", "9" * 400, "\0\0", "-99999999"])
def test_a_broken_sensor_says_nothing_and_breaks_nothing(box, rubbish):
    for name in (
        "sys/class/thermal/thermal_zone0/temp",
        PI,
        "sys/block/mmcblk0/device/life_time",
        "proc/meminfo",
        "proc/uptime",
    ):
        put(box, name, rubbish)
    assert temperature.check(box) is None
    assert memory.check(box) is None
    for check in (power, wear):
        check.check(box)


@pytest.mark.parametrize(
    ("came", "level", "says"),
    [
        ("good", "good", "System B runs, version 7"),
        ("fell-back", "warning", "did not work"),
        ("tried", "note", "first time"),
    ],
)
def test_the_two_systems_say_what_became_of_the_last_one(box, tmp_path, came, level, says):
    put(box, "proc/cmdline", "quiet edubox.slot=b\n")
    (tmp_path / "slots").mkdir()
    (tmp_path / "slots" / "b.json").write_text(
        json.dumps({"format": 1, "manifest": "0" * 64, "version": 7, "board": "pc"})
    )
    told = {"format": 1, "slot": "a", "version": 8, "outcome": came, "why": "", "boots": 1, "boot": "x"}
    (tmp_path / "slots" / "outcome.json").write_text(json.dumps(told))
    finding = systems.check(box)
    assert (finding.level, says in finding.sentence) == (level, True), finding


def test_a_newer_system_that_waits_is_said(box, tmp_path):
    put(box, "proc/cmdline", "quiet edubox.slot=b\n")
    (tmp_path / "slots").mkdir()
    for slot, version in (("b", 7), ("a", 8)):
        value = {"format": 1, "manifest": slot * 64, "version": version, "board": "pc"}
        (tmp_path / "slots" / f"{slot}.json").write_text(json.dumps(value))
    found = systems.check(box)
    assert (found.level, "Version 8 waits" in found.sentence) == ("good", True)
