"""The files that travel to a key which is not on the hub, and back: JSON that says what it is, with files of metadata in it.

What they hold is for ``offline`` (schools that wait for a signature) and ``offline_lists`` (what an academy proposes); both are
described in ``docs/formats/signing.md``. Nothing in them is believed for being there: what counts are the signatures inside.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from edubox.errors import BadInput, MissingFile
from edubox.trust.record import check_authority

#: Bytes of a file: 5,000 records and the 32 roles that list them.
MAX_FILE = 64 * 1024 * 1024


class Nothing:
    """What lies below the files that came along."""

    def read(self, path: str, limit: int) -> bytes:
        """See ``trust.fetch.Fetch``."""
        del limit
        raise MissingFile(source="the file to sign", path=path)


def read(data: bytes, kind: str) -> dict[str, Any]:
    """The file *data*, if it is a *kind*. Raises BadInput."""
    value = _read(data)
    if value.get("format") != 1 or value.get("kind") != kind:
        raise BadInput(reason=f"this is no {kind}")
    return value


def kind_of(data: bytes) -> str:
    """What the file *data* says that it is. Raises BadInput."""
    return str(_read(data).get("kind", ""))


def authority_of(data: bytes) -> str:
    """For whom the file *data* says that it is; nothing of it is checked. Raises BadInput, BadIdentifier."""
    return check_authority(str(_read(data).get("authority", "")))


def packed(files: Mapping[str, bytes]) -> dict[str, str]:
    """*files*, path or role → bytes, as JSON holds them."""
    return {path: base64.b64encode(data).decode("ascii") for path, data in sorted(files.items())}


def unpacked(value: Any) -> dict[str, bytes]:
    """What ``packed`` made. Raises ValueError, TypeError, AttributeError."""
    return {str(path): base64.b64decode(text, validate=True) for path, text in value.items()}


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_FILE:
        raise BadInput(reason=f"the file is larger than {MAX_FILE // 2**20} MiB")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise BadInput(reason="the file is damaged, or no JSON") from None
    if not isinstance(value, dict):
        raise BadInput(reason="the file is damaged, or none of ours")
    return value
