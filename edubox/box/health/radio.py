"""Does the box make the network that was wished, and for how many phones?"""

from __future__ import annotations

from edubox.box.health import Box, Finding
from edubox.hardware.hotspot import state
from edubox.hardware.hotspot.radio import A_CLASS

TITLE = "Wi-Fi and cable"


def check(box: Box) -> Finding | None:  # noqa: ARG001 - every check is asked in the same way
    """A warning with everything that ``edubox hotspot apply`` found wrong; a note where the radio is too small for a class."""
    found = state.read()
    if found is None:
        return None
    if found.wrong:
        return Finding("warning", " ".join(found.wrong))
    if found.wifi and found.carries[1] < A_CLASS:
        low, high = found.carries
        return Finding(
            "note",
            f"The Wi-Fi {found.wifi} is on channel {found.channel}. This radio serves about {low} to {high} devices: "
            "plug in an access point for a class.",
        )
    if not found.address:
        return Finding("good", "The box is a guest on the school's network and makes none of its own.")
    return Finding("good", f"The box is http://{found.address}/ on its own network.")
