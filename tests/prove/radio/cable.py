"""The cable of a school, on this computer: a switch in a network namespace, into whose sockets boxes, a router and a notebook are plugged.

The router is the switch itself; the notebook has a namespace of its own.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from ipaddress import IPv4Interface
from pathlib import Path

_SWITCH, _SOCKET, _CARD = "switch", "socket", "card"
#: What the school's router is, and which addresses it gives.
ROUTER, _FROM_TO = IPv4Interface("192.168.50.1/24"), "192.168.50.10,192.168.50.99,5m"
_SECONDS = 60
_SAYS = '#!/bin/sh\n[ "$1" = bound ] && ip address replace "$ip/24" dev "$interface" && echo "bound $ip $serverid"\nexit 0\n'


def _run(*command: str | Path, check: bool = True) -> str:
    return subprocess.run(
        [str(word) for word in command], check=check, capture_output=True, text=True, timeout=_SECONDS
    ).stdout


class Cable:
    """The switch; ``close`` takes it away."""

    def __init__(self) -> None:
        self._name, self._notebook = f"eswitch{os.getpid()}", f"enotebook{os.getpid()}"
        for name in (self._name, self._notebook):
            _run("ip", "netns", "add", name)
        self._inside("ip", "link", "add", _SWITCH, "type", "bridge")
        self._inside(
            "ip", "link", "add", _SOCKET, "type", "veth", "peer", "name", _CARD, "netns", self._notebook
        )
        self._inside("ip", "link", "set", _SOCKET, "master", _SWITCH)
        for name in (_SWITCH, _SOCKET):
            self._inside("ip", "link", "set", name, "up")
        self._on_notebook("ip", "link", "set", _CARD, "up")

    def _inside(self, *command: str) -> str:
        return _run("ip", "netns", "exec", self._name, *command)

    def _on_notebook(self, *command: str | Path) -> str:
        return _run("ip", "netns", "exec", self._notebook, *command, check=False)

    def plug(self, tap: str) -> None:
        """Plug in a QEMU that has just been started and makes the interface *tap* of this computer."""
        until = time.monotonic() + _SECONDS
        while not Path("/sys/class/net", tap).exists():
            assert time.monotonic() < until, f"QEMU made no {tap}"
            time.sleep(0.1)
        _run("ip", "link", "set", tap, "netns", self._name)
        self._inside("ip", "link", "set", tap, "master", _SWITCH, "up")

    @contextlib.contextmanager
    def router(self):
        """The school's router runs while the block does."""
        with tempfile.TemporaryDirectory() as folder:
            self._inside("ip", "address", "add", str(ROUTER), "dev", _SWITCH)
            program = subprocess.Popen(
                ["ip", "netns", "exec", self._name, "dnsmasq", "--keep-in-foreground", "--pid-file=", "--conf-file=/dev/null", "--user=root", "--port=0",
                 f"--interface={_SWITCH}", "--except-interface=lo", "--bind-interfaces", f"--dhcp-range={_FROM_TO}", "--no-ping",
                 f"--dhcp-leasefile={folder}/leases", f"--log-facility={folder}/log"],
            )  # fmt: skip
            try:
                yield
                assert program.poll() is None, Path(folder, "log").read_text()
            finally:
                program.terminate()
                program.wait(_SECONDS)
                self._inside("ip", "address", "flush", "dev", _SWITCH)

    def lease(self) -> tuple[str, str]:
        """The address that a notebook on this cable gets, and who gave it."""
        self._on_notebook("ip", "address", "flush", "dev", _CARD)
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, "says")
            script.write_text(_SAYS)
            script.chmod(0o755)
            said = self._on_notebook("busybox", "udhcpc", "-q", "-n", "-t", "5", "-T", "2", "-i", _CARD, "-s", script)  # fmt: skip
        words = next((line.split() for line in said.splitlines() if line.startswith("bound ")), ["", "", ""])
        return words[1], words[2]

    def opened(self, address: str) -> str:
        """The page that the notebook sees at *address*, its status on the last line."""
        return self._on_notebook("curl", "-s", "-L", "--max-time", "20", "-w", "\n%{http_code}", "-H", "Accept-Language: fr", address)  # fmt: skip

    def close(self) -> None:
        """Take the switch away."""
        for name in (self._name, self._notebook):
            _run("ip", "netns", "del", name, check=False)


@contextlib.contextmanager
def switch():
    """A switch of its own for the block."""
    made = Cable()
    try:
        yield made
    finally:
        made.close()
