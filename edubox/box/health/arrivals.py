"""Is there something half-fetched that has waited for too long?"""

from __future__ import annotations

import time
from pathlib import Path

from edubox.box.health import Box, Finding
from edubox.store.lock import lock

TITLE = "On the way"
DAY = 86_400
#: Days without a byte after which nobody will finish it.
OLD = 60


def check(box: Box) -> Finding:
    """A note about half-fetched files that nothing was added to for long."""
    waiting = _waiting(box.data)
    old = _old(waiting)
    if old:
        size = sum(path.stat().st_size for path in old)
        return Finding(
            "note",
            f"{len(old)} half-fetched files wait for more than {OLD} days, {size / 1e6:.1f} MB. Bring their source, or "
            "remove them with edubox doctor --fix.",
        )
    return Finding(
        "good", f"{len(waiting)} half-fetched files wait to go on." if waiting else "Nothing is half-fetched."
    )


def fix(box: Box) -> str:
    """Remove the old ones: at worst they are fetched again."""
    with lock(box.data / ".lock"):
        old = _old(_waiting(box.data))
        for path in old:
            path.unlink(missing_ok=True)
    return f"{len(old)} old half-fetched files were removed." if old else ""


def _waiting(data: Path) -> list[Path]:
    return [path for path in (data / "staging" / "fetch").glob("*") if path.is_file()]


def _old(waiting: list[Path]) -> list[Path]:
    now = time.time()
    return [path for path in waiting if now - path.stat().st_mtime > OLD * DAY]
