from __future__ import annotations

import os

import pytest

from edubox.trust import keys
from tests.box.own.school import School


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch):
    """Keys that open quickly and a disk that is not waited for: both have their own tests elsewhere."""
    monkeypatch.setattr(keys, "SCRYPT_N", 2**14)
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def school(tmp_path, quick_keys):
    return School(tmp_path / "school")
