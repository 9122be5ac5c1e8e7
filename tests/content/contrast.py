"""How well two colours can be told apart: the contrast ratio of WCAG 2, from 1 to 21; text needs 4.5 (AA)."""

from __future__ import annotations

import re


def contrast(one: str, other: str) -> float:
    """The ratio between two colours written ``#rrggbb`` or ``#rgb``."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(css: str) -> dict[str, dict[str, str]]:
    """The custom properties of a lesson's style sheet that are colours: light and dark, dark over light."""
    roots = re.findall(r":root \{(.*?)\}", css, flags=re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", root)) for root in roots[:2])
    return {"light": light, "dark": light | dark}


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
