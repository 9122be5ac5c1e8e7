"""Is the data folder there, and may we write to it?"""

from __future__ import annotations

import os

from edubox.box.health import Box, Finding

TITLE = "Data folder"


def check(box: Box) -> Finding:
    """Broken when the folder or one of its parts is missing, or the card went read-only."""
    missing = [name for name in ("mirror", "keys", "box.toml") if not (box.data / name).exists()]
    if missing:
        return Finding(
            "broken", f"{box.data} lacks {', '.join(missing)}. Make a box in another folder with edubox box init, and copy "
            "from it what is missing.",
        )  # fmt: skip
    if not os.access(box.data, os.W_OK):
        return Finding(
            "broken", f"{box.data} cannot be written to. A card that fails turns read-only: copy it soon."
        )
    return Finding("good", f"{box.data} is complete and can be written to.")
