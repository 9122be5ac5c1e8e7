"""A cover for every lesson, drawn from its subject and title: the same lesson always looks the same.

The subject gives colour and icon, the title's hash gives one of a few motifs and its turn, so that a shelf of one
subject is a family without twins. A cover is decoration; the title stands beside it as text.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

from markupsafe import Markup

from edubox.pages.colours import deep, mix
from edubox.pages.country import PLAIN, Topic
from edubox.pages.icons import strokes

WIDTH, HEIGHT = 320, 180


class _Dice:
    """Numbers out of a title: its SHA-256, byte after byte."""

    def __init__(self, text: str) -> None:
        self._bytes = hashlib.sha256(text.encode()).digest()
        self._at = 0

    def roll(self, low: float, high: float) -> int:
        value = self._bytes[self._at % len(self._bytes)]
        self._at += 1
        return round(low + (high - low) * value / 255)


def cover(title: str, subject: Topic | None) -> Markup:
    """The cover as inline SVG, 16:9."""
    dice = _Dice(title)
    colour = subject.colour if subject else PLAIN
    ground = deep(colour)
    motif = _MOTIFS[dice.roll(0, 251) % len(_MOTIFS)]
    light, lighter = mix(ground, "#ffffff", 0.82), mix(ground, "#ffffff", 0.66)
    dark = mix(ground, "#000000", 0.72)
    sign = strokes(subject.icon if subject else "book")
    # The motif fills whatever shape the cover has; the disc keeps its size and stays in the middle.
    drawing = (
        f'<svg class="cover" aria-hidden="true"><svg width="100%" height="100%" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="xMidYMid slice"><path fill="{ground}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'{motif(dice, light, lighter, dark)}</svg><svg x="50%" y="50%" overflow="visible"><g class="disc">'
        f'<circle r="28" fill="{dark}"/><circle r="26" fill="#fff"/><g transform="translate(-18 -18) scale(1.5)" '
        f'fill="none" stroke="{ground}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">{sign}</g></g>'
        f"</svg></svg>"
    )
    return Markup(drawing)  # noqa: S704 - numbers, checked colours and our own shapes


def _hills(dice: _Dice, light: str, lighter: str, dark: str) -> str:
    layers = []
    for number, fill in enumerate((lighter, light, dark)):
        y = 70 + 36 * number
        a, b, c = (y + dice.roll(-26, 26) for _ in range(3))
        layers.append(f'<path fill="{fill}" d="M0 {y}C60 {a} 110 {b} 165 {y}S270 {c} 320 {y - 12}V180H0z"/>')
    sun = f'<circle cx="{dice.roll(30, 290)}" cy="{dice.roll(24, 48)}" r="{dice.roll(12, 20)}" fill="#fff" opacity=".85"/>'
    return sun + "".join(layers)


def _orbits(dice: _Dice, light: str, lighter: str, dark: str) -> str:
    x, y = dice.roll(20, 300), dice.roll(10, 170)
    rings = "".join(
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{light if radius % 80 else lighter}" stroke-width="14"/>'
        for radius in range(40, 330, 40)
    )
    planets = "".join(
        f'<circle cx="{x + radius * math.cos(turn):.0f}" cy="{y + radius * math.sin(turn):.0f}" r="{size}" fill="{fill}"/>'
        for radius, size, fill in ((80, 11, "#fff"), (160, 17, dark), (240, 13, "#fff"))
        for turn in (dice.roll(0, 628) / 100,)
    )
    return rings + planets


def _tiles(dice: _Dice, light: str, lighter: str, dark: str) -> str:
    shapes = []
    for number in range(28):
        x, y = 40 * (number % 8), 45 * (number // 8)
        fill = (light, lighter, dark, "")[dice.roll(0, 3)]
        turn = dice.roll(0, 3)
        if not fill:
            continue
        corners = (
            f"M{x} {y}h40a40 45 0 0 1-40 45z", f"M{x} {y}h40v45a40 45 0 0 1-40-45z",
            f"M{x} {y}h40v45h-40z", f"M{x} {y + 45}v-45a40 45 0 0 1 40 45z",
        )  # fmt: skip
        shapes.append(f'<path fill="{fill}" d="{corners[turn]}"/>')
    return "".join(shapes)


def _rays(dice: _Dice, light: str, lighter: str, dark: str) -> str:
    x, y, begin = dice.roll(20, 300), dice.roll(120, 200), dice.roll(0, 30)
    beams = []
    for number in range(9):
        turn = math.radians(begin + 40 * number)
        ends = [(x + 420 * math.cos(turn + half), y + 420 * math.sin(turn + half)) for half in (-0.16, 0.16)]
        fill = light if number % 2 else lighter
        beams.append(
            f'<path fill="{fill}" d="M{x} {y}L{ends[0][0]:.0f} {ends[0][1]:.0f}L{ends[1][0]:.0f} {ends[1][1]:.0f}z"/>'
        )
    return "".join(beams) + f'<circle cx="{x}" cy="{y}" r="46" fill="{dark}"/>'


def _bubbles(dice: _Dice, light: str, lighter: str, dark: str) -> str:
    shapes = []
    for number in range(11):
        fill = (light, lighter, dark)[number % 3]
        x, y, radius = 32 * number - 8 + dice.roll(-14, 14), dice.roll(0, 180), dice.roll(12, 48)
        shapes.append(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>')
    return "".join(shapes)


def _waves(dice: _Dice, light: str, lighter: str, dark: str) -> str:
    shift, height = dice.roll(0, 80), dice.roll(10, 22)
    lines = []
    for number in range(7):
        y, stroke = 8 + 28 * number, (light, lighter, dark)[number % 3]
        start = -shift - 40 * (number % 2)
        bows = f"q20 {-height} 40 0t40 0" + "t40 0" * 9
        lines.append(f'<path fill="none" stroke="{stroke}" stroke-width="11" d="M{start} {y}{bows}"/>')
    return "".join(lines)


_MOTIFS: tuple[Callable[[_Dice, str, str, str], str], ...] = (
    _hills,
    _orbits,
    _tiles,
    _rays,
    _bubbles,
    _waves,
)
