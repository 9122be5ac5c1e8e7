"""How much of the card's life is used, if the card itself says so?"""

from __future__ import annotations

from edubox.box.health import Box, Finding, text

TITLE = "Wear of the card"
#: ``life_time``: tenths of the life that are used, one more than whole ones; 11 is past its end. ``pre_eol_info``: 2 and 3.
_OLD, _ENDED, _SPARES_LOW = 9, 11, 2


def check(box: Box) -> Finding | None:
    """A warning when a card is at its end or short of spare blocks, a note when it is old."""
    used = spares = 0
    found = False
    for device in box.root.glob("sys/block/mmcblk*/device"):
        lives = [_hexadecimal(part) for part in text(device / "life_time").split()]
        used, spares = max([used, *lives]), max(spares, _hexadecimal(text(device / "pre_eol_info")))
        found = found or any(lives)
    if spares >= _SPARES_LOW or used >= _ENDED:
        return Finding(
            "warning", "The card says that it is worn out. Copy it to a new one now, with edubox card move."
        )
    if not found:
        return None
    said = f"About {10 * used} % of the card's life is used, as it says itself"
    return Finding("note", f"{said}. Plan a new one.") if used >= _OLD else Finding("good", f"{said}.")


def _hexadecimal(said: str) -> int:
    try:
        return int(said, 16)
    except ValueError:
        return 0
