"""The one stylesheet: the files of ``SHEETS``, one subject each, and the colours of this country's subjects.

Colours are classes (``s0``, ``s1`` … in the order of the country file) because the pages' security policy forbids
``style`` attributes, and one file is one request.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from edubox.pages.colours import Shades, shades
from edubox.pages.country import Country

#: What pupils' pages look like: the house's own rules first, then those of each subject that has many.
SHEETS = ("pages.css", "finding.css", "device.css")
_COMMENTS, _SPACE = re.compile(r"/\*.*?\*/", re.DOTALL), re.compile(r"\s*\n\s*")


def stylesheet(country: Country) -> str:
    """The whole stylesheet of pages in *country*."""
    light, dark = [], []
    for number, subject in enumerate(country.subjects):
        by_day, by_night = shades(subject.colour)
        light.append(_rule(number, by_day))
        dark.append(_rule(number, by_night))
    written = "\n".join(compact(name) for name in SHEETS)
    return f"{written}{''.join(light)}@media (prefers-color-scheme:dark){{{''.join(dark)}}}"


def _rule(number: int, one: Shades) -> str:
    return f".s{number}{{--soft:{one.soft};--ink:{one.ink};--line:{one.line}}}"


@cache
def compact(name: str) -> str:
    """The stylesheet *name* of this room, without what only its authors need."""
    text = (Path(__file__).parent / name).read_text("utf-8")
    return _SPACE.sub("\n", _COMMENTS.sub("", text)).strip()
