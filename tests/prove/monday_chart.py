"""The release as a picture: how many schools have the lesson, and what the hub sends, against time; SVG without a library."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from tests.country.monday import DAY, STEP, Course

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 860, 190, 70, 26, 150, 90
INK, FAINT, GROUND = "#22303a", "#dcdfd9", "#fbfaf6"
STROKES = (("#9b2242", "12 4 3 4"), ("#b0530a", "3 4"), ("#3455a0", "10 5"), ("#0b6e4f", ""))
#: Days that are drawn, counted from Monday, 8:00.
FROM, TO = -3, 4
NAMES = ("Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri")


def draw(courses: Mapping[str, Course], boxes: int) -> str:
    """An SVG of *courses* of a release to so many *boxes*."""
    height = TOP + 2 * (PANEL + GAP)
    title = f"500 MB for {boxes} schools, shown on Monday at 8:00"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" fill="{INK}" font-size="13">',
        f"<title>{title}</title>", "<style>text{font-family:system-ui,sans-serif}.b{font-weight:600}.l{fill:none;stroke-linejoin:round}</style>",
        f'<rect width="{WIDTH}" height="{height}" rx="12" fill="{GROUND}"/>', _text(LEFT, 34, title, "b", 17),
    ]  # fmt: skip
    for number, (name, stroke) in enumerate(zip(courses, STROKES, strict=True)):
        x, y = LEFT + (number % 2) * 380, 62 + number // 2 * 24
        parts += [_line([(x, y), (x + 34, y)], stroke), _text(x + 42, y + 4, name)]
    top = max(course.peak_gbit for course in courses.values()) or 1
    for place, words, unit in (
        (0, "Schools that have all of it", "100 %"),
        (1, "What the hub sends", f"{top:.1f} Gbit/s"),
    ):
        y = TOP + place * (PANEL + GAP)
        parts += [
            _text(LEFT, y - 14, words, "b"),
            _text(LEFT - 8, y + 5, unit, end=True),
            _text(LEFT - 8, y + PANEL + 4, "0", end=True),
        ]
        for day in range(FROM, TO + 1):
            x = _x(day * DAY)
            parts += [f'<path d="M{x:.1f} {y}V{y + PANEL}" stroke="{INK if day == 0 else FAINT}"/>']
            parts += [_text(x - 14, y + PANEL + 18, NAMES[day - FROM])]
    for course, stroke in zip(courses.values(), STROKES, strict=True):
        parts += [_line(_ready(course, boxes), stroke), _line(_sent(course, top), stroke)]
    return "\n".join([*parts, "</svg>", ""])


def _x(second: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (second / DAY - FROM) / (TO - FROM)


def _ready(course: Course, boxes: int) -> list[tuple[float, float]]:
    ordered = sorted(course.done)
    points = [
        (_x(ordered[number]), _top(0) + PANEL * (1 - number / boxes))
        for number in range(0, len(ordered), max(len(ordered) // 300, 1))
        if FROM * DAY <= ordered[number] <= TO * DAY
    ]
    if ordered and ordered[-1] <= TO * DAY:
        y = _top(0) + PANEL * (1 - len(ordered) / boxes)
        points += [(_x(ordered[-1]), y), (_x(TO * DAY), y)]
    return points


def _sent(course: Course, top: float) -> list[tuple[float, float]]:
    """The mean of each half hour."""
    points, wide = [], 30
    for begin in range(0, len(course.sent), wide):
        second = course.begin + begin * STEP
        if FROM * DAY <= second <= TO * DAY:
            share = sum(course.sent[begin : begin + wide]) * 8 / (wide * STEP) / 1e9 / top
            points.append((_x(second), _top(1) + PANEL * (1 - share)))
    return points


def _top(place: int) -> float:
    return TOP + place * (PANEL + GAP)


def _line(points: list[tuple[float, float]], stroke: tuple[str, str]) -> str:
    colour, dashes = stroke
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""
    return f'<path class="l" d="{path}" stroke="{colour}" stroke-width="2.4" stroke-dasharray="{dashes}"/>'


def _text(x: float, y: float, words: str, kind: str = "", size: int = 13, *, end: bool = False) -> str:
    anchor = "end" if end else "start"
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'
