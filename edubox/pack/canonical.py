"""Canonical JSON: one way to write a value, so that a hash means the value.

UTF-8, keys sorted by code point, no spaces, integers only, strings in Unicode NFC. ``read`` refuses
every other spelling of the same value, so two parsers can never disagree about what was signed.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any, NoReturn

from edubox.errors import BadManifest, UnknownFormat

#: Deepest nesting read; a table of contents is the deepest thing we have and stays below 16.
MAX_DEPTH = 32


def write(value: Any) -> bytes:
    """The canonical bytes of *value*; raises BadManifest on floats, other types and unpaired surrogates."""
    _check(value, 0)
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
    except (UnicodeEncodeError, ValueError) as error:
        raise BadManifest(reason=f"it holds text that is not Unicode ({error})") from None


def read(data: bytes, *, what: str, known: int = 1) -> dict[str, Any]:
    """Parse canonical bytes whose first level says ``format``: a number from 1 to *known*.

    *what* names the thing for the reader of the error. Raises BadManifest, or UnknownFormat for another format
    number.
    """
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadManifest(reason=f"{what} is not JSON ({error})") from None
    if not isinstance(value, dict) or type(value.get("format")) is not int:
        raise BadManifest(reason=f"{what} has no format number")
    if not 1 <= value["format"] <= known:
        raise UnknownFormat(what=what, found=value["format"], known=known)
    if write(value) != data:
        raise BadManifest(reason=f"{what} is not in canonical form")
    return value


def nfc(text: str) -> str:
    """*text* in Unicode NFC, the only form that manifests hold."""
    return unicodedata.normalize("NFC", text)


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"{text} is not an integer")


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BadManifest(reason="it is nested too deeply")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise BadManifest(reason=f"{key!r} is no name of a field")
            _check(key, depth)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, str):
        if not unicodedata.is_normalized("NFC", value):
            raise BadManifest(reason=f"{value[:40]!r} is not in Unicode NFC")
    elif not (value is None or isinstance(value, (bool, int))):
        raise BadManifest(reason=f"{type(value).__name__} values are not allowed")
