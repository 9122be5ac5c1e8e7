"""What runs a hub on a server: units that systemd understands and that have few rights, nginx that shows only what is public."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import needs
from tests.packaging.test_units import understood

HUB = Path(__file__).parents[2] / "packaging" / "hub"
SERVICES = sorted(HUB.glob("*.service"))


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_has_no_more_rights_than_it_needs(unit):
    needs.programs("systemd-analyze")
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    found = re.search(r"Overall exposure level.*?: ([\d.]+)", told.stdout)
    assert found, told.stderr
    assert float(found[1]) <= 2.0, told.stdout


def test_systemd_understands_the_units(tmp_path):
    needs.programs("systemd-analyze")
    system = tmp_path / "usr/lib/systemd/system"
    system.mkdir(parents=True)
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/edubox").write_text("#!/bin/sh\n")
    (tmp_path / "usr/bin/edubox").chmod(0o755)
    for name in ("sysinit", "basic", "shutdown", "multi-user", "network-online", "timers"):
        (system / f"{name}.target").write_text("[Unit]\nDescription=one of systemd's own\n")
    for unit in HUB.glob("edubox-*"):
        shutil.copy(unit, system)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={tmp_path}", *(unit.name for unit in SERVICES), "edubox-hub-backup.timer"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    said = [line for line in told.stderr.splitlines() if "edubox-hub" in line]
    assert told.returncode == 0, told.stderr
    assert not said


@pytest.mark.parametrize("whole", ["upstreams.conf", "nginx.containers.conf"])
def test_nginx_understands_its_example(tmp_path, whole):
    needs.programs("nginx", "openssl")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
         "-keyout", tmp_path / "hub.key", "-out", tmp_path / "hub.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    front = (HUB / "nginx.conf").read_text("utf-8").replace("/etc/ssl/edubox", str(tmp_path))
    text = (HUB / whole).read_text("utf-8").replace("/tmp/", f"{tmp_path}/")
    text = text.replace("include mime.types", "include /etc/nginx/mime.types")
    # Names of containers, which nobody else knows.
    text = text.replace("web1:", "127.0.0.1:").replace("web2:", "127.0.0.2:")
    (tmp_path / "front.conf").write_text(front)
    if whole == "upstreams.conf":
        text = (
            f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{text}\ninclude front.conf;\n}}\n"
        )
    (tmp_path / "nginx.conf").write_text(text)
    told = subprocess.run(
        ["/usr/sbin/nginx", "-t", "-c", tmp_path / "nginx.conf", "-p", tmp_path, "-e", "stderr"], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    # The test itself is root and no user is named.
    assert "[emerg]" not in told.stderr


def test_compose_understands_its_file_and_nginx_finds_in_it_what_it_asks(tmp_path):
    """What would be started; ``make prove-container`` starts it."""
    needs.programs("podman", "podman-compose")
    # No storage of this computer's is looked at, and folders that are not there are made beside the file.
    shutil.copytree(HUB, tmp_path / "hub")
    (tmp_path / "podman").write_text("#!/bin/sh\necho podman version 4.3.1\n")
    (tmp_path / "podman").chmod(0o755)
    told = subprocess.run(
        ["podman-compose", "--podman-path", tmp_path / "podman", "--dry-run", "-f", tmp_path / "hub/compose.yaml", "up", "-d"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    lines = re.findall(r"^\S*podman run (.*)$", told.stdout + told.stderr, re.MULTILINE)
    started = {re.search(r"service=(\w+)", line)[1]: line for line in lines}
    assert started.keys() == {"database", "web1", "web2", "work", "front"}
    asked = (HUB / "nginx.containers.conf").read_text("utf-8")
    assert set(re.findall(r"server (web\d):", asked)) == {"web1", "web2"}
    numbers = re.findall(r"unix:/desks/(\d)/desk\.sock", asked)
    assert len(numbers) == 2
    for number in numbers:
        assert f"desk{number}:/desks/{number}:ro" in started["front"]
        assert f"desk{number}:/run/edubox-hub" in started[f"web{number}"]
    assert "--sysctl net.ipv4.ip_unprivileged_port_start=0" in started["front"]
    for name in ("web1", "web2", "work", "front"):
        assert {"--read-only", "no-new-privileges:true", "ALL"} <= set(started[name].split())
    words = shlex.split(started["work"].partition(" edubox-hub ")[2])
    understood(words)


def test_units_and_nginx_name_the_same_places():
    unit = (HUB / "edubox-hub.service").read_text("utf-8")
    assert "RuntimeDirectory=edubox-hub\n" in unit
    assert "unix:/run/edubox-hub/desk.sock" in (HUB / "upstreams.conf").read_text("utf-8")
    assert "root /var/lib/edubox-hub/country/mirror;" in (HUB / "nginx.conf").read_text("utf-8")
    assert "--data /var/lib/edubox-hub/country" in unit


def test_a_unit_starts_a_command_that_there_is_with_options_that_it_has():
    lines = [
        line
        for unit in SERVICES
        for line in re.findall(r"^ExecStart=/usr/bin/edubox (.*)$", unit.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(lines) == len(SERVICES)
    for line in lines:
        understood(shlex.split(line))


def test_no_file_names_a_registry_or_holds_a_secret():
    for path in HUB.iterdir():
        text = path.read_text("utf-8")
        assert not re.search(r"(image|FROM):? +\S+\.\S+/", text), path
        assert not re.search(r"(?i)password\s*[:=]\s*\S+(?<!_FILE)$", text, re.MULTILINE) or "_FILE" in text
