"""What ``/data/system`` keeps of requests: the one that was applied last, what it wished for, and the word for a reset.

All of it is root's: values of a request may be secrets. A file that cannot be read counts as absent, since its work is then
done again, which changes nothing.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edubox.errors import BadInput
from edubox.hardware.hotspot import network
from edubox.hardware.hotspot.network import Network
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic

FORMAT = 1
NETWORK, HOSTNAME, TIMEZONE, CODE = "network.toml", "hostname", "timezone", "code"
_APPLIED, _WORD = "applied.json", "reset-word"
SECRET, _PLAIN = 0o600, 0o644
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def applied(system: Path) -> dict[str, Any]:
    """What was applied last: ``sha256`` of the file, ``at``, ``notes`` and the values that ``STATUS.txt`` shows."""
    with contextlib.suppress(OSError, ValueError):
        value = read_note(system / _APPLIED)
        if isinstance(value, dict) and value.get("format") == FORMAT:
            return value
    return {}


def remember(system: Path, applied: Mapping[str, Any]) -> None:
    """Remember what was *applied*. Raises NoRoom."""
    value = {"format": FORMAT} | dict(applied)
    write_atomic(system / _APPLIED, json.dumps(value, ensure_ascii=False).encode(), SECRET)


def word(system: Path) -> str:
    """The word that a line ``reset`` must say; made when it is first asked for, and anew after each reset."""
    known = text(system / _WORD)
    if known:
        return known
    known = "".join(secrets.choice(_SYLLABLES) for _ in range(4))
    write_atomic(system / _WORD, known.encode(), SECRET)
    return known


def forget_word(system: Path) -> None:
    """It was used: another one is asked for from now on."""
    (system / _WORD).unlink(missing_ok=True)


def wishes(system: Path) -> Network | None:
    """The box's network as it is wished; None before there is one."""
    with contextlib.suppress(OSError, BadInput):
        return network.read(system / NETWORK)
    return None


def keep(path: Path, value: str, mode: int = _PLAIN) -> None:
    """Let the small file *path* say *value*. Raises NoRoom."""
    if text(path) != value:
        write_atomic(path, value.encode(), mode)


def text(path: Path) -> str:
    """What the small file *path* says; empty if it is absent or damaged."""
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""
