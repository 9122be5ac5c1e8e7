"""What the school sheet of a box says: read from its files, without any key library, for the desk and the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from edubox.box.own import identity
from edubox.errors import NotFound
from edubox.pages.sheet import Sheet


def sheet(data: Path, settings: dict[str, Any], origin: str, system: datetime | None = None) -> Sheet:
    """The sheet of the box in *data*, whose pages are at *origin* (``http://…``).

    Raises NotFound (the box has no identity yet), NotTrusted (damaged).
    """
    own, desk = identity.read(data), identity.desk_code(data)
    if desk is None:
        raise NotFound(what="The code of the desk, keys/desk,")
    return Sheet(
        settings["name"], f"{origin}/", f"{origin}/b/{desk}/", identity.unprinted_code(data, own), own.id,
        int(identity.now_on(data, system).timestamp()),
    )  # fmt: skip
