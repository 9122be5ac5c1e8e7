"""How many devices, never which, are on the box's own network, if it has one?"""

from __future__ import annotations

from edubox.box.health import Box, Finding
from edubox.hardware.hotspot.dnsmasq import LEASES

TITLE = "Devices on the hotspot"
#: What the radio of a small board serves well, and lines that are counted.
WELL, MOST = 19, 1000


def check(box: Box) -> Finding | None:
    """A note when there are more than a small radio serves."""
    try:
        with (box.root / LEASES.lstrip("/")).open("rb") as leases:
            count = sum(1 for line, _ in zip(leases, range(MOST), strict=False) if line[:1].isdigit())
    except OSError:
        return None
    if count > WELL:
        return Finding(
            "note", f"{count} devices have an address. The board's own radio serves about 8 to {WELL}: plug in an access point."
        )  # fmt: skip
    return Finding("good", f"{count} devices have an address.")
