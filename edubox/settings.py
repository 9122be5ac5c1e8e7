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
    Setting("listen", "0.0.0.0", "Address to listen on; 127.0.0.1 for this machine only."),  # noqa: S104
    Setting("sources", [], "Where lessons come from, in order of preference: addresses of a hub or folders."),
    Setting("follow", [], "Publishers whose lessons this box keeps."),
    Setting("reserve_mb", 64, "Megabytes of the card that are never filled with lessons."),
    Setting("announce", True, "Announce the box on the local network (zeroconf)."),
)
_LAST_PORT = 65_535
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
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


def _check_value(name: str, value: Any, where: str) -> None:
    """Raise BadInput for a value of the right type that cannot be."""
    if name in {"port", "lesson_port"} and not 0 <= value <= _LAST_PORT:
        raise BadInput(reason=f"{where}: {name} must be a number from 0 to {_LAST_PORT}")
    if name == "languages" and not (value and all(_LANGUAGE.match(item) for item in value)):
        raise BadInput(reason=f"{where}: languages must be codes such as {BY_NAME[name].default!r}")


def dump_settings(values: dict[str, Any]) -> str:
    """Write ``box.toml`` with each setting's help as a comment above it."""
    lines = []
    for setting in SETTINGS:
        value = values.get(setting.name, setting.default)
        lines += [f"# {setting.help}", f"{setting.name} = {_toml(value)}", ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
