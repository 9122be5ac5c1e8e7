"""The proof as a picture: how much of each lesson is there against time, a panel for each lesson, as SVG without a library.

All ways fill the line, so each rises by the share of what it has to move: who moves less is steeper. Colours are never alone:
each way has dashes of its own. The card has its own ground and reads the same on a light and on a dark page.
"""

from __future__ import annotations

from html import escape

from tests.prove.lessons import Task
from tests.prove.line import RATE
from tests.prove.measure import Result

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 860, 180, 70, 26, 92, 118
INK, FAINT, GROUND = "#22303a", "#dcdfd9", "#fbfaf6"
#: Colour, dashes and width of the ideal, and of each way in the order of ``peers.WAYS``.
IDEAL = ("#69757c", "2 4", 2.0)
STROKES = (
    ("#0b6e4f", "", 3.4), ("#3455a0", "10 5", 2.2), ("#b0530a", "3 4", 2.6), ("#9b2242", "12 4 3 4", 2.2),
)  # fmt: skip
TITLES = {
    "full": "The whole manual, for a new box: share of its bytes that came",
    "update": "The manual’s next version: share of its bytes that came",
    "film": "A film that takes longer than the line holds: share of it that is there",
}


def draw(headline: str, measured: list[tuple[Task, list[Result]]]) -> str:
    """An SVG of the lessons and of the ways that brought them."""
    height = TOP + len(measured) * (PANEL + GAP) - 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" fill="{INK}" font-size="13">',
        f"<title>{headline}</title>",
        "<style>text{font-family:system-ui,sans-serif}.b{font-weight:600}.l{fill:none;stroke-linejoin:round}</style>",
        f'<rect width="{WIDTH}" height="{height}" rx="12" fill="{GROUND}"/>',
        f'<text x="{LEFT}" y="34" class="b" font-size="17">{headline}</text>',
        *_legend(["ideal", *(one.way for one in measured[0][1])]),
    ]
    for number, (task, results) in enumerate(measured):
        parts += _panel(TOP + 50 + number * (PANEL + GAP), number, task, results)
    return "\n".join([*parts, "</svg>", ""])


def _legend(names: list[str]) -> list[str]:
    parts: list[str] = []
    x = LEFT
    for name, stroke in zip(names, (IDEAL, *STROKES), strict=True):
        parts += [_path([(x, 60), (x + 34, 60)], stroke), _text(x + 40, 64, name)]
        x += 66 + round(7.2 * len(name))
    return parts


def _panel(top: float, number: int, task: Task, results: list[Result]) -> list[str]:
    ideal = task.necessary / RATE
    # As long as the slowest of those that were awaited; whose time is an estimate leaves the panel.
    longest = 1.06 * max(one.seconds for one in results if one.share in {0, 1})

    def place(seconds: float, share: float) -> tuple[float, float]:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / longest, top + PANEL * (1 - share)

    parts = [
        _text(LEFT, top - 34, TITLES[task.name], "b"), _ends(top - 14, ideal, results), *_axes(top, longest),
        f'<clipPath id="p{number}"><path d="M{LEFT} {top - 3}H{WIDTH - RIGHT}V{top + PANEL + 2}H{LEFT}"/></clipPath>',
        f'<g clip-path="url(#p{number})">', _path([place(0, 0), place(ideal, 1)], IDEAL),
    ]  # fmt: skip
    for one, stroke in reversed(list(zip(results, STROKES, strict=True))):
        whole = task.necessary if task.name == "film" else one.received / one.share
        points = [place(seconds, amount / whole) for seconds, amount in one.samples if seconds <= one.seconds]
        parts.append(_path([*points, place(one.seconds, 1)] if one.share == 1 else points, stroke))
    return [*parts, "</g>"]


def _ends(y: float, ideal: float, results: list[Result]) -> str:
    """How long each took, in its colour."""
    words = [f'<tspan fill="{IDEAL[0]}">ideal {ideal:.1f} s</tspan>']
    for one, (colour, *_) in zip(results, STROKES, strict=True):
        if one.share:
            took = f"{one.seconds:.1f} s" if one.share == 1 else f"about {one.seconds / one.share:.0f} s"
        else:
            took = "never"
        words.append(f'<tspan fill="{colour}">{escape(one.way)} {took}</tspan>')
    return f'<text x="{LEFT}" y="{y}">{" · ".join(words)}</text>'


def _axes(top: float, longest: float) -> list[str]:
    foot, right = top + PANEL, WIDTH - RIGHT
    parts = []
    for percent in (0, 25, 50, 75, 100):
        y = foot - PANEL * percent / 100
        parts += [
            f'<path d="M{LEFT} {y:g}H{right}" stroke="{FAINT}"/>',
            _text(LEFT - 8, y + 4, f"{percent} %", anchor="end"),
        ]
    step = next(
        base * 10**power for power in range(5) for base in (1, 2, 5) if base * 10**power * 9 >= longest
    )
    for seconds in range(0, int(longest) + 1, step):
        x = LEFT + (right - LEFT) * seconds / longest
        parts += [
            f'<path d="M{x:.1f} {foot}v4" stroke="{INK}"/>',
            _text(x, foot + 18, f"{seconds}", anchor="middle"),
        ]
    return [
        *parts, f'<path d="M{LEFT} {top}V{foot}H{right}" class="l" stroke="{INK}"/>',
        _text(right, foot + 36, "seconds", anchor="end"),
    ]  # fmt: skip


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def _path(points: list[tuple[float, float]], stroke: tuple[str, str, float]) -> str:
    colour, dashes, width = stroke
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="{line}" class="l" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'
