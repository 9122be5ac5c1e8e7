"""A closer look, when a person asks for it: the doctor's checks in a child that ends.

Some of them read much or ask a source, which no page may wait for on its own; and what they import must not
stay in the serving process. One look at a time is enough for a school.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from pathlib import Path

from edubox.program import EDUBOX

#: Seconds that a person waits for an answer.
PATIENCE = 60.0
_one_at_a_time = threading.Lock()


def checkup(data: Path) -> list[tuple[str, str, str]]:
    """Name, level and sentence of every check of the box in *data*; none if it takes too long or is being done."""
    if not _one_at_a_time.acquire(blocking=False):
        return []
    try:
        done = subprocess.run(
            [*EDUBOX, "doctor", "--json", "--data", str(data)],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return [(one["name"], one["level"], one["says"]) for one in json.loads(done.stdout)["checks"]]
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError, TypeError):
        return []
    finally:
        _one_at_a_time.release()


def support_file(data: Path) -> bytes:
    """The zip for a technician; empty if it takes too long."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "edubox-support.zip"
            subprocess.run(
                [*EDUBOX, "support", "--json", "--data", str(data), "-o", str(made)],
                stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False,
            )  # fmt: skip
            return made.read_bytes()
    except (subprocess.TimeoutExpired, OSError):
        return b""
