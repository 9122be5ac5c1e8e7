from __future__ import annotations

import subprocess

import pytest

from tests.sync.conftest import box, country  # noqa: F401 - the same country and box


@pytest.fixture
def small_disk(tmp_path):
    """Mount a small disk: ``small_disk(size="1m", nr_inodes=100)`` gives its folder."""
    mounted = []

    def mount(**options):
        folder = tmp_path / "disk"
        folder.mkdir()
        told = ",".join(f"{name}={value}" for name, value in options.items())
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", told, "tmpfs", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"this machine mounts no tmpfs: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)
