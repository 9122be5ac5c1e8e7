"""The class as a picture: how many pupils can read, and how many have everything, against time, as SVG without a library.

One panel for each way of beginning. A server's line is full where pupils can read and dotted where all pictures are there
too. Colours are never alone: each server has a place of its own in the legend and the figures stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.prove.classroom import Lesson

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP, LINE = 860, 190, 56, 26, 96, 130, 20
INK, FAINT, GROUND = "#22303a", "#dcdfd9", "#fbfaf6"
COLOURS = ("#0b6e4f", "#3455a0", "#b0530a", "#9b2242", "#69757c")


def draw(lessons: Sequence[Lesson], middle: Callable[[Sequence[Lesson], str, int], Lesson], rate: int) -> str:
    """An SVG of *lessons*; *middle* picks the round that stands for a server and a way of beginning."""
    names = list(dict.fromkeys(one.server for one in lessons))
    spreads = list(dict.fromkeys(one.spread for one in lessons))
    pupils = len(lessons[0].pupils)
    headline = f"{pupils} pupils open the same chapter on one hotspot of {rate} Mbit/s"
    panel = PANEL + GAP + LINE * len(names) - 40
    height = TOP + panel * len(spreads)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" fill="{INK}" font-size="13">',
        f"<title>{headline}</title>",
        "<style>text{font-family:system-ui,sans-serif}.b{font-weight:600}.l{fill:none;stroke-linejoin:round}</style>",
        f'<rect width="{WIDTH}" height="{height}" rx="12" fill="{GROUND}"/>',
        _text(LEFT, 34, headline, kind="b", size=17),
        _line([(LEFT, 60), (LEFT + 34, 60)], INK), _text(LEFT + 42, 64, "can read the text"),
        _line([(LEFT + 190, 60), (LEFT + 224, 60)], INK, dotted=True), _text(LEFT + 232, 64, "have every picture too"),
    ]  # fmt: skip
    for number, spread in enumerate(spreads):
        shown = [middle(lessons, name, spread) for name in names]
        parts += _panel(TOP + number * panel, spread, shown)
    return "\n".join([*parts, "</svg>", ""])


def _panel(top: float, spread: int, shown: list[Lesson]) -> list[str]:
    words = (
        f"They begin one after the other within {spread} seconds"
        if spread
        else "They all begin at the same moment"
    )
    parts = [_text(LEFT, top, words, kind="b")]
    for number, (one, colour) in enumerate(zip(shown, COLOURS, strict=False)):
        y = top + LINE * (number + 1)
        told = (
            f"{one.server}: half of them can read after {_seconds(one.readable)}, the last has all after {_seconds(one.done)}, "
            f"{one.mean('received') / 1000:,.0f} kB each"
        )
        parts.append(_text(LEFT, y, told, colour=colour))
    foot = top + LINE * len(shown) + 14 + PANEL
    longest = 1.05 * max(one.done for one in shown)
    everybody = len(shown[0].pupils)

    def place(seconds: float, count: float) -> tuple[float, float]:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / longest, foot - PANEL * count / everybody

    for count in (0, everybody // 2, everybody):
        y = place(0, count)[1]
        parts += [
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{FAINT}"/>',
            _text(LEFT - 8, y + 4, f"{count}", anchor="end"),
        ]
    step = next(base for base in (0.5, 1, 2, 5, 10, 20, 50) if base * 10 >= longest)
    for tick in range(int(longest / step) + 1):
        x = place(tick * step, 0)[0]
        parts.append(_text(x, foot + 18, f"{tick * step:g}", anchor="middle"))
    parts.append(
        _text(WIDTH - RIGHT, foot + 36, "seconds, for each pupil since touching the link", anchor="end")
    )
    for one, colour in reversed(list(zip(shown, COLOURS, strict=False))):
        for name in ("done", "readable"):
            points = [place(0, 0)]
            for before, seconds in enumerate(sorted(getattr(pupil, name) for pupil in one.pupils)):
                points += [place(seconds, before), place(seconds, before + 1)]
            parts.append(_line(points, colour, dotted=name == "done"))
    return parts


def _seconds(amount: float) -> str:
    return f"{amount:.1f} s" if amount >= 1 else f"{max(amount, 0.01):.2f} s"


def _text(
    x: float, y: float, words: str, *, kind: str = "", anchor: str = "start", colour: str = "", size: int = 0
) -> str:
    more = (f' fill="{colour}"' if colour else "") + (f' font-size="{size}"' if size else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}"{more}>{escape(words)}</text>'


def _line(points: list[tuple[float, float]], colour: str, *, dotted: bool = False) -> str:
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashes = ' stroke-dasharray="2 4"' if dotted else ""
    return f'<path d="{path}" class="l" stroke="{colour}" stroke-width="2.4"{dashes}/>'
