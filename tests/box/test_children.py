"""Real children of the keeper: they hear its words, and none outlives it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from edubox.box import children, keeper
from tests import needs
from tests.box.test_keeper import Box

#: A child as the keeper starts it, whose work never ends by itself; it says its priority.
ENDLESS = """
import os, sys, time
from edubox.sync.pacing import orders
orders.GRACE = 0.3
orders.kept()
print(os.nice(0), flush=True)
time.sleep(600)
"""


def test_a_child_is_of_lowest_priority_and_ends_with_its_input():
    child = subprocess.Popen([sys.executable, "-c", ENDLESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"19\n"
    child.stdin.close()
    assert child.wait(30) == -signal.SIGTERM
    child.stdout.close()


def test_pupils_come_before_a_child_at_the_disk(tmp_path, monkeypatch):
    needs.programs("ionice")
    program = f"import subprocess\nout = open({str(tmp_path / 'said')!r}, 'w')\nsubprocess.run(['ionice'], stdout=out)"
    begin = children.COMMAND[: children.COMMAND.index(sys.executable)]
    monkeypatch.setattr(children, "COMMAND", [*begin, sys.executable, "-c", program])
    child = children.Process([])
    wait_for(lambda: child.poll() is not None)
    assert (tmp_path / "said").read_text() == "idle\n"


def test_a_real_child_hears_words_and_ends_with_the_keeper(tmp_path, monkeypatch):
    program = (
        f"import os, sys\nprint(os.getpid())\nopen({str(tmp_path / 'said')!r}, 'w').write(sys.stdin.read())"
    )
    monkeypatch.setattr(children, "COMMAND", [sys.executable, "-c", program])
    box = Box(tmp_path)
    box.keeper._spawn = children.Process
    box.keeper.now()
    box.keeper.tick()
    box.keeper.page_opened()
    box.up += 1
    box.keeper.tick()
    begun = time.monotonic()
    box.keeper.end()
    assert time.monotonic() - begun < 10
    assert (tmp_path / "said").read_text() == "reading\nstop\n"


def test_a_child_and_what_it_started_end_though_neither_listens(tmp_path, monkeypatch):
    program = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid) + '\\n')\n"
        "time.sleep(600)"
    )
    monkeypatch.setattr(children, "COMMAND", [sys.executable, "-c", program])
    monkeypatch.setattr(keeper, "GRACE", 0.4)
    box = Box(tmp_path)
    box.keeper._spawn = children.Process
    box.keeper.now()
    box.keeper.tick()
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    box.keeper.end()
    wait_for(lambda: ended(int((tmp_path / "pid").read_text())))


def wait_for(happened, seconds=30):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def ended(pid):
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True
