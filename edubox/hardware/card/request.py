"""A request: what an ``edubox.toml`` asks for, once every line of it can be done.

Nothing of a file with a mistake is applied, so all mistakes are told together, each with its line and what to write. What a
value may be is looked at here as strictly as whoever uses it later does: a request that was understood does not fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edubox.errors import BadIdentifier, NotFound, UnreadableSource
from edubox.hardware.card.better import better, countries, country
from edubox.hardware.card.decoding import LARGEST, Decoded, decode
from edubox.hardware.card.fields import FIELDS, line
from edubox.hardware.card.lines import Entry, parse, shown
from edubox.hardware.card.mistakes import Mistake, refuse
from edubox.hardware.hotspot.network import CHANNELS, LONGEST_NAME, LONGEST_PASSWORD, ROLES, SHORTEST_PASSWORD
from edubox.pack.levels import Levels
from edubox.pack.names import check_publisher, check_slug

NAME = "edubox.toml"
#: Characters of a school's name and of a level's, entries of a list.
LONGEST_SCHOOL, LONGEST_LEVEL, MOST = 80, 120, 50
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_HOSTNAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_SOURCE = re.compile(r"https?://[^\s/\"'<>\\]+(?:/[^\s\"'<>\\]*)?\Z")
_CODE = re.compile(r"[A-Za-z0-9-]{8,64}\Z")
_PASSWORD = re.compile(r"[ -~]{8,63}\Z")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: *values* by key (``wifi.name``), only of lines that say something."""

    values: Mapping[str, Any]
    #: Worth knowing, and no mistake.
    notes: tuple[Mistake, ...] = ()
    decoded: Decoded = field(default=Decoded("", "utf-8"), repr=False)
    #: Lines (from 1) of values that the box takes, with their key: also of remarks that still say one.
    taken: tuple[tuple[int, str], ...] = ()


def read(path: Path, word: str = "") -> Request:
    """What the file *path* asks for. Raises BadCard with every mistake, NotFound, UnreadableSource.

    *word* is what a line ``reset`` must say; empty: any word will do, as when a file is only looked at.
    """
    try:
        with path.open("rb") as handle:
            data = handle.read(LARGEST + 1)
    except FileNotFoundError:
        raise NotFound(what=f"The file {path}") from None
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None
    return understand(data, word)


def understand(data: bytes, word: str = "", levels: Levels | None = None) -> Request:
    """What the bytes of an ``edubox.toml`` ask for. Raises BadCard with every mistake.

    *levels* are those of the country; None: nobody here knows them yet, and what is written is taken as it stands.
    """
    decoded = decode(data)
    entries, mistakes = parse(decoded)
    mistakes += [mistake for entry in entries if (mistake := _look(entry, word)) is not None]
    if levels is not None and not mistakes:
        mistakes += [
            _unknown_level(entry, levels)
            for entry in entries
            if entry.field.key == "levels" and levels.unknown(entry.value)
        ]
    if mistakes := [*mistakes, *_together(entries)]:
        raise refuse(*mistakes)
    said = [entry for entry in entries if entry.value not in ("", [])]
    return Request(
        {entry.field.key: _tidy(entry) for entry in said},
        (
            *((Mistake(0, "old-windows"),) if decoded.is_old_windows else ()),
            *(
                Mistake(entry.line, "levels-later")
                for entry in said
                if entry.field.key == "levels" and levels is None
            ),
        ),
        decoded,
        (*((entry.line, entry.field.key) for entry in said if entry.field.taken), *_remarks(decoded)),
    )


def _remarks(decoded: Decoded) -> list[tuple[int, str]]:
    """Remarks that still say a secret: somebody kept an old line, or a cut came when its sign was written over its first letter."""
    return [
        (number, field.key)
        for number, row in enumerate(decoded.lines(), start=1)
        for field in FIELDS
        if field.taken and re.match(rf"\s*#+\s*({field.name}|{field.name[1:]})\s*=\s*[\"'][^\"']", row)
    ]


def is_hostname(value: str) -> bool:
    """Whether *value* can be the name of a computer."""
    return _HOSTNAME.match(value) is not None


def is_timezone(value: str) -> bool:
    """Whether the system knows the time zone *value*."""
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder is an OSError
        return False
    return bool(value)


def is_password(value: str) -> bool:
    """Whether *value* can be the password of a Wi-Fi."""
    return _PASSWORD.match(value) is not None


def _tidy(entry: Entry) -> Any:
    value = entry.value
    if entry.field.key == "country":
        return value.upper()
    if entry.field.key == "levels":
        return [one.strip() for one in value]
    return value.strip() if entry.field.key in {"name", "wifi.name"} else value


def _together(entries: list[Entry]) -> list[Mistake]:
    """What cannot be said together."""
    said = {entry.field.key: entry for entry in entries}
    opened, password = said.get("wifi.open"), said.get("wifi.password")
    if opened is not None and opened.value is True and password is not None and password.value != "":
        return [Mistake(opened.line, "open-password", {"first": str(password.line)})]
    return []


def _look(entry: Entry, word: str) -> Mistake | None:
    """What is wrong with the value of *entry*; an empty text says nothing, except as the name of a school."""
    known = entry.field
    if isinstance(entry.value, list) and len(entry.value) > MOST:
        return Mistake(entry.line, "many", {"found": known.name, "most": str(MOST)})
    if entry.value == "" and known.key != "name":
        return None
    if known.key == "reset":
        return None if word in {"", entry.value} else Mistake(entry.line, "reset")
    check = _CHECKS.get(known.key)
    wrong = check(entry.value) if check is not None else None
    if wrong is None:
        return None
    kind, value = wrong
    entries = entry.value if isinstance(entry.value, list) else []
    amiss = [one for one in entries if check is not None and check([one])]
    details = {
        "value": shown(value),
        "write": line(known, better(known, entry.value, amiss)),
        "most": str(LONGEST_SCHOOL),
    }
    return Mistake(entry.line, kind, details)


#: What is wrong with a value: the kind of the mistake, and the value itself, the entry of a list, or how long it is.
_Wrong = tuple[str, Any] | None


def _unknown_level(entry: Entry, levels: Levels) -> Mistake:
    """The mistake of the line *entry*, which names a level that the country does not have."""
    wrong = levels.unknown(entry.value)
    better_ = [levels.nearest(one) if one in wrong else one for one in entry.value]
    details = {
        "value": shown(wrong[0]),
        "write": line(entry.field, list(dict.fromkeys(one for one in better_ if one))),
    }
    return Mistake(entry.line, "level-unknown", details)


def _name(value: str) -> _Wrong:
    if not value.strip():
        return "name-empty", ""
    if not value.isprintable():
        return "name-lines", ""
    return ("name-long", len(value.strip())) if len(value.strip()) > LONGEST_SCHOOL else None


def _languages(value: list[str]) -> _Wrong:
    if not value:
        return "no-languages", ""
    return next((("languages", one) for one in value if not _LANGUAGE.match(one)), None)


def _country(value: str) -> _Wrong:
    code = value.upper()
    known = countries()
    fits = len(code) == 2 and code.isascii() and code.isalpha() and (not known or code in known)
    if fits:
        return None
    return ("country" if country(value) else "country-unknown", value)


def _timezone(value: str) -> _Wrong:
    return None if is_timezone(value) else ("timezone", value)


def _hostname(value: str) -> _Wrong:
    return None if is_hostname(value) else ("hostname", value)


def _sources(value: list[str]) -> _Wrong:
    return next((("sources", one) for one in value if not _SOURCE.match(one)), None)


def _follow(value: list[str]) -> _Wrong:
    return next((("follow", one) for one in value if not _is_publisher(one)), None)


def _levels(value: list[str]) -> _Wrong:
    return next((("levels", one) for one in value if not _is_level(one)), None)


def _is_level(value: str) -> bool:
    return bool(value.strip()) and value.isprintable() and len(value) <= LONGEST_LEVEL


def _system(value: str) -> _Wrong:
    publisher, _, slug = value.rpartition("/")
    try:
        check_slug(slug)
    except BadIdentifier:
        return "system", value
    return None if _is_publisher(publisher) else ("system", value)


def _is_publisher(value: str) -> bool:
    try:
        check_publisher(value)
    except BadIdentifier:
        return False
    return True


def _code(value: str) -> _Wrong:
    return None if _CODE.match(value) else ("code", "")


def _wifi_name(value: str) -> _Wrong:
    size = len(value.strip().encode())
    if size > LONGEST_NAME:
        return "wifi-name-long", size
    return None if value.strip() and value.isprintable() else ("wifi-name", "")


def _password(value: str) -> _Wrong:
    if is_password(value):
        return None
    if len(value) < SHORTEST_PASSWORD:
        return "password-short", len(value)
    return ("password-long", len(value)) if len(value) > LONGEST_PASSWORD else ("password-letters", "")


def _channel(value: int) -> _Wrong:
    return None if value in CHANNELS else ("channel", value)


def _role(value: str) -> _Wrong:
    return None if value in ROLES else ("role", value)


_CHECKS: dict[str, Callable[[Any], _Wrong]] = {
    "name": _name, "languages": _languages, "country": _country, "timezone": _timezone, "hostname": _hostname,
    "sources": _sources, "follow": _follow, "levels": _levels, "system_from": _system, "code": _code, "wifi.name": _wifi_name,
    "wifi.password": _password, "wifi.channel": _channel, "ethernet.role": _role,
}  # fmt: skip
