"""Data in, HTML out: fills the desk's templates, and holds what they load besides themselves.

The look is the house's: the stylesheet begins with the variables and rules of ``edubox.pages`` and adds what tables need.
Templates escape whatever they are given; what comes from boxes and teachers is never believed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from edubox.hub.accounts.roles import Person
from edubox.hub.desk.actions import ACTIONS
from edubox.hub.desk.words import LANGUAGES, templates, translations
from edubox.pages import amounts, icons
from edubox.pages.sheet import qr
from edubox.pages.stylesheet import compact
from edubox.pages.words import NAMES

BASE = "/bureau"
_HERE = Path(__file__).parent
_COMMENTS, _SPACE = re.compile(r"/\*.*?\*/", re.DOTALL), re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a page: whose hub, for whom, in which language. *rooms* are (name, address, words, number that waits)."""

    country: str
    language: str
    person: Person | None = None
    csrf: str = ""
    here: str = ""
    rooms: tuple[tuple[str, str, str, int], ...] = ()
    #: The address of this page, to come back to in another language.
    address: str = f"{BASE}/"


def page(around: Around, template: str, shown: Mapping[str, Any]) -> str:
    """The page that *template* makes of what is *shown*."""
    words = translations(around.language)
    return _environment(around.language).get_template(template).render(
        around=around, base=BASE, languages=[(one, NAMES[one]) for one in LANGUAGES if one != around.language],
        csrf=Markup('<input type="hidden" name="csrf" value="{}">').format(around.csrf),
        size=lambda count: amounts.size(count, words), day=lambda moment: amounts.day(moment, words),
        ago=lambda seconds: amounts.ago(seconds, words), moment=lambda seconds: _moment(seconds, around.language), **shown,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _environment(language: str) -> Environment:
    environment = templates(_HERE / "templates", language)
    environment.globals |= {
        "icon": icons.icon,
        "asset": lambda name: asset(name)[2],
        "qr": qr,
        "actions": ACTIONS,
    }
    return environment


@cache
def asset(name: str) -> tuple[str, str, str]:
    """The file *name* that pages load: its text, its media type, its address, which names its content. Raises KeyError."""
    if name == "desk.css":
        text = "\n".join((compact("pages.css"), compact("device.css"), compact("desk.css"), _own("hub.css")))
        kind = "text/css"
    elif name == "passkey.js":
        text, kind = (_HERE / "passkey.js").read_text("utf-8"), "text/javascript"
    else:
        raise KeyError(name)
    stem, _, ending = name.partition(".")
    return text, kind, f"{BASE}/{stem}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.{ending}"


def _own(name: str) -> str:
    return _SPACE.sub("\n", _COMMENTS.sub("", (_HERE / name).read_text("utf-8"))).strip()


def _moment(seconds: int, language: str) -> str:
    """The day and the hour of *seconds* since 1970, in UTC as the audit counts, so that two officers read the same."""
    try:
        found = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    return found.strftime("%d/%m/%Y %H:%M" if language == "fr" else "%Y-%m-%d %H:%M") + " UTC"
