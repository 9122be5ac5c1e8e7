"""The stick of these tests, on a disk that nobody waits for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from edubox.store import fat
from tests.sync.carried.carrier import Carrier


@pytest.fixture
def quick_disk(monkeypatch):
    """Nobody pulls this machine's plug."""
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(fat, "sync_disk", lambda _: None)


@pytest.fixture
def carrier(quick_disk, tmp_path):
    # In memory where that is possible: a thousand small folders are made and removed.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Carrier(Path(folder))
