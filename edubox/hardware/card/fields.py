"""Every line of ``edubox.toml``, once: its name, its kind, what it is when nobody says it, and what it does.

``docs/card.md`` is checked against this table by a test, and ``dump`` writes a file of it for a technician to fill in.
A line that is absent, or a text that is empty, changes nothing; the default is what a box begins with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Sections in brackets, in the order of the file; the first has none.
SECTIONS = ("", "wifi", "ethernet")
#: In place of a secret that is only theirs: written as it stands it is refused, so that no forty schools share one.
_YOURS = "…"


@dataclass(frozen=True, slots=True)
class Field:
    """One line. *key* is its section, a dot and its name; the default's type is its type; *example* is a value to write."""

    key: str
    default: str | int | bool | list[str]
    example: str | int | bool | list[str]
    help: str
    #: Whether the box takes the value and leaves the line without it: secrets, and what is done once.
    taken: bool = False

    @property
    def section(self) -> str:
        """The name in brackets above it; empty for none."""
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """What stands before the equals sign."""
        return self.key.rpartition(".")[2]


FIELDS = (
    Field("name", "École", "École Jean-Moulin", "The name of the school, shown on every page."),
    Field("languages", ["fr", "en"], ["fr", "en"], "Languages of the pages, the first is the default."),
    Field(
        "country",
        "FR",
        "FR",
        "Country in two letters: the radio keeps to its rules. Nobody may send without.",
    ),
    Field("timezone", "Europe/Paris", "Europe/Paris", "Time zone, by continent and city."),
    Field(
        "hostname",
        "",
        "ecole-moulin",
        "Name of the box on the network; empty for edubox- and six digits of its own.",
    ),
    Field(
        "sources",
        [],
        ["https://hub.example/"],
        "Where lessons come from: addresses of a hub, in order of preference.",
    ),
    Field("follow", [], ["ministry/starter"], "Publishers whose lessons this box keeps."),
    Field(
        "levels",
        [],
        ["CM1", "CM2"],
        "Levels that this school teaches, as the country calls them, for what its academy proposes; empty for all.",
    ),
    Field(
        "system_from",
        "",
        "ministry/edubox/system-pc",
        "Where new systems for this box come from; empty for none.",
    ),
    Field("code", "", _YOURS, "One-time code of the authority that takes this box in.", taken=True),
    Field(
        "reset",
        "",
        _YOURS,
        "The word in STATUS.txt: people, classes and drafts leave this box, lessons stay. Cannot be undone.",
        taken=True,
    ),
    Field(
        "show_code",
        False,
        False,
        "Write the one-time code of the first administrator into STATUS.txt, until it is used.",
    ),
    Field("wifi.on", True, True, "Whether the box makes a Wi-Fi network of its own, where it has a radio."),
    Field(
        "wifi.name",
        "",
        "Moulin",
        "Name of the Wi-Fi network, 32 bytes at most; empty for the name of the school.",
    ),
    Field(
        "wifi.password",
        "",
        _YOURS,
        "Its password, 8 to 63 plain letters; empty for one that the box makes, on the school sheet.",
        taken=True,
    ),
    Field("wifi.open", False, False, "A network without a password, for anybody who is near."),
    Field(
        "wifi.channel",
        0,
        6,
        "Channel of the radio: 1 to 13, 36, 40, 44, 48, 149 to 165; 0 for one that the box takes.",
    ),
    Field(
        "wifi.show_password",
        False,
        False,
        "Write the Wi-Fi password into STATUS.txt, for whoever reads the card.",
    ),
    Field(
        "ethernet.role",
        "auto",
        "auto",
        '"guest" in the network of the school, "host" of a network of its own with access points, "auto": looks first.',
    ),
)
BY_KEY = {field.key: field for field in FIELDS}
_HEAD = """\
# What this box is to be. Change lines, save the file, put the card back and switch the box on.
# It is looked at when the box starts; what came of it is in STATUS.txt beside this file.
# A line without a value changes nothing. Passwords and codes are taken by the box and leave this file.
"""


def line(field: Field, value: Any) -> str:
    """How *value* is written for *field*: ``channel = 6``."""
    # A TOML string with straight quotes is written as JSON writes it.
    return f"{field.name} = {json.dumps(value, ensure_ascii=False)}"


def dump(values: Mapping[str, Any]) -> bytes:
    """An ``edubox.toml`` that says *values* (by key) and has every other line with its default: UTF-8, with CRLF."""
    text = [*_HEAD.splitlines(), ""]
    section = ""
    for field in FIELDS:
        if field.section != section:
            section = field.section
            text += [f"[{section}]", ""]
        text += [f"# {field.help}", line(field, values.get(field.key, field.default)), ""]
    return "\r\n".join(text).encode("utf-8")
