"""Is the computer too hot, if anything in it measures that?"""

from __future__ import annotations

from edubox.box.health import Box, Finding, numbers

TITLE = "Temperature"
#: Degrees Celsius from which boards slow down, and from which they are near their end.
WARM, HOT = 75, 82
#: What no processor that still runs can have: a sensor that says so is broken or none.
_POSSIBLE = range(-40, 130)


def check(box: Box) -> Finding | None:
    """A note when it is warm, a warning when it is hot."""
    measured = [value // 1000 for value in numbers(box.root, "sys/class/thermal/thermal_zone*/temp")]
    degrees = max((value for value in measured if value in _POSSIBLE), default=None)
    if degrees is None:
        return None
    said = f"The processor has {degrees} °C"
    if degrees >= HOT:
        return Finding(
            "warning",
            f"{said}, and slows down. Take it out of the sun and off the radiator, and free its openings.",
        )
    if degrees >= WARM:
        return Finding("note", f"{said}: it is warm. Leave room around the box.")
    return Finding("good", f"{said}.")
