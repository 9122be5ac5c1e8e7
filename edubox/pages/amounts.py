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


def minutes(value: str) -> int:
    """How many minutes an ISO 8601 duration is; 0 if it says nothing of a day, an hour or a minute."""
    match = _DURATION.match(value)
    days, hours, count = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return count + 60 * (hours + 24 * days)


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
        found = datetime.fromtimestamp(moment, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    if found.year < 2020:
        return ""
    month = words.gettext(_MONTHS[found.month - 1])
    # Translators: a date, such as 24 November 2026
    return words.gettext(_("%(day)d %(month)s %(year)d")) % {
        "day": found.day,
        "month": month,
        "year": found.year,
    }


#: From Monday on, as in ``date.weekday``.
_WEEKDAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip


def date(text: str, words: NullTranslations) -> str:
    """The day *text*, ``2026-11-30``, as a school says it: ``Monday 30 November``; nothing for what is no day."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return ""
    # Translators: a day of a school year, such as Monday 30 November
    return words.gettext(_("%(weekday)s %(day)d %(month)s")) % {
        "weekday": words.gettext(_WEEKDAYS[found.weekday()]), "day": found.day,
        "month": words.gettext(_MONTHS[found.month - 1]),
    }  # fmt: skip


def about(seconds: float | None, words: NullTranslations) -> str:
    """How long something takes that was measured to take *seconds* more, as exactly as such a measure deserves.

    None is a time that nobody knows yet.
    """
    if seconds is None:
        return words.gettext(_("nobody can say yet"))
    minutes = seconds / 60
    if minutes < 1:
        return words.gettext(_("less than a minute"))
    if minutes < 52.5:
        # Twelve minutes are twelve; forty-three are forty-five.
        count = round(minutes) if minutes < 20 else 5 * round(minutes / 5)
        return words.ngettext("about %(num)d minute", "about %(num)d minutes", count) % {"num": count}
    hours = minutes / 60
    if hours < 2.75:
        count = max(round(hours), 1)
        return words.ngettext("about %(num)d hour", "about %(num)d hours", count) % {"num": count}
    if hours < 24:
        count = int(hours + 0.25)
        return words.ngettext("more than %(num)d hour", "more than %(num)d hours", count) % {"num": count}
    count = int(hours / 24)
    return words.ngettext("more than %(num)d day", "more than %(num)d days", count) % {"num": count}


def ago(seconds: float, words: NullTranslations) -> str:
    """How long ago something was that happened *seconds* before now; a clock that was set back makes it now."""
    minutes = int(seconds // 60)
    if minutes < 2:
        return words.gettext(_("just now"))
    if minutes < 60:
        return words.ngettext("%(num)d minute ago", "%(num)d minutes ago", minutes) % {"num": minutes}
    hours = minutes // 60
    if hours < 24:
        return words.ngettext("%(num)d hour ago", "%(num)d hours ago", hours) % {"num": hours}
    days = hours // 24
    return words.ngettext("%(num)d day ago", "%(num)d days ago", days) % {"num": days}


def comma(words: NullTranslations) -> str:
    """What stands between two things in a row."""
    # Translators: between the things of a list, with its space: one, two, three
    return words.gettext(_(", "))


def hour(moment: datetime, now: datetime, words: NullTranslations) -> str:
    """The time of day of *moment*, seen from *now* (both in the box's own time zone): ``6:00``, ``tomorrow, 6:00``."""
    # Translators: a time of day, such as 6:00
    text = words.gettext(_("%(hour)d:%(minute)02d")) % {"hour": moment.hour, "minute": moment.minute}
    days = (moment.date() - now.date()).days
    if days == 1:
        return words.gettext(_("tomorrow, %(time)s")) % {"time": text}
    return (
        text
        if days == 0
        else f"{day(int(moment.replace(tzinfo=UTC).timestamp()), words)}{comma(words)}{text}"
    )
