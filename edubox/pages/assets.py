"""What pages load besides themselves: the desk's stylesheet, the desk's script, and the one script of pupils' pages.

An asset's address names its content, so that a browser keeps it for a year and a static site can hold it as a file. The
pupils' script is written in several files, one subject each (``scripts/``); browsers get them as one, in one scope, since
each request costs a class its turn on the air. Pages work without it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edubox.pages.stylesheet import compact

_HERE = Path(__file__).parent
#: The files of the pupils' script, in the order in which they may use one another.
PUPIL_SCRIPTS = ("device.js",)
_REMARK = re.compile(r"^\s*//.*\n|^\s+|\n(?=\n)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load; its *address* names its content."""

    text: str
    media_type: str
    address: str


@cache
def asset(name: str) -> Asset:
    """The asset *name*: ``pupil.js``, ``desk.js`` or ``desk.css``. Raises KeyError."""
    text, media_type = {"pupil.js": _pupil, "desk.js": _desk_script, "desk.css": _desk_sheet}[name]()
    stem, _, kind = name.partition(".")
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Asset(text, media_type, f"/{stem}-{version}.{kind}")


def _pupil() -> tuple[str, str]:
    written = "".join((_HERE / "scripts" / name).read_text("utf-8") for name in PUPIL_SCRIPTS)
    return '"use strict";(()=>{\n' + _REMARK.sub("", written) + "})();\n", "text/javascript"


def _desk_script() -> tuple[str, str]:
    return (_HERE / "desk.js").read_text("utf-8"), "text/javascript"


def _desk_sheet() -> tuple[str, str]:
    return compact("desk.css"), "text/css"
