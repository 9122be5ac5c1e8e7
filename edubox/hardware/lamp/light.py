"""The light itself: a folder of the kernel's (``/sys/class/leds/ACT``) with a few small files that are read and written.

The kernel blinks by its ``timer`` trigger (a module, ``ledtrig-timer``). Without it a light is on when all is well and dark
otherwise. A light that shines already as it should is not written: it would stumble each time.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from edubox.hardware.lamp.codes import Pattern

LEDS = Path("/sys/class/leds")
#: What the light for what a board does is called: by Debian's kernel on a Raspberry Pi, by Raspberry Pi's own, by others by their
#: function. The red one of a Pi (PWR) tells of its voltage and is left alone; keyboards and network cards have names of their own.
NAMES = ("ACT", "led0", "*:activity", "*:act", "*:status")
_LONGEST = 4096
_CHOSEN = re.compile(r"\[([^\]]+)\]")


def find(leds: Path = LEDS) -> Path | None:
    """The board's light among *leds*; None where there is none."""
    return next((path for name in NAMES for path in sorted(leds.glob(name)) if path.is_dir()), None)


def shine(light: Path, pattern: Pattern) -> None:
    """Let *light* shine as *pattern* says, until it is told otherwise. Raises OSError."""
    if shines(light, pattern):
        return
    if pattern.off and _write(light / "trigger", "timer"):
        _write(light / "delay_on", str(pattern.on))
        _write(light / "delay_off", str(pattern.off))
        return
    if not _write(light / "trigger", "none"):
        raise OSError(f"{light} cannot be told what to do")
    # Without a timer a light that should blink stays dark: on is kept for when all is well.
    _write(light / "brightness", "0" if pattern.off else _said(light / "max_brightness") or "1")


def shines(light: Path, pattern: Pattern) -> bool:
    """Whether *light* does what *pattern* says."""
    chosen = _CHOSEN.search(_said(light / "trigger"))
    trigger = chosen[1] if chosen else ""
    if pattern.off:
        delays = _said(light / "delay_on"), _said(light / "delay_off")
        return trigger == "timer" and delays == (str(pattern.on), str(pattern.off))
    return trigger == "none" and _said(light / "brightness") not in {"", "0"}


def _said(path: Path) -> str:
    """What a file of the kernel says; empty where there is none."""
    try:
        with path.open("rb") as handle:
            return handle.read(_LONGEST).decode("ascii", "replace").strip()
    except OSError:
        return ""


def _write(path: Path, word: str) -> bool:
    """Whether the kernel took *word*. No file is ever made."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(handle, word.encode("ascii"))
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
