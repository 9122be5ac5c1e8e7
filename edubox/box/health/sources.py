"""Does the box know where lessons come from, and can it reach that place?"""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

from edubox.box.health import Box, Finding

TITLE = "Sources"
#: Seconds to wait for a connection; a satellite line needs one and a half.
PATIENCE = 5.0


def check(box: Box) -> Finding:
    """A note when no source answers: the class goes on, only new lessons wait."""
    sources = box.settings["sources"]
    if not sources:
        return Finding("note", "No source is set: lessons come by stick, or with edubox sync --from.")
    answering = [source for source in sources if _answers(source)]
    if not answering:
        return Finding(
            "note", f"None of {len(sources)} sources answers now. Lessons on the box are not affected."
        )
    return Finding("good", f"{len(answering)} of {len(sources)} sources answer.")


def _answers(source: str) -> bool:
    try:
        parts = urlsplit(source)
        if parts.scheme not in {"http", "https"}:
            return (Path(source) / "directory" / "metadata").is_dir()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "", port), timeout=PATIENCE):
            return True
    except (OSError, ValueError):
        return False
