"""A light as the kernel shows it: a folder of small files. What is written to ``trigger`` is what it does from then on.

The files are real; what a kernel does by itself when one of them is written (brackets around what was chosen, two more files for
``timer``) is done by ``settle``, which a test calls where it asks again.
"""

from __future__ import annotations

from pathlib import Path

TRIGGERS = ("none", "timer", "heartbeat", "mmc0", "default-on")


class Kernel:
    """The folder *leds*, with no light in it at first."""

    def __init__(self, leds: Path) -> None:
        self.leds = leds
        leds.mkdir()

    def light(self, name: str, trigger: str = "mmc0", triggers: tuple[str, ...] = TRIGGERS) -> Path:
        """Make a light that does *trigger*; without a timer it refuses to blink."""
        made = self.leds / name
        made.mkdir()
        (made / "max_brightness").write_text("255\n")
        (made / "brightness").write_text("0\n")
        (made / "trigger").write_text(" ".join(f"[{one}]" if one == trigger else one for one in triggers))
        for delay in ("delay_on", "delay_off"):
            (made / delay).write_text("500\n")
        return made

    @staticmethod
    def does(light: Path) -> tuple[str, str, str, str]:
        """Trigger, milliseconds on and off, and brightness, as they were last written."""
        return tuple(
            (light / name).read_text().strip() for name in ("trigger", "delay_on", "delay_off", "brightness")
        )

    @staticmethod
    def settle(light: Path) -> None:
        """Show the trigger that was written as a kernel does."""
        chosen = (light / "trigger").read_text().strip()
        (light / "trigger").write_text(" ".join(f"[{one}]" if one == chosen else one for one in TRIGGERS))
