"""What to write instead of a value that cannot be: the nearest that there is, else the example of the table.

A technician copies what stands there, so nothing of theirs is lost in it: of a list only the wrong entry changes, and a name that is too
long stays that school's name. Where nothing can be guessed the example shows the form.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from edubox.hardware.card.fields import Field
from edubox.hardware.hotspot.network import LONGEST_NAME, ROLES

#: Names of countries by their two letters, as the system's time zones have them.
_COUNTRIES = Path("/usr/share/zoneinfo/iso3166.tab")
#: Languages in which people write what a country or a language is called.
WRITTEN_IN = ("en", "fr", "es", "pt", "ar")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d+)?(?:/[^\s\"'<>\\]*)?\Z", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


def better(known: Field, value: Any, wrong: Collection[str] = ()) -> Any:
    """What to write for the line *known* instead of *value*; *wrong* are the entries of a list that cannot be."""
    if isinstance(value, list):
        right = [_of_list(known, one) if one in wrong else one for one in value]
        return list(dict.fromkeys(right)) or known.example
    text = str(value)
    if known.key == "timezone":
        return _nearest_zone(text) or known.example
    if known.key == "hostname":
        return re.sub(r"[^a-z0-9]+", "-", plain(text))[:63].strip("-") or known.example
    if known.key == "country":
        return country(text) or known.example
    if known.key == "ethernet.role" and text.lower() in ROLES:
        return text.lower()
    if known.key == "system_from" and text.count("/") == 2:
        return _address(text) or known.example
    if known.key in {"name", "wifi.name"}:
        return cut(text, LONGEST_NAME) or known.example
    return known.example


def plain(text: str) -> str:
    """*text* in small letters without accents."""
    return "".join(one for one in unicodedata.normalize("NFKD", text.strip().lower()) if one.isascii())


def cut(text: str, most: int) -> str:
    """As many whole words of *text* as *most* bytes hold; of a single long word its beginning."""
    words = _SPACES.sub(" ", "".join(one if one.isprintable() else " " for one in text)).strip().split(" ")
    while len(words) > 1 and len(" ".join(words).encode()) > most:
        words.pop()
    return " ".join(words).encode()[:most].decode("utf-8", "ignore").strip()


def countries() -> dict[str, str]:
    """Countries by their code; empty where the system has no list."""
    try:
        rows = _COUNTRIES.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return dict(row.split("\t", 1) for row in rows if "\t" in row and not row.startswith("#"))


def _of_list(known: Field, one: str) -> str:
    """What to write instead of the entry *one*."""
    [example, *_] = known.example if isinstance(known.example, list) else [str(known.example)]
    if known.key == "languages":
        return _coded("languages", one) or example
    if known.key == "levels":
        return cut(one, LONGEST_NAME) or example
    if known.key == "sources":
        host = re.sub(r"\A[a-z]*:?/*", "", one, flags=re.IGNORECASE) if "/" in one[:9] else one
        return f"https://{host}" + "/" * ("/" not in host) if "." in host and _HOST.match(host) else example
    if known.key == "follow" and one.count("/") == 1:
        return _address(one) or example
    return example


def _address(text: str) -> str:
    """*text* as names of publishers are written; empty if one of its parts says nothing."""
    parts = [re.sub(r"[^a-z0-9]+", "-", plain(part)).strip("-") for part in text.split("/")]
    return "/".join(parts) if all(parts) else ""


def country(text: str) -> str:
    """The code of the country that is called *text* in a language; empty if there is none."""
    known = countries()
    code = text.strip().upper()
    return {"UK": "GB"}.get(code) or next(
        (letters for letters, name in known.items() if name.upper() == code), ""
    ) or _coded("territories", text).upper()  # fmt: skip


def _coded(what: str, text: str) -> str:
    """The code of what *text* calls a language or a country, as Unicode's tables (CLDR) have it; empty if they do not."""
    from babel import Locale

    wanted = plain(text) or text.strip()
    for language in WRITTEN_IN:
        for code, name in getattr(Locale(language), what).items():
            if wanted in {plain(name), name} and code.isalpha() and len(code) <= 3:
                return str(code)
    return ""


def _nearest_zone(text: str) -> str:
    """The time zone that is written most like *text*, or whose city it is; empty for none."""
    zones = {zone.lower(): zone for zone in available_timezones() if "/" in zone}
    wanted = plain(text).replace(" ", "_")
    for lower, zone in sorted(zones.items()):
        if lower.rpartition("/")[2] == wanted.rpartition("/")[2]:
            return zone
    close = difflib.get_close_matches(wanted, zones, 1)
    return zones[close[0]] if close else ""
