"""Sizes, durations and days, as people say them in the reader's language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from gettext import NullTranslations

_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:\d{1,6}S)?)?\Z")


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


_MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"), _("August"),
    _("September"), _("October"), _("November"), _("December"),
)  # fmt: skip


def size(count: int, words: NullTranslations) -> str:
    """*count* bytes in powers of 1000, as phones and bills count them: ``131 kB``, in French ``131 ko``."""
    if count < 1000:
        return words.ngettext("%(number)d byte", "%(number)d bytes", count) % {"number": count}
    value, pattern = float(count), ""
    for pattern in (_("%(number)s kB"), _("%(number)s MB"), _("%(number)s GB"), _("%(number)s TB")):  # noqa: B007
        value /= 1000
        if value < 999.5:
            break
    # Translators: the decimal point
    point = words.gettext(_("."))
    number = f"{value:.0f}" if value >= 9.95 else f"{value:.1f}".replace(".", point)
    return words.gettext(pattern) % {"number": number}


def duration(value: str, words: NullTranslations) -> str:
    """An ISO 8601 duration such as ``PT45M``; nothing if it says nothing of a day, an hour or a minute."""
    match = _DURATION.match(value)
    if match is None:
        return ""
    days, hours, minutes = (int(part or 0) for part in match.groups())
    hours, minutes = hours + minutes // 60, minutes % 60
    said = []
    if days:
        said.append(words.ngettext("%(number)d day", "%(number)d days", days) % {"number": days})
    if hours:
        said.append(words.gettext(_("%(number)d h")) % {"number": hours})
    if minutes:
        said.append(words.gettext(_("%(number)d min")) % {"number": minutes})
    return " ".join(said)


def day(moment: int, words: NullTranslations) -> str:
    """The UTC day of *moment* (seconds since 1970); nothing for a clock that knew no better."""
    try:
        date = datetime.fromtimestamp(moment, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    if date.year < 2020:
        return ""
    month = words.gettext(_MONTHS[date.month - 1])
    # Translators: a date, such as 24 November 2026
    return words.gettext(_("%(day)d %(month)s %(year)d")) % {
        "day": date.day,
        "month": month,
        "year": date.year,
    }
