"""The small JSON files in which a box remembers how far it is: read as if a failing card had written them.

What is in them is worth little, and whoever reads one begins anew when it cannot be read. So damage of every
kind is one error here: no JSON, brackets without end, numbers that no clock and no disk can reach, half a
character.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

#: Bytes of the largest such file; magnitude of the largest number: seconds, bytes and versions stay far below it.
LARGEST_FILE, LARGEST = 8 * 1024 * 1024, 1e15


def read_note(path: Path) -> Any:
    """What the file *path* says. Raises OSError (it is absent, the card fails), ValueError (damaged in any way)."""
    with path.open("rb") as handle:
        data = handle.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValueError("too long")
    try:
        value = json.loads(data, parse_int=_whole, parse_float=_number, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("too deep") from None
    if b"\\ud" in data.lower():
        json.dumps(value, ensure_ascii=False).encode()  # a UnicodeEncodeError is a ValueError
    return value


def _whole(text: str) -> int:
    return int(text) if abs(_number(text)) else 0


def _number(text: str) -> float:
    number = float(text)
    if abs(number) > LARGEST:
        raise ValueError("too large")
    return number


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)
