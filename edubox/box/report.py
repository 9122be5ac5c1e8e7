"""What a technician takes along of a box: how it is, and nothing of the people who use it.

Only what is on a list here goes in: versions, the level of every check, the sentences of those that speak of the computer
alone, settings that are numbers or switches, the code of the last synchronisation's error. Names, addresses, titles, codes
and the system's journal, whose lines are free text, stay out: what is left out by a filter comes back by the next feature.
"""

from __future__ import annotations

import io
import json
import platform
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from edubox import __version__
from edubox.box.health import Answer, Box
from edubox.sync.following import followed
from edubox.sync.pacing.usage import read_usage
from edubox.sync.status import read_status

#: Checks whose sentences hold figures of the computer and words of ours.
_SPOKEN = {
    "card", "free_space", "quota", "arrivals", "last_success", "trust_age", "clock", "players", "temperature", "power", "wear",
    "memory", "guests", "systems",
}  # fmt: skip
#: Name of the two files, before their dot.
NAME = "edubox-report"


def facts(box: Box, answers: Sequence[Answer], now: datetime) -> dict[str, Any]:
    """What is written down of *box* and the *answers* of its checks at *now* (UTC)."""
    usage, status = read_usage(box.data), read_status(box.data)
    return {
        "format": 1,
        "made": now.strftime("%Y-%m-%dT%H:%MZ"),
        "edubox": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "checks": [
            {"name": one.name, "title": one.title, "level": one.finding.level}
            | ({"says": one.finding.sentence} if one.name in _SPOKEN else {})
            for one in answers
        ],
        "settings": {name: value for name, value in box.settings.items() if isinstance(value, bool | int)},
        "sources": len(box.settings["sources"]),
        "follow": len(followed(box.data, box.settings)),
        "sync": {
            "last_success": _moment(usage.success_at), "last_failure": _moment(usage.failure_at), "failures": usage.failures,
            "code": _word(usage.failure_code), "last_code": _word(status.code), "phase": _word(status.phase),
        },
    }  # fmt: skip


def as_text(told: dict[str, Any]) -> str:
    """The same to be read by a person."""
    lines = [
        f"Report of {told['made']}, edubox {told['edubox']}, Python {told['python']}, {told['system']}",
        "",
    ]
    lines += [
        f"{one['level']:8} {one['title']}" + (f": {one['says']}" if "says" in one else "")
        for one in told["checks"]
    ]
    lines += ["", "Synchronisation:", *(f"  {name} = {value}" for name, value in told["sync"].items())]
    lines += ["", f"Sources: {told['sources']}, publishers followed: {told['follow']}", "Settings:"]
    lines += [f"  {name} = {value}" for name, value in told["settings"].items()]
    return "\n".join(lines) + "\n"


def files(told: dict[str, Any]) -> dict[str, bytes]:
    """The two files of a report by their names."""
    text = as_text(told).replace("\n", "\r\n")  # for the editor of any PC
    return {
        f"{NAME}.txt": text.encode(),
        f"{NAME}.json": json.dumps(told, indent=1, ensure_ascii=False).encode(),
    }


def as_zip(told: dict[str, Any]) -> bytes:
    """Both in one file, to be sent."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files(told).items():
            archive.writestr(name, data)
    return made.getvalue()


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%MZ") if 0 < seconds < 1 << 33 else ""


def _word(said: str) -> str:
    """*said* if it is one of our own words, such as ``no-room``."""
    return (
        said if said.replace("-", "").isascii() and said.replace("-", "").isalpha() and len(said) < 40 else ""
    )
