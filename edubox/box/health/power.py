"""Does the power supply give enough, on a Raspberry Pi, which alone says so?"""

from __future__ import annotations

from edubox.box.health import Box, Finding, numbers, text

TITLE = "Power supply"
#: Bits of the firmware's ``get_throttled``: too little voltage now, and since power-on.
_NOW, _SINCE = 1 << 0, 1 << 16
_LOW = "Take the power supply that came with the board, and a short cable: low voltage damages cards."


def check(box: Box) -> Finding | None:
    """A warning while the voltage is too low, a note when it was."""
    bits = _throttled(box)
    if bits is None:
        return None
    if bits & _NOW:
        return Finding("warning", f"The voltage is too low. {_LOW}")
    if bits & _SINCE:
        return Finding("note", f"The voltage was too low since the box was switched on. {_LOW}")
    return Finding("good", "The voltage is right.")


def _throttled(box: Box) -> int | None:
    """What the firmware says; from Debian's kernel, which has an alarm alone, the bit of that."""
    for path in box.root.glob("sys/devices/platform/soc/*/get_throttled"):
        try:
            return int(text(path).removeprefix("0x"), 16)
        except ValueError:
            continue
    for path in box.root.glob("sys/class/hwmon/hwmon*/name"):
        if text(path) == "rpi_volt":
            alarms = numbers(path.parent, "in0_lcrit_alarm")
            return _NOW if any(alarms) else 0
    return None
