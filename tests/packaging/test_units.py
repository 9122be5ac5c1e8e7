"""The units of a box: systemd understands them, each has no more rights than it needs, and none waits for ever or silently not at all."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from edubox.cli import root as edubox
from edubox.settings import check_settings, load_settings
from tests import needs

PACKAGING = Path(__file__).parents[2] / "packaging"
UNITS = sorted((PACKAGING / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
#: The worst exposure (0 to 10, as ``systemd-analyze security`` says it) of each unit; those that partition, mount and flash have more.
EXPOSED = {
    "edubox.service": 2.0,
    "edubox-nginx.service": 2.0,
    "edubox-hostapd.service": 3.0,
    "edubox-dnsmasq.service": 3.5,
    "edubox-ask.service": 3.0,
    "edubox-lamp.service": 2.5,
    "edubox-lamp@.service": 2.5,
    "edubox-console@.service": 2.0,
    "edubox-hotspot.service": 4.0,
    "edubox-system.service": 6.0,
    "edubox-keep.service": 7.0,
    "edubox-status.service": 7.0,
    "edubox-trial.service": 4.0,
    "edubox-card.service": 7.5,
    # It asks the service manager to mount, and ends.
    "edubox-stick@.service": 9.6,
}
#: What an older systemd says that it ignores: Debian 12 has 252, the boxes of an image 257.
_SINCE_253 = "Unknown key 'LogFilterPatterns'"
#: What stands in a unit for systemd's own.
_TARGETS = ("sysinit", "basic", "shutdown", "multi-user", "network", "network-pre", "timers", "local-fs")


def systemd_analyze(*arguments):
    needs.programs("systemd-analyze")
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def settings_in(unit, section, key):
    """Every value of *key* in a *section* of a unit: systemd's files name a key more than once."""
    found, current = [], ""
    for line in unit.read_text("utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif current == section and line.partition("=")[0] == key:
            found.append(line.partition("=")[2])
    return found


def test_systemd_understands_every_unit(tmp_path):
    system = tmp_path / "usr/lib/systemd/system"
    system.mkdir(parents=True)
    for unit in UNITS:
        shutil.copy(unit, system)
    for name in _TARGETS:
        (system / f"{name}.target").write_text("[Unit]\nDescription=one of systemd's own\n")
    for unit in SERVICES:
        for line in (
            line for key in ("ExecStart", "ExecReload") for line in settings_in(unit, "Service", key)
        ):
            program = tmp_path / line.split()[0].lstrip("/")
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
    told = systemd_analyze(
        "verify", "--man=no", f"--root={tmp_path}", *(str(system / unit.name) for unit in UNITS)
    )
    ours = [line for line in told.stderr.splitlines() if "edubox" in line and _SINCE_253 not in line]
    assert ours == []
    assert told.returncode == 0


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_is_exposed_no_more_than_it_was_decided(unit):
    told = systemd_analyze("security", "--offline=true", "--no-pager", str(unit))
    level = float(re.search(r"exposure level for \S+: ([\d.]+)", told.stdout)[1])
    assert level <= EXPOSED[unit.name]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_there_is_with_options_that_it_has(unit):
    text = unit.read_text("utf-8").replace("\\\n", " ")
    for words in re.findall(r"^ExecStart.*/usr/bin/edubox ([^'\n]*)", text, re.MULTILINE):
        understood(shlex.split(words))


def understood(words):
    """Fail unless *words* are a command of ours with its options."""
    command, context = edubox, click.Context(edubox)
    while isinstance(command, click.Group):
        name = words.pop(0)
        command = command.get_command(context, name)
        assert command is not None, name
    known = {option for one in command.params for option in one.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_data_partition_that_does_not_come_keeps_no_unit_from_saying_so(unit):
    """A unit that requires a mount is not failed when that is late: it silently never ran (and was not seen for a year)."""
    for key in ("RequiresMountsFor", "Requires", "BindsTo", "Requisite"):
        assert [one for one in settings_in(unit, "Unit", key) if one != "dev-%i.device"] == []


def test_a_unit_that_reads_or_writes_a_partition_may():
    """ProtectClock allows the clock's device, and thereby no other one any more."""
    for name in ("card", "system", "keep"):
        unit = PACKAGING / f"systemd/edubox-{name}.service"
        assert not any(
            settings_in(unit, "Service", key) for key in ("ProtectClock", "PrivateDevices", "DevicePolicy")
        )


def test_the_target_wants_every_unit_that_nothing_else_starts():
    wanted = " ".join(settings_in(PACKAGING / "systemd/edubox-box.target", "Unit", "Wants")).split()
    timed = {unit.with_suffix(".service").name for unit in UNITS if unit.suffix in {".timer", ".path"}}
    plugged = {unit.name for unit in UNITS if "@" in unit.name}
    assert set(wanted) == {unit.name for unit in UNITS if unit.suffix != ".target"} - timed - plugged


def test_no_log_knows_which_phones_were_in_the_wifi():
    unit = PACKAGING / "systemd/edubox-hostapd.service"
    (kept_out,) = settings_in(unit, "Service", "LogFilterPatterns")
    assert kept_out.startswith("~")
    pattern = re.compile(kept_out[1:])
    for line in (
        "wlan0: AP-STA-CONNECTED 02:00:00:00:01:00",
        "wlan0: AP-STA-POSSIBLE-PSK-MISMATCH b8:27:eb:0a:ff:01",
        "wlan0: STA 02:00:00:00:01:00 IEEE 802.11: disassociated due to inactivity",
    ):
        assert pattern.search(line), line
    for line in (
        "wlan0: interface state COUNTRY_UPDATE->ENABLED",
        "wlan0: AP-ENABLED",
        "Could not open configuration file",
    ):
        assert not pattern.search(line), line


def test_who_serves_tries_again_for_a_year():
    for name in ("edubox", "edubox-nginx", "edubox-hostapd", "edubox-dnsmasq"):
        unit = PACKAGING / f"systemd/{name}.service"
        assert settings_in(unit, "Service", "Restart") == ["always"]
        assert settings_in(unit, "Unit", "StartLimitIntervalSec") == ["0"]


def test_box_units_nginx_and_settings_name_the_same_places():
    seed = load_settings(PACKAGING / "debian/box.toml")
    check_settings(seed, "box.toml")
    conf = (PACKAGING / "nginx/box.conf").read_text("utf-8")
    for setting in ("proxy_socket", "lesson_socket"):
        assert f"server unix:{seed[setting]};" in conf
    for setting in ("port", "lesson_port"):
        assert f"listen {seed[setting]} default_server" in conf
    served = PACKAGING / "systemd/edubox.service"
    assert Path(seed["proxy_socket"]).parent == Path(
        "/run", *settings_in(served, "Service", "RuntimeDirectory")
    )
    assert "pid /run/edubox-nginx/pid;" in conf
    assert settings_in(PACKAGING / "systemd/edubox-nginx.service", "Service", "RuntimeDirectory") == [
        "edubox-nginx"
    ]
