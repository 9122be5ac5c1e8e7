"""Real dnsmasq and real DHCP clients, in network namespaces that this file makes: a lease, names, and nobody's network harmed."""

from __future__ import annotations

import os
import subprocess
import sys
from ipaddress import IPv4Interface

import pytest

from edubox.hardware.hotspot import dnsmasq, ethernet
from tests import needs
from tests.hardware.hotspot import namespaces
from tests.hardware.hotspot.namespaces import OWN, run

NEEDED = ("ip", "dnsmasq", "busybox", "ss")
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: networks are made")


@pytest.fixture(scope="module", autouse=True)
def the_servers_and_a_client():
    needs.programs(*NEEDED)


@pytest.fixture(scope="module")
def air(tmp_path_factory):
    """A phone on the network of a box that runs dnsmasq: the phone's namespace."""
    with namespaces.air(tmp_path_factory.mktemp("air")) as (_, phone):
        yield phone


def asked(phone, name):
    """The IPv4 address of *name*, or why there is none, as the phone's own resolver would hear it."""
    answer = run(
        "ip", "netns", "exec", phone, "busybox", "nslookup", "-type=a", name, "10.87.3.1", check=False
    )
    found = [line.split()[-1] for line in answer.splitlines() if line.startswith("Address")][1:]
    return found[0] if found else "NXDOMAIN" if "NXDOMAIN" in answer else answer


def test_a_phone_gets_an_address_and_is_told_where_to_ask(air):
    script = 'test "$1" = bound && echo "$ip $subnet $router $dns $lease"; true'
    shell = f"/tmp/udhcpc-{os.getpid()}.sh"
    try:
        with open(shell, "w", encoding="ascii") as out:
            out.write(f"#!/bin/sh\n{script}\n")
        os.chmod(shell, 0o755)
        told = run(
            "ip", "netns", "exec", air, "busybox", "udhcpc", "-f", "-q", "-n", "-i", "wlan0", "-s", shell
        )
    finally:
        os.unlink(shell)
    address, *rest = told.split()[-5:]
    assert IPv4Interface(f"{address}/24").network == OWN.network
    assert rest == ["255.255.255.0", "10.87.3.1", "10.87.3.1", str(60 * dnsmasq.MINUTES)]
    run("ip", "-n", air, "address", "add", f"{address}/24", "dev", "wlan0")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("edubox.local", "10.87.3.1"),
        ("edubox", "10.87.3.1"),
        ("edubox-ab12cd.local", "10.87.3.1"),
        ("edubox-ab12cd", "10.87.3.1"),
        ("ecole.local", "10.87.3.1"),
        ("lesson-of-version-3.ecole.local", "10.87.3.1"),
        ("connectivitycheck.gstatic.com", "10.87.3.1"),
        ("captive.apple.com", "10.87.3.1"),
        ("www.msftconnecttest.com", "10.87.3.1"),
        ("dns.msftncsi.com", "131.107.255.255"),
        ("use-application-dns.net", "NXDOMAIN"),
        ("mask.icloud.com", "NXDOMAIN"),
        ("www.google.com", "NXDOMAIN"),
        ("example.org", "NXDOMAIN"),
    ],
)
def test_names_lead_to_the_box_or_nowhere(air, name, answer):
    run("ip", "-n", air, "address", "replace", "10.87.3.200/24", "dev", "wlan0")
    assert asked(air, name) == answer


def test_a_box_hears_that_somebody_else_gives_addresses(air):
    program = (
        "from edubox.hardware.hotspot.ethernet import server_on\n"
        "offer = server_on('wlan0', tries=2, seconds=4)\n"
        "print(offer and f'{offer.server} {offer.network}')"
    )
    told = run("ip", "netns", "exec", air, sys.executable, "-c", program)
    assert told.strip() == "10.87.3.1 10.87.3.0/24"


def test_a_box_that_is_the_host_hears_a_router_that_came_late(air):
    """Its cable is then a port of its bridge, where most listeners hear nothing; busy phones must not fill the one that does."""
    for words in (
        "link add late0 type veth peer name late1", "link add br-late type bridge", "link add br-own type bridge",
        "link set late0 master br-late", "link set late1 master br-own", "address add 192.0.2.1/24 dev br-late",
        *(f"link set {name} up" for name in ("late0", "late1", "br-late", "br-own")),
    ):  # fmt: skip
        run("ip", "-n", air, *words.split())
    router = subprocess.Popen(
        ["ip", "netns", "exec", air, "dnsmasq", "--keep-in-foreground", "--pid-file=", "--user=root", "--conf-file=/dev/null", "--port=0",
         "--interface=br-late", "--except-interface=lo", "--bind-interfaces", "--dhcp-range=192.0.2.10,192.0.2.20", "--no-ping",
         "--dhcp-leasefile=/dev/null", "--log-facility=-"], stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while "sockets bound" not in (said := router.stderr.readline()):
            assert said, "the router did not start"
        program = (
            "from edubox.hardware.hotspot.ethernet import server_on\n"
            "offer = server_on('late1', tries=3, seconds=4)\n"
            "print(offer and f'{offer.server} {offer.network}')"
        )
        told = run("ip", "netns", "exec", air, sys.executable, "-c", program)
        assert told.strip() == "192.0.2.1 192.0.2.0/24"
    finally:
        router.terminate()
        router.wait(10)


def test_where_nobody_answers_nobody_is_heard(air):
    run("ip", "-n", air, "link", "add", "lone0", "type", "veth", "peer", "name", "lone1")
    for name in ("lone0", "lone1"):
        run("ip", "-n", air, "link", "set", name, "up")
    program = "from edubox.hardware.hotspot.ethernet import server_on; print(server_on('lone0', tries=1, seconds=0.3))"
    assert run("ip", "netns", "exec", air, sys.executable, "-c", program).strip() == "None"


@pytest.mark.parametrize("packet", [b"", b"\x45", b"\x4f" * 300, b"\x45" + b"\0" * 400])
def test_a_strangers_packet_is_passed_over(packet):
    assert ethernet.understand(packet, b"abcd", "00:00:00:00:00:00") is None
