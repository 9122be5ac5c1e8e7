"""What the servers of ``postgresql`` and ``swift`` share: free ports of loopback, and children that end with who started them.

Starting them takes longer than most tests. ``python -m tests.hub.servers`` starts both and prints a line for the environment:
test runs that have it use those instead of their own, each in databases and prefixes of its own.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

#: Seconds that a server may take to answer for the first time, on a machine that does much else.
PATIENCE = 60


#: What names running servers in the environment.
SHARED = "EDUBOX_TEST_SERVERS"
_PR_SET_PDEATHSIG = 1


def shared(name: str) -> dict[str, str] | None:
    """Where a server of that name runs already."""
    given = os.environ.get(SHARED)
    return json.loads(given).get(name) if given else None


def tied(how: int = signal.SIGKILL):
    """For ``preexec_fn``: the child ends when its parent does, even if that is killed."""
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, how)


def free_ports(number: int) -> list[int]:
    """Different TCP ports of loopback that nobody listens on."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_for(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    """Until *child* listens on *port*."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{child.args} does not listen:\n{log.read_text(errors='replace')[-3000:]}")


def end(child: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    """End *child* and everything that it started: it has a session of its own."""
    if child.poll() is None:
        try:
            child.send_signal(how)
            child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(20)


def main() -> None:
    """Serve until interrupted."""
    from tests.hub.postgresql import PostgreSQL
    from tests.hub.swift import Swift

    os.environ.pop(SHARED, None)
    postgresql, swift = PostgreSQL(), Swift()
    told = {"postgresql": postgresql.told(), "swift": swift.told()}
    print(f"export {SHARED}='{json.dumps(told)}'", flush=True)
    try:
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        postgresql.close()
        swift.close()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
