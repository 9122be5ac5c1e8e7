"""Do the lessons keep within the share of the card that they were given?"""

from __future__ import annotations

from edubox.box.health import Box, Finding
from edubox.store.space import MB, use_of

TITLE = "Share of the card"
#: Above this share of the quota the next large lesson will not fit.
NEARLY = 0.9


def check(box: Box) -> Finding:
    """A warning when a quota is used up: old lessons stay, new ones wait or make others leave."""
    size, files = box.settings["quota_mb"] * MB, box.settings["quota_files"]
    if not size and not files:
        return Finding("good", "Lessons may use the whole card, except what reserve_mb keeps free.")
    used = use_of(box.data)
    shares = ([used.size / size] if size else []) + ([used.files / files] if files else [])
    said = f"Lessons use {used.size / MB:.0f} MB and {used.files} files, {max(shares):.0%} of what they may"
    if max(shares) >= 1:
        return Finding(
            "warning", f"{said}. New ones wait: raise quota_mb or quota_files, or follow fewer publishers."
        )
    return Finding("note" if max(shares) > NEARLY else "good", f"{said}.")
