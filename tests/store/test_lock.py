from __future__ import annotations

import subprocess
import sys

import pytest

from edubox.errors import Busy
from edubox.store.lock import lock


def test_a_second_one_is_told_that_the_folder_is_busy(tmp_path):
    with (
        lock(tmp_path / "x.lock"),
        pytest.raises(Busy, match=str(tmp_path)),
        lock(tmp_path / "x.lock", timeout=0),
    ):
        raise AssertionError
    with lock(tmp_path / "x.lock", timeout=0):
        pass


def test_a_process_that_dies_gives_its_lock_back(tmp_path):
    code = (
        "import sys, os; from pathlib import Path; from edubox.store.lock import lock\n"
        "with lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read(); os._exit(9)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "x.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout.readline() == b"held\n"
    with pytest.raises(Busy), lock(tmp_path / "x.lock", timeout=0):
        raise AssertionError
    child.kill()
    child.communicate()
    with lock(tmp_path / "x.lock", timeout=0):
        pass
