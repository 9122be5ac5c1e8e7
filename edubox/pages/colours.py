"""Colours that can be read: from a subject's one colour, the shades for light and dark pages.

Contrast is that of WCAG 2.2; whatever colour a country chooses, text in its *ink* on its *soft* surface, and white
text on its *deep* surface, keep the 4.5 that AA asks of text. Channels are 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What AA asks of text, with a little more for rounding.
READABLE = 4.6
#: The surfaces of the two modes, as in pages.css; a test compares.
LIGHT_PAGE, LIGHT_CARD = "#f6f7f2", "#ffffff"
DARK_PAGE, DARK_CARD = "#12171d", "#1b222b"
_STEP = 0.04

Channels = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Shades:
    """One subject in one mode: *soft* surface, *ink* for text and icons on it and on cards, *line* for edges."""

    soft: str
    ink: str
    line: str


def shades(colour: str) -> tuple[Shades, Shades]:
    """The shades of *colour* (``#rrggbb``) in light and in dark mode."""
    soft = mix(colour, LIGHT_CARD, 0.12)
    ink = _until_readable(colour, "#000000", soft, LIGHT_CARD)
    dark_soft = mix(colour, DARK_CARD, 0.22)
    dark_ink = _until_readable(colour, "#ffffff", dark_soft, DARK_CARD)
    return Shades(soft, ink, mix(colour, LIGHT_CARD, 0.35)), Shades(
        dark_soft, dark_ink, mix(colour, DARK_CARD, 0.5)
    )


def deep(colour: str) -> str:
    """*colour*, darkened until white text can be read on it: the ground of covers."""
    return _until_readable(colour, "#000000", "#ffffff")


def mix(colour: str, other: str, share: float) -> str:
    """*share* of *colour* in *other*."""
    return _write(
        tuple(a * share + b * (1 - share) for a, b in zip(_read(colour), _read(other), strict=True))
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _until_readable(colour: str, towards: str, *grounds: str) -> str:
    """*colour*, with as little of *towards* as it takes to be read on every one of *grounds*."""
    share = 1.0
    while share > 0:
        found = mix(colour, towards, share)
        if all(contrast(found, ground) >= READABLE for ground in grounds):
            return found
        share -= _STEP
    return towards


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in _read(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _read(colour: str) -> Channels:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _write(channels: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
