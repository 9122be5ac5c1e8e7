"""A box and a phone, each in a network namespace, joined by a pair of cables; the box gives addresses and names by the real dnsmasq."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from edubox.hardware.hotspot import dnsmasq

OWN = IPv4Interface("10.87.3.1/24")
NAMES = dnsmasq.Names("edubox-ab12cd", "ecole.local")
_SECONDS = 10
_NUMBERS = itertools.count()


def run(*command: str | Path, check: bool = True, seconds: int = 30) -> str:
    """What *command* says."""
    words = [str(word) for word in command]
    return subprocess.run(words, check=check, capture_output=True, text=True, timeout=seconds).stdout


@contextlib.contextmanager
def air(folder: Path, names: dnsmasq.Names = NAMES) -> Iterator[tuple[str, str]]:
    """The namespaces of the box and the phone; the box has *names* and its files in *folder*. Skips where none can be made."""
    own = f"{os.getpid()}-{next(_NUMBERS)}"
    box, phone = f"ebox{own}", f"ephone{own}"
    try:
        for name in (box, phone):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run(*f"ip -n {box} link add br-edubox type veth peer name wlan0 netns {phone}".split())
    except subprocess.CalledProcessError as error:
        run("ip", "netns", "del", box, check=False)
        pytest.skip(f"network namespaces cannot be made here: {error.stderr.strip()}")
    run("ip", "-n", box, "address", "add", str(OWN), "dev", "br-edubox")
    run("ip", "-n", box, "link", "set", "br-edubox", "up")
    run("ip", "-n", phone, "link", "set", "wlan0", "up")
    text = dnsmasq.configuration("br-edubox", OWN, names)
    (folder / "dnsmasq.conf").write_text(text.replace(dnsmasq.LEASES, str(folder / "leases")))
    server = subprocess.Popen(
        ["ip", "netns", "exec", box, "dnsmasq", "--keep-in-foreground", "--pid-file=", "--user=root",
         f"--conf-file={folder}/dnsmasq.conf"], stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + _SECONDS
        while "10.87.3.1:53" not in run("ip", "netns", "exec", box, "ss", "-Hlun"):
            assert server.poll() is None, server.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        yield box, phone
    finally:
        server.terminate()
        server.wait(_SECONDS)
        for name in (box, phone):
            run("ip", "netns", "del", name, check=False)
