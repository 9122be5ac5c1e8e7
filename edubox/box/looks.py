"""How the box is, as far as its light tells: asked every few minutes, as root, so it reads little, writes nothing and asks nobody.

The page for the person in charge knows more (``checkup``): whether keys are closed, a source answers, a backup is old. None of
that is a reason to call somebody to the box; what is here is.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from edubox.box.health import LEVELS, Box, examine, text
from edubox.box.health.card import counted_errors
from edubox.box.works import pages_are_served
from edubox.errors import BadInput
from edubox.hardware.card import state as card
from edubox.hardware.lamp.states import PREPARES, WRITES, Facts
from edubox.settings import BY_NAME, load_settings

#: Checks that read notes of the system and files of the kernel, and open nothing of the box's own user.
CHECKS = ("prepared", "free_space", "systems", "temperature", "power", "wear", "radio")
_ASKS = 10.0


def facts(data: Path, system: Path) -> Facts:
    """What is known of the box in *data* whose card keeps its state in *system*."""
    settings = _settings(data)
    served = settings is not None and not pages_are_served(settings)
    return Facts(
        at_work(), card.read(system).outcome, served, _up(), settings is None or is_ill(Box(data, settings))
    )


def is_ill(box: Box) -> bool:
    """Whether something of the computer or its card needs somebody: by the levels that the page calls so too."""
    answers = examine(box, CHECKS)
    if answers and LEVELS.index(answers[0].finding.level) >= LEVELS.index("warning"):
        return True
    try:
        return counted_errors(box.data) > 0
    except OSError:
        return True


def at_work() -> frozenset[str]:
    """Those of the units that write for long which are doing it now; none where there is no systemd."""
    units = (WRITES, PREPARES)
    try:
        told = subprocess.run(
            ["systemctl", "is-active", *units], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_ASKS, check=False,
        ).stdout.split()  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(unit for unit, said in zip(units, told, strict=False) if said == "activating")


def _settings(data: Path) -> dict[str, Any] | None:
    """The box's settings, those of any box while it is not there; None if they have a mistake."""
    try:
        return (
            load_settings(data / "box.toml")
            if data.is_dir()
            else {name: one.default for name, one in BY_NAME.items()}
        )
    except BadInput:
        return None


def _up() -> float:
    """Seconds since power-on."""
    try:
        return float(text(Path("/proc/uptime")).split()[0])
    except (ValueError, IndexError):
        return 0.0
