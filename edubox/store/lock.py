"""One at a time: an advisory lock on a file, held by a process and freed by the kernel when it dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edubox.errors import Busy

#: Seconds to wait for another process (DESIGN, Errors).
PATIENCE = 30.0
_TURN = 0.05


@contextmanager
def lock(path: Path, timeout: float = PATIENCE) -> Iterator[None]:
    """Hold the lock file *path*, waiting at most *timeout* seconds; raises Busy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Busy(path=path.parent) from None
                time.sleep(_TURN)
        yield
    finally:
        os.close(handle)
