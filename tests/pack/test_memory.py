"""What a lesson of large files takes of a box's memory while it is made: the same, however large they are."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

#: Bytes of memory that one upload may take (the issue).
MOST = 200 * 1024 * 1024
_CHILD = """
import re, sys
from pathlib import Path
from edubox.importers.folder import build_lesson
from edubox.pack import build
build.LARGE = int(sys.argv[3])
made = build_lesson(Path(sys.argv[1]), Path(sys.argv[2]), {"language": "fr"})
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]  # ru_maxrss counts the parent, before exec
print(made.manifest.files[0].media, int(peak) * 1024)
"""


@pytest.mark.parametrize("alone", [True, False])
def test_a_large_file_that_compresses_well_takes_no_more_memory_than_a_small_one(tmp_path, alone):
    # Zeros with a little noise: no bomb, and fast to compress.
    noise = random.Random(7)
    with (tmp_path / "measures.dat").open("wb") as handle:
        for _ in range(120):
            handle.write(bytes(1024 * 1024 - 4096) + noise.randbytes(4096))
    large = 64 * 1024 * 1024 if alone else 1 << 40
    command = [
        sys.executable, "-c", _CHILD, str(tmp_path / "measures.dat"), str(tmp_path / "a.edpack"), str(large)
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    media, peak = done.stdout.split()
    assert media == str(alone)
    assert int(peak) < MOST
