"""A phone comes into the box's network with nothing but its cable: an address, the names of its maker's hosts, the greeting, a lesson.

Real dnsmasq, a real DHCP client, a served box and curl as each system's prober, in network namespaces; with a radio and the box's own
units it is ``make prove-radio``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edubox.hardware.hotspot import state
from edubox.hardware.hotspot.probes import PROBES
from tests import needs
from tests.box.school import School, page
from tests.hardware.hotspot import namespaces
from tests.hardware.hotspot.namespaces import run

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: networks are made")
#: In the box's namespace: a box with the data folder and the state folder that are named.
_SERVED = """
import sys
from pathlib import Path
from edubox.box.serve import serve
from edubox.hardware.hotspot import state
from tests.box.school import settings
state.FOLDER = Path(sys.argv[2])
given = settings(listen="0.0.0.0", port=80, school_domain="ecole.local")
serve(Path(sys.argv[1]), given, lambda _: print("serving", flush=True))
"""
_LEASE = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip address replace "$ip/24" dev "$interface"
ip route replace default via "$router"
echo "nameserver $dns" > "$RESOLVE"
"""
_GREETING = "http://10.87.3.1/welcome/"
ASKED = [(f"http://{host}{path}", online) for host, paths in PROBES.items() for path, online in paths.items()]


@pytest.fixture(scope="module")
def phone(tmp_path_factory):
    """A phone that has just come in: what it opens, as (status, where it is led, body), and the lesson's address on the box."""
    needs.programs("ip", "dnsmasq", "busybox", "ss", "curl", "udhcpc")
    folder = tmp_path_factory.mktemp("in")
    (folder / state.FILE).write_bytes(state.dump(state.State(address="10.87.3.1", wifi="École")))
    manifest = School(folder / "data").add("marees", {"index.html": page("La mer monte.")})
    with namespaces.air(folder) as (box, name), _serving(box, folder):
        _lease(name, folder)

        def opened(address):
            told = run(
                "ip", "netns", "exec", name, "curl", "-s", "--max-time", "10", "-w", "\n%{http_code} %{redirect_url}", address, check=False,
            )  # fmt: skip
            body, _, last = told.rpartition("\n")
            status, _, leads_to = last.partition(" ")
            return int(status), leads_to, body

        try:
            yield opened, f"8081/c/{manifest}/index.html"
        finally:
            (Path("/etc/netns") / name / "resolv.conf").unlink()
            (Path("/etc/netns") / name).rmdir()


@contextlib.contextmanager
def _serving(box, folder):
    line = ["ip", "netns", "exec", box, sys.executable, "-c", _SERVED, str(folder / "data"), str(folder)]
    program = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert program.stdout.readline() == "serving\n", program.stderr.read()
        yield
    finally:
        program.terminate()
        program.communicate(timeout=30)


def _lease(name, folder):
    """Ask for an address, as a phone does when it has come in."""
    script, resolve = folder / "lease", Path("/etc/netns") / name / "resolv.conf"
    resolve.parent.mkdir(parents=True)
    resolve.touch()
    script.write_text(_LEASE.replace("$RESOLVE", str(resolve)))
    script.chmod(0o755)
    until = time.monotonic() + 30
    while "nameserver" not in resolve.read_text():
        assert time.monotonic() < until, "no address"
        run(
            "ip",
            "netns",
            "exec",
            name,
            "busybox",
            "udhcpc",
            "-q",
            "-n",
            "-i",
            "wlan0",
            "-s",
            script,
            check=False,
        )


def test_a_phone_of_each_system_is_greeted_then_online_and_opens_a_lesson_by_name(phone):
    opened, lesson = phone
    for address, _ in ASKED:
        assert opened(address)[:2] == (302, _GREETING), address
    assert opened(_GREETING)[0] == 200
    assert opened(f"{_GREETING}online/")[0] == 200
    for address, online in ASKED:
        assert opened(address) == (online.status, "", online.body), address
    for name in ("edubox", "edubox.local", "ecole.local", "10.87.3.1"):
        assert opened(f"http://{name}/fr/")[0] == 200, name
        assert "La mer monte." in opened(f"http://{name}:{lesson}")[2], name
    assert opened("http://example.org/")[0] == 0
