"""What pages load besides themselves: the desk's stylesheet and script, the one script of pupils' pages, pictures for pupils.

An asset's address names its content, so that a browser keeps it for a year and a static site can hold it as a file. The
pupils' script is written in several files, one subject each (``scripts/``); browsers get them as one, in one scope, since
each request costs a class its turn on the air. The page about the device needs more than the others and loads the same with
a file more. Pages work without any.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edubox.pages import faces
from edubox.pages.stylesheet import compact

_HERE = Path(__file__).parent
#: The files of the pupils' script, in the order in which they may use one another.
PUPIL_SCRIPTS = ("device.js", "people.js", "comfort.js", "progress.js", "frame.js", "search.js", "classes.js")
_REMARK = re.compile(r"^\s*//.*\n|^\s+|\n(?=\n)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load; its *address* names its content."""

    text: str
    media_type: str
    address: str


@cache
def asset(name: str) -> Asset:
    """The asset *name*; raises KeyError.

    ``pupil.js``, ``mine.js`` (of the page about the device), ``pictures.svg``, ``forget.html``, ``booklet.css``, ``handing.css``, ``door.css``, ``desk.js``, ``desk.css``, ``upload.js``, ``upload.css``, ``photos.js``, ``state.js``, ``preview.css``,
    ``write.js``, ``write.css`` (of text pages and quizzes) ``quiz.js``,
    ``compose.js`` or ``compose.css`` (of a draft).
    """
    makers: dict[str, Callable[[], tuple[str, str]]] = {
        "pupil.js": lambda: _together(*PUPIL_SCRIPTS), "mine.js": lambda: _together(*PUPIL_SCRIPTS, "mine.js"),
        "pictures.svg": _pictures, "forget.html": _forget, "desk.js": _desk_script, "desk.css": _desk_sheet,
        "enter.js": lambda: ((_HERE / "enter.js").read_text("utf-8"), "text/javascript"),
        "upload.js": lambda: _together("sending.js", "upload.js"), "upload.css": lambda: (compact("upload.css"), "text/css"),
        "preview.css": lambda: (compact("preview.css"), "text/css"), "write.css": lambda: (compact("write.css"), "text/css"),
        "write.js": lambda: (_script("write.js"), "text/javascript"), "quiz.js": lambda: (_script("quiz_editor.js"), "text/javascript"),
        "compose.js": lambda: (_script("compose.js"), "text/javascript"), "compose.css": lambda: (compact("compose.css"), "text/css"),
        "state.js": lambda: (_script("state.js"), "text/javascript"),
        "photos.js": lambda: (_script("photos.js"), "text/javascript"),
        "booklet.css": lambda: (compact("booklet.css"), "text/css"), "handing.css": lambda: (compact("handing.css"), "text/css"), "door.css": lambda: (compact("door.css"), "text/css"),
    }  # fmt: skip
    text, media_type = makers[name]()
    stem, _, kind = name.partition(".")
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Asset(text, media_type, f"/{stem}-{version}.{kind}")


def _together(*names: str) -> tuple[str, str]:
    written = "".join((_HERE / "scripts" / name).read_text("utf-8") for name in names)
    return '"use strict";(()=>{\n' + _REMARK.sub("", written) + "})();\n", "text/javascript"


def _script(name: str) -> str:
    return (_HERE / "scripts" / name).read_text("utf-8")


def _pictures() -> tuple[str, str]:
    return faces.sheet(), "image/svg+xml"


def _forget() -> tuple[str, str]:
    return (_HERE / "forget.html").read_text("utf-8"), "text/html"


def _desk_script() -> tuple[str, str]:
    return (_HERE / "desk.js").read_text("utf-8"), "text/javascript"


def _desk_sheet() -> tuple[str, str]:
    return compact("desk.css"), "text/css"
