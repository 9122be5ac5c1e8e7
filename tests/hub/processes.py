"""Several real processes on one hub: `edubox hub serve` many times, workers that may be killed, and what boxes and people ask them.

A country whose keys open quickly and whose signatures are of now, since the processes have the computer's clock.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from edubox.trust.requests import sign
from tests.hub.conftest import PASSPHRASE

#: Seconds within which anything here has happened, on a machine that does much else.
PATIENCE = 120
COLLECTION = "ac-test/choix"


@contextlib.contextmanager
def served(country: Path, number: int, environment=(), **settings):
    """*number* times ``hub serve`` on *country*: (process, address of the API, address of the desk) of each."""
    del settings
    started = []
    try:
        for _ in range(number):
            child = subprocess.Popen(
                [sys.executable, "-m", "edubox", "hub", "serve", "--data", str(country), "--listen", "127.0.0.1",
                 "--port", "0", "--desk-port", "0", "--review-port", "0"],
                env=os.environ | dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            started.append(child)
        yield [(child, child.stdout.readline().split()[-1]) for child in started]
    finally:
        said = ""
        for child in started:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in started:
            said += child.communicate(timeout=PATIENCE)[1]
        assert "Traceback" not in said, said


def program(country: Path, code: str, *, lease: float = 0, environment=()) -> subprocess.Popen:
    """A process that runs *code* with ``hub`` open; *lease*: seconds for which it has a job."""
    text = (
        "import os, sys, time\nfrom pathlib import Path\n"
        "from edubox.hub import queue, work\nfrom edubox.hub.hub import open_hub\n"
        + (f"queue.LEASE = {lease}\nwork.HEARTBEAT = {lease / 4}\n" if lease else "")
        + f"hub = open_hub(Path({str(country)!r}))\n{code}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", text], env=os.environ | {"EDUBOX_PASSPHRASE": PASSPHRASE} | dict(environment),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@contextlib.contextmanager
def programs(country: Path, *codes: str, **more):
    """``program`` for each of *codes*, ended when the block is."""
    started = [program(country, code, **more) for code in codes]
    try:
        yield started
    finally:
        for one in started:
            if one.poll() is None:
                one.kill()
            one.wait()
            one.stdin.close()
            one.stdout.close()


def at_once(started) -> list[str]:
    """Let programs that said ``ready`` and wait for a line go on at the same moment; what each said then."""
    for one in started:
        assert one.stdout.readline() == "ready\n"
    for one in started:
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.stdout.read() for one in started]
    assert [one.wait(PATIENCE) for one in started] == [0] * len(started), said
    return said


def until(what, why: str):
    """What *what* gives once it is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, why
        time.sleep(0.05)
    return found


def ask(address: str, method: str, path: str, body: bytes = b"", signer=None, counter: int = 0, headers=()):
    """(status, answer, headers) of a request, signed by *signer* if there is one; *path* with its slash."""
    given = dict(headers)
    if signer is not None:
        given |= sign(method, path, "", body, signer, counter)
    request = urllib.request.Request(
        address.rstrip("/") + path, data=body or None, headers=given, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, _read(answer.read()), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _read(error.read()), dict(error.headers)


def _read(data: bytes):
    try:
        return json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")
