"""The demonstration's other processes: commands that end, servers that are stopped at its end, and ports that are free.

They are the very commands that a person would type, so that nothing is shown here that a school could not do.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import Any

from edubox.errors import ChildFailed, PortTaken, Unreachable
from edubox.program import EDUBOX

#: Seconds for a child to answer its first request; a Pi with a slow card takes ten.
PATIENCE = 60.0


def command(*arguments: object) -> dict[str, Any]:
    """Run one edubox command to its end; what it answers. Raises ChildFailed: its words are on the terminal already."""
    line = [*EDUBOX, *map(str, arguments), "--json"]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise ChildFailed(command=f"edubox {arguments[0]}", status=done.returncode)
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


def start(ending: contextlib.ExitStack, answers: int, *arguments: object) -> subprocess.Popen[bytes]:
    """Start a server, wait until its port *answers*, and stop it with *ending*. Raises ChildFailed, Unreachable."""
    child = subprocess.Popen([*EDUBOX, *map(str, arguments)], stdout=subprocess.DEVNULL)
    ending.callback(_stop, child)
    url = f"http://127.0.0.1:{answers}/"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ChildFailed(command=f"edubox {arguments[0]} {arguments[1]}", status=child.returncode)
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(url, timeout=5).close()
            except urllib.error.HTTPError:
                pass
            return child
        time.sleep(0.05)
    raise Unreachable(source=url, reason="it did not start in time")


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def free_port(wanted: int | None, usual: int, option: str, *taken: int) -> int:
    """*wanted*, or else *usual* or, if somebody has that, any other TCP port that is not in *taken*. Raises PortTaken (with *option*)."""
    for port in [wanted] if wanted is not None else [usual, 0]:
        if port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PortTaken(port=wanted, option=option)
