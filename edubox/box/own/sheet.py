"""What the school sheet of a box says: read from its files, without any key library, for the desk and the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edubox.box.accounts import first
from edubox.box.origins import origin as build
from edubox.box.own import identity
from edubox.box.secure.certificate import shown_fingerprint
from edubox.hardware.card import wifi_note
from edubox.pages.sheet import Sheet


def sheet(data: Path, settings: dict[str, Any], origin: str, system: datetime | None = None) -> Sheet:
    """The sheet of the box in *data*, whose pages are at *origin* (``http://…``).

    Raises NotFound (the box has no identity yet), NotTrusted (damaged).
    """
    own, desk = identity.read(data), desk_address(settings, origin)
    wifi = wifi_note.read(data) or wifi_note.Wifi("", "")
    return Sheet(
        settings["name"], f"{origin}/", desk, identity.unprinted_code(data, own), own.id,
        int(identity.now_on(data, system).timestamp()), shown_fingerprint(data, settings), first.read(data),
        wifi.name, wifi.password,
    )  # fmt: skip


def desk_address(settings: dict[str, Any], origin: str) -> str:
    """The address of the desk on the box whose pages are at *origin* (``http://…``): the way that may carry a password."""
    there = urlsplit(origin)
    return f"{build('https', there.netloc.rpartition(f':{there.port}')[0] or there.netloc, settings['desk_port'])}/bureau/"
