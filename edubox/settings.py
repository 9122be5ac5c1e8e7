"""Every setting of a box, once: its name in ``box.toml``, its default and what it does.

``docs/settings.md`` is checked against this table by a test. Defaults suit a school that nobody visits
for a year: no setting has to be touched.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import BadInput


@dataclass(frozen=True)
class Setting:
    """One line of ``box.toml``; the type of the default is the type of the setting."""

    name: str
    default: str | int | bool | list[str]
    help: str


SETTINGS = (
    Setting("name", "École", "The name of the school, shown on every page."),
    Setting("languages", ["fr", "en"], "Languages of the pages, the first is the default."),
    Setting("port", 8080, "TCP port of the pages."),
    Setting(
        "lesson_port",
        8081,
        "TCP port of the lessons, kept apart from the pages because lessons are not trusted.",
    ),
    Setting("desk_port", 8443, "TCP port of the teachers' desk from other computers, over HTTPS."),
    Setting(
        "certificate",
        "",
        "Certificate of the desk (PEM, with its chain); empty for the one that the box made.",
    ),
    Setting("certificate_key", "", "Key of that certificate (PEM, without a passphrase)."),
    Setting(
        "certificate_name",
        "",
        "Name for which phones know that certificate, such as box.school.example; the box's own network then leads it to the box and tells phones by it where they are greeted. Empty for none.",
    ),
    Setting(
        "school_domain",
        "",
        "Name that this box's own name server answers for with every name below it, such as ecole.local; each lesson then has a name of its own. Empty for none.",
    ),
    Setting(
        "proxy_socket",
        "",
        "Unix socket for a web server in front that speaks HTTPS; its X-Forwarded headers are believed. Empty for none.",
    ),
    Setting(
        "lesson_socket",
        "",
        "The same for the lessons, whose files that web server sends itself. With both, it answers at the ports of pages and lessons, and the box opens neither.",
    ),
    Setting("listen", "0.0.0.0", "Address to listen on; 127.0.0.1 for this machine only."),  # noqa: S104
    Setting("sources", [], "Where lessons come from, in order of preference: addresses of a hub or folders."),
    Setting(
        "hub",
        "",
        "Address of the hub that this box speaks to: to be enrolled, to offer its lessons; empty for the first address of sources.",
    ),
    Setting("follow", [], "Publishers whose lessons this box keeps."),
    Setting(
        "unfollow",
        [],
        "Publishers whose lessons this box does not keep, though its academy proposes them.",
    ),
    Setting(
        "levels",
        [],
        "Levels that this school teaches, ids or names of the country file, for what its academy proposes; empty for all.",
    ),
    Setting(
        "system_from",
        "",
        "Address of the system that a box made from an image keeps up to date, such as ministry/systems/pc-amd64; empty for none.",
    ),
    Setting(
        "slots",
        "/data/system/slots",
        "Folder in which such a box says what its two systems are; where there is none, systems are left alone.",
    ),
    Setting(
        "restart",
        True,
        "Start again by itself when such a box has a newer system, at night and when nobody reads; false: only when a person switches it on or asks.",
    ),
    Setting("reserve_mb", 64, "Megabytes of the card that are never filled with lessons."),
    Setting(
        "quota_mb", 0, "Megabytes that lessons may take; 0 for the whole card except what reserve_mb keeps."
    ),
    Setting(
        "quota_files", 0, "Files and folders that lessons may take (inodes); 0 for as many as the card holds."
    ),
    Setting("class_size", 35, "Pupils who open a lesson at once, for the time that a lesson's page tells."),
    Setting(
        "air_kbit", 20_000, "Kilobits a second that a class shares over the air; a small hotspot has 20000."
    ),
    Setting(
        "players",
        "",
        "Folder of the players of exercises, books and activities; empty for those that came with edubox.",
    ),
    Setting(
        "show_minutes",
        60,
        "Minutes for which all phones of a class show what a teacher shows, unless it is ended.",
    ),
    Setting("announce", True, "Announce the box on the local network (zeroconf)."),
    Setting(
        "neighbours",
        True,
        "Exchange lessons with other boxes on the local network; they are found by announce.",
    ),
    Setting("automatic", True, "Fetch lessons unasked; false: only by `edubox sync` or when a person asks."),
    Setting("every_minutes", 360, "Minutes between two looks for new lessons, in the mean."),
    Setting(
        "windows",
        [],
        'Hours in which lessons may be fetched unasked, such as "20:00-06:00"; none is at any time.',
    ),
    Setting("quiet_minutes", 20, "Outside these hours, fetch when no page was opened for so many minutes."),
    Setting("day_mb", 0, "Megabytes a day that may come from a hub over the line; 0 is no limit."),
    Setting("month_mb", 0, "Megabytes a month that may come from a hub over the line; 0 is no limit."),
    Setting("metered", False, "The line costs by the byte: unasked, only files up to 1 MB come over it."),
    Setting("rate_kbit", 0, "Kilobits a second at which lessons come at most; 0 is no limit."),
    Setting("reading_kbit", 2000, "The same while pupils read: a tenth of a hotspot's 20 Mbit/s."),
)
_LAST_PORT = 65_535
#: A connection slower than this would be taken for a dead one.
_LEAST_KBIT = 32
_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d\Z")
#: Two names and more, since a browser lets a cookie of one name be read by all names below it; room for a lesson's own in front.
_DOMAIN = re.compile(
    r"(?=.{1,200}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)+\Z"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9-]{0,62}(/[a-z0-9][a-z0-9-]{0,62}){2}\Z")
BY_NAME = {setting.name: setting for setting in SETTINGS}


def load_settings(path: Path) -> dict[str, Any]:
    """Read ``box.toml``; absent settings take their default.

    Raises BadInput with the setting's name.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        given = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadInput(reason=f"{path.name}: {error}") from None
    check_settings(given, path.name)
    return {setting.name: given.get(setting.name, setting.default) for setting in SETTINGS}


def check_settings(values: dict[str, Any], where: str) -> None:
    """Raise BadInput with the setting's name for an unknown one, a wrong type or an impossible value.

    *where* is what the person edits.
    """
    for name, value in values.items():
        setting = BY_NAME.get(name)
        if setting is None:
            raise BadInput(reason=f"{where} has no setting called {name!r}")
        if type(value) is not type(setting.default) or (
            isinstance(value, list) and not all(isinstance(item, str) for item in value)
        ):
            raise BadInput(reason=f"{where}: {name} must be like {setting.default!r}")
        _check_value(name, value, where)
    if values.get("lesson_socket") and not values.get("proxy_socket"):
        raise BadInput(reason=f"{where}: lesson_socket needs a proxy_socket, for the pages")
    if bool(values.get("certificate")) != bool(values.get("certificate_key")):
        raise BadInput(reason=f"{where}: certificate and certificate_key are given both or not at all")
    if values.get("certificate_name") and not values.get("certificate"):
        raise BadInput(reason=f"{where}: certificate_name needs a certificate, for which it stands")


def _check_value(name: str, value: Any, where: str) -> None:
    """Raise BadInput for a value of the right type that cannot be."""
    if name in {"port", "lesson_port", "desk_port"} and not 0 <= value <= _LAST_PORT:
        raise BadInput(reason=f"{where}: {name} must be a number from 0 to {_LAST_PORT}")
    if name in {"quiet_minutes", "day_mb", "month_mb"} and value < 0:
        raise BadInput(reason=f"{where}: {name} must not be negative")
    if name in {"every_minutes", "class_size", "air_kbit", "show_minutes"} and value < 1:
        raise BadInput(reason=f"{where}: {name} must be at least 1")
    if name in {"rate_kbit", "reading_kbit"} and value != 0 and value < _LEAST_KBIT:
        raise BadInput(reason=f"{where}: {name} must be 0 (no limit) or at least {_LEAST_KBIT}")
    if name == "windows" and not all(_WINDOW.match(item) for item in value):
        raise BadInput(reason=f'{where}: windows must be hours such as ["20:00-06:00"]')
    if name == "school_domain" and value and not _DOMAIN.match(value):
        raise BadInput(reason=f"{where}: school_domain must be a name such as ecole.local, in small letters")
    if name == "certificate_name" and value and (not _DOMAIN.match(value) or value.endswith(".local")):
        raise BadInput(
            reason=f"{where}: certificate_name must be a public name such as box.school.example, in small letters"
        )
    if name == "hub" and value and not value.startswith(("http://", "https://")):
        raise BadInput(reason=f"{where}: hub must be an address that begins with http:// or https://")
    if name == "system_from" and value and not _ADDRESS.match(value):
        raise BadInput(reason=f"{where}: system_from must be an address such as ministry/systems/pc-amd64")
    if name in {"quota_mb", "quota_files"} and value < 0:
        raise BadInput(reason=f"{where}: {name} must be 0 or more")
    if name == "languages" and not (value and all(_LANGUAGE.match(item) for item in value)):
        raise BadInput(reason=f"{where}: languages must be codes such as {BY_NAME[name].default!r}")


def dump_settings(values: dict[str, Any]) -> str:
    """Write ``box.toml`` with each setting's help as a comment above it."""
    lines = []
    for setting in SETTINGS:
        value = values.get(setting.name, setting.default)
        lines += [f"# {setting.help}", f"{setting.name} = {toml(value)}", ""]
    return "\n".join(lines)


def with_setting(text: str, name: str, value: Any) -> str:
    """The ``box.toml`` *text*, which can be read, with *value* for the setting *name*; every other line stays as a person wrote it."""
    wanted = tomllib.loads(text) | {name: value}
    lines = text.splitlines()
    begin = next((at for at, line in enumerate(lines) if re.match(rf"[ \t]*{name}[ \t]*=", line)), len(lines))
    # A list may go over several lines: to the first of them with which it is whole.
    end = next((at for at in range(begin + 1, len(lines) + 1) if _is_toml("\n".join(lines[begin:at]))), begin)
    about = [] if end > begin else ["", f"# {BY_NAME[name].help}"]
    changed = "\n".join([*lines[:begin], *about, f"{name} = {toml(value)}", *lines[end:]]) + "\n"
    return changed if _is_toml(changed) and tomllib.loads(changed) == wanted else dump_settings(wanted)


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def toml(value: Any) -> str:
    """*value* as a line of TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
