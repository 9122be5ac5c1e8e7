"""Does the card take what is written, and has its file system counted errors?"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from edubox.box.health import Box, Finding

TITLE = "Card"
#: Seconds that one small file may take to reach the card.
SLOW = 5.0


def check(box: Box) -> Finding:
    """Broken when the card is read-only or refuses a file, a warning when its file system has met errors."""
    if os.statvfs(box.data).f_flag & os.ST_RDONLY:
        return Finding(
            "broken", "The card is read-only, as a card makes itself when it fails. Lessons go on; copy it to a new one soon."
        )  # fmt: skip
    begin = time.monotonic()
    try:
        with tempfile.TemporaryFile(dir=box.data) as file:
            file.write(b"edubox")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Finding(
            "broken",
            f"Nothing can be written to the card ({error.strerror}). Lessons go on; see its room first.",
        )
    took = time.monotonic() - begin
    errors = counted_errors(box.data)
    if errors:
        return Finding(
            "warning",
            f"The card's file system has met {errors} errors. Copy the data folder to a new card, or let e2fsck look at it.",
        )
    if took > SLOW:
        return Finding(
            "note", f"One small file took {took:.0f} s to reach the card: it is very busy, or wearing out."
        )
    return Finding("good", "A file can be written and reaches the card.")


def counted_errors(data: Path) -> int:
    """What ext4 has counted since the file system was made or last checked; 0 where nothing counts."""
    device = os.stat(data).st_dev
    name = os.path.basename(os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"))
    try:
        return int(Path("/sys/fs/ext4", name, "errors_count").read_text("ascii"))
    except (OSError, ValueError):
        return 0
