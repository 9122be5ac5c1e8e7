"""Draw the map of the printing lesson into its pages: ``python content/make/map.py``.

Coasts and towns are written here as longitude and latitude, so that anybody can check them against an
atlas; the drawing replaces what stands between ``<!-- map -->`` and ``<!-- /map -->`` in ``europe.html``.
The projection is the simplest one that keeps western Europe recognisable: longitudes shrunk by the
cosine of 48°, latitudes as they are.
"""

from __future__ import annotations

import math
from html import escape
from pathlib import Path

LESSONS = Path(__file__).resolve().parent.parent / "lessons"
WEST, EAST, SOUTH, NORTH = -10.9, 24.6, 35.6, 60.6
#: SVG units per degree of latitude.
SCALE = 16.6
SHRINK = math.cos(math.radians(48))

#: Simplified coasts, a point about every hundred kilometres; beyond the frame they close anyhow.
LAND = {
    "mainland": """
        25.5,59.5 24.7,59.45 23.5,59.2 23.5,58.7 24.4,58.3 24.3,57.8 24,57.05 23.2,57.05 22.6,57.75 21.6,57.6
        21,56.8 21,55.9 21.1,55.7 20.5,55 19.9,54.9 19.6,54.45 18.9,54.35 18.6,54.7 18,54.83 16.9,54.6 16.2,54.25
        14.3,53.92 13.6,54.55 13,54.45 12.1,54.2 11.4,53.95 10.9,54 11.1,54.4 10.2,54.45 9.9,54.8 9.6,55.2 9.8,55.6
        10.3,56.2 10.9,56.4 10.3,56.7 10.5,57.4 10.6,57.75 9.9,57.55 8.6,57.1 8.2,56.6 8.1,55.6 8.65,55.2 8.9,54.4
        8.9,53.95 8.5,53.6 8,53.7 7,53.6 7,53.35 6,53.4 5.2,53.2 4.75,52.95 4.55,52.4 4,51.95 3.6,51.5 3.2,51.37
        2.5,51.1 1.6,50.9 1.55,50.2 1,49.9 .1,49.6 .2,49.3 -1.1,49.35 -1.3,49.7 -1.9,49.7 -1.6,48.7 -2.7,48.55
        -3.1,48.85 -4.7,48.5 -4.7,48 -4.3,47.8 -2.8,47.5 -2.2,47.1 -1.8,46.5 -1.15,46.1 -1.1,45.5 -1.25,44.6
        -1.5,43.5 -1.8,43.35 -3.8,43.5 -5.8,43.65 -8,43.75 -9.2,43.1 -8.8,42.2 -8.7,41.1 -8.9,40.2 -9.4,39.3
        -9.5,38.75 -8.9,38.4 -8.8,37.9 -8.95,37 -7.9,37 -7.4,37.2 -6.4,36.8 -6.2,36.35 -5.6,36 -5.2,36.3 -4.4,36.7
        -3,36.75 -2.1,36.75 -1.6,37.4 -.7,37.6 -.5,38.3 .2,38.75 -.3,39.4 .3,40.2 .8,40.75 1.2,41.1 2.2,41.35
        3.2,41.9 3.15,42.4 3.05,43 3.5,43.3 4.4,43.5 5,43.35 6.2,43.05 7.3,43.7 8.8,44.4 9.8,44.05 10.3,43.5
        10.5,42.95 11.6,42.35 12.2,41.75 13,41.25 14,40.8 14.5,40.6 15.3,40.05 15.8,39.6 16.1,38.8 15.65,38.2
        16.05,37.95 16.6,38.45 17.1,39 16.9,39.5 16.6,39.75 16.9,40.4 17.9,40.25 18.4,39.8 18.5,40.15 17.9,40.7
        16.9,41.15 15.9,41.55 16.15,41.85 15.3,41.93 14.2,42.5 13.6,43.5 12.5,44.1 12.3,44.9 12.4,45.4 13.1,45.65
        13.75,45.65 13.5,45.1 13.9,44.8 14.4,45.3 14.9,45 15.2,44.2 16.2,43.5 17.5,42.9 18.5,42.4 19.4,41.85
        19.4,41.3 19.4,40.5 20,39.7 20.75,39 21.1,38.35 22.8,38.2 23.1,37.95 21.8,38.25 21.3,37.7 21.7,36.85
        22.4,36.6 23.1,36.5 22.9,37.4 23.2,37.4 23,37.9 24.05,37.7 24,38.3 22.9,39 23.3,39.2 22.7,40 22.9,40.5
        23.9,40 24.3,40.2 24,40.7 25.5,40.85""",
    "Great Britain": """
        -5.7,50.1 -5.2,49.97 -3.6,50.25 -3.4,50.6 -2.4,50.55 -1.2,50.75 .2,50.75 1,50.95 1.4,51.2 .6,51.45 .9,51.75
        1.6,52.1 1.75,52.6 1.3,52.93 .4,52.9 .2,53.1 .1,53.6 -.2,54.1 -1.2,54.65 -1.6,55.6 -2.1,55.9 -3.2,56
        -2.7,56.3 -2.1,57.1 -1.8,57.6 -4,57.6 -3.1,58.6 -5,58.6 -5.7,57.6 -5.6,56.7 -5.7,55.4 -4.9,55.7 -4.7,55.2
        -5.1,54.75 -3.5,54.9 -3.5,54.4 -2.9,54.1 -3,53.4 -4.4,53.35 -4.5,52.85 -4.1,52.4 -5.2,51.85 -4.3,51.65
        -3.1,51.4 -2.7,51.55 -3.1,51.2 -4.2,51.2 -5,50.5""",
    "Ireland": """
        -6.4,52.2 -8.3,51.8 -9.8,51.45 -10.3,52.1 -9.5,52.6 -9.2,53.2 -10.1,53.5 -9.9,54.2 -8.5,54.3 -8.6,54.7
        -8.2,55.15 -7.3,55.35 -6.1,55.2 -5.5,54.5 -6.1,53.9 -6.1,53.3""",
    "Scandinavia": """
        5,61.2 5,60.3 5.3,59.2 5.6,58.7 7,58 8.2,58.15 9.6,59 10.6,59.3 10.7,59.85 11.1,59 11.8,57.9 12.3,57
        12.7,56.3 12.9,55.6 13,55.4 14.2,55.4 14.7,56.1 15.9,56.1 16.4,56.7 16.7,57.5 16.9,58.5 18,58.9 19,59.8
        18.2,60.3 17.2,60.7 17.2,61.2""",
    "Finland": "21.3,61.2 21.4,60.7 22.9,59.9 25.5,60.2 25.5,61.2",
    "Zealand": "11.1,55.7 11.9,56 12.6,56.05 12.5,55.4 12,54.7 11.2,55.2",
    "Funen": "9.9,55.5 10.7,55.5 10.8,55.1 10,55.15",
    "Gotland": "18.2,57.3 18.9,57.9 18.7,57.3 18.2,57",
    "Corsica": "8.6,42.4 9.4,43 9.5,42.2 9.2,41.4 8.65,41.8",
    "Sardinia": "8.2,40.9 9.2,41.25 9.75,40.6 9.6,39.2 8.9,38.9 8.4,39.1",
    "Sicily": "12.5,38.05 13.4,38.15 15.6,38.25 15.1,37.4 15.1,36.7 14.2,37.05 12.5,37.6",
    "Majorca": "2.4,39.6 3.1,39.95 3.45,39.7 3,39.3",
    "Africa": "-7,34 -6,35.75 -5.35,35.9 -5.3,35.6 -3,35.3 -1,35.7 1,36.4 3,36.85 5,36.8 7.5,37.05 9.8,37.3 11,37 10.5,36.4 10.8,34",
}
RHINE = "7.6,47.56 7.8,48.58 8.27,50 6.96,50.94 6.1,51.85 4.1,51.95"

#: Year of the first printing workshop, longitude, latitude, French name, English name, side of the label.
TOWNS = [
    (1450, 8.27, 50.0, "Mayence", "Mainz", "left"),
    (1460, 7.75, 48.58, "Strasbourg", "Strasbourg", "right"),
    (1465, 6.96, 50.94, "Cologne", "Cologne", "right"),
    (1467, 12.5, 41.9, "Rome", "Rome", "left"),
    (1468, 7.59, 47.56, "Bâle", "Basel", "left"),
    (1469, 12.34, 45.44, "Venise", "Venice", "right"),
    (1470, 2.35, 48.86, "Paris", "Paris", "left"),
    (1470, 11.08, 49.45, "Nuremberg", "Nuremberg", "right"),
    (1471, 9.19, 45.46, "Milan", "Milan", "below"),
    (1471, 14.27, 40.85, "Naples", "Naples", "right"),
    (1472, -4.12, 40.95, "Ségovie", "Segovia", "above"),
    (1473, 4.83, 45.76, "Lyon", "Lyon", "left"),
    (1473, 19.04, 47.5, "Buda", "Buda", "above"),
    (1473, 19.94, 50.06, "Cracovie", "Kraków", "above"),
    (1474, 3.22, 51.21, "Bruges", "Bruges", "above"),
    (1476, -0.13, 51.5, "Westminster", "Westminster", "left"),
    (1477, -5.99, 37.39, "Séville", "Seville", "right"),
    (1483, 18.07, 59.33, "Stockholm", "Stockholm", "below"),
    (1489, -9.14, 38.72, "Lisbonne", "Lisbon", "right"),
]
#: Longitude, latitude, French name, English name.
SEAS = [
    (-9.6, 46.3, "Atlantique", "Atlantic"),
    (0.9, 56.6, "mer du Nord", "North Sea"),
    (3.2, 38.1, "Méditerranée", "Mediterranean"),
]
LABEL = {
    "left": (-9, 4, "end"),
    "right": (9, 4, "start"),
    "above": (0, -10, "middle"),
    "below": (0, 19, "middle"),
}
TEXT = {
    "fr": (
        "Carte des premiers ateliers d’imprimerie en Europe, de 1450 à 1489",
        (
            "Les ateliers apparaissent d’abord le long du Rhin, puis en Italie, à Paris et à Nuremberg, puis de "
            "l’Espagne à la Pologne et de l’Angleterre à la Suède. Le tableau sous la carte donne chaque date."
        ),
        "Rhin",
    ),
    "en": (
        "Map of the first printing workshops in Europe, from 1450 to 1489",
        (
            "Workshops appear first along the Rhine, then in Italy, Paris and Nuremberg, then from Spain to Poland "
            "and from England to Sweden. The table below the map gives every date."
        ),
        "Rhine",
    ),
}


def place(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a point of the Earth lands on the drawing, in SVG units."""
    return round((longitude - WEST) * SHRINK * SCALE, 1), round((NORTH - latitude) * SCALE, 1)


def path(points: str, *, closed: bool) -> str:
    """An SVG path through *points*, written as ``longitude,latitude`` pairs."""
    placed = [place(*map(float, pair.split(","))) for pair in points.split()]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in placed) + ("Z" if closed else "")


def draw(language: str) -> str:
    """The whole figure as inline SVG, labelled in *language* (fr or en)."""
    title, description, river = TEXT[language]
    column = 3 if language == "fr" else 4
    width, height = place(EAST, SOUTH)
    lines = [
        f'<svg class="map" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-labelledby="map-t map-d">',
        f'<title id="map-t">{escape(title)}</title>',
        f'<desc id="map-d">{escape(description)}</desc>',
        *(f'<path class="land" d="{path(points, closed=True)}"/>' for points in LAND.values()),
        f'<path class="river" d="{path(RHINE, closed=False)}"/>',
    ]
    for longitude, latitude, *names in SEAS:
        x, y = place(longitude, latitude)
        lines.append(f'<text class="sea-name" x="{x:g}" y="{y:g}">{names[column - 3]}</text>')
    x, y = place(7.0, 52.1)
    lines.append(f'<text class="sea-name" x="{x:g}" y="{y:g}">{river}</text>')
    for town in TOWNS:
        x, y = place(town[1], town[2])
        dx, dy, anchor = LABEL[town[5]]
        lines.append(
            f'<g class="town" data-year="{town[0]}"><circle cx="{x:g}" cy="{y:g}" r="5.5"/>'
            f'<text x="{x + dx:g}" y="{y + dy:g}" text-anchor="{anchor}">{town[column]}</text></g>'
        )
    return "\n".join([*lines, "</svg>"])


def main() -> None:
    """Redraw the map in both languages."""
    for language in TEXT:
        page = LESSONS / f"printing-{language}" / "europe.html"
        before, _, rest = page.read_text("utf-8").partition("<!-- map -->")
        _, _, after = rest.partition("<!-- /map -->")
        page.write_text(f"{before}<!-- map -->\n{draw(language)}\n<!-- /map -->{after}", "utf-8")


if __name__ == "__main__":
    main()
