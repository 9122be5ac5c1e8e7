"""Days and hours as schools have them: forms ask and show the schools' own time, what is signed is in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edubox.hub.hub import Hub

#: How an index writes a moment, and how a browser's form does.
_INDEX, _FORM = "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M"


def zone(hub: Hub) -> tzinfo:
    """The time zone of the country's schools; UTC where this computer does not know it."""
    try:
        return ZoneInfo(str(hub.settings["timezone"]))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def read(hub: Hub, typed: str) -> str:
    """What a form's day and hour is in an index; empty for none. Raises ValueError."""
    if not typed.strip():
        return ""
    there = datetime.strptime(typed.strip()[:16], _FORM).replace(tzinfo=zone(hub))
    return there.astimezone(UTC).strftime(_INDEX)


def said(hub: Hub, moment: str, language: str) -> str:
    """A moment of an index in the schools' time, for people; empty for none."""
    if not moment:
        return ""
    there = datetime.strptime(moment, _INDEX).replace(tzinfo=UTC).astimezone(zone(hub))
    return there.strftime("%d/%m/%Y %H:%M" if language == "fr" else "%Y-%m-%d %H:%M")
