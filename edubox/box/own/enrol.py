"""Asking the academy to take this box in, with the box's own key: by itself in every synchronisation, and when a person says so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from edubox.box.own import identity
from edubox.box.own.lessons import ready
from edubox.errors import NotFound, NotTrusted, OtherMachine, WrongPassphrase
from edubox.sync.enrolment import Enrolment


def ask_if_due(
    data: Path, settings: dict[str, Any], *, line: bool = True, machine: str | None = None,
    system: datetime | None = None,
) -> Enrolment | None:  # fmt: skip
    """Ask if it is time, and nothing of that may keep a synchronisation from being one; None if it was not.

    Without a *line* the request is only made ready for a stick.

    Raises NoRoom.
    """
    from edubox.sync import asking

    now = identity.now_on(data, system)
    try:
        own = identity.read(data)
        if not asking.is_due(data, own.id, int(now.timestamp()), rekeyed=own.epoch > 1):
            return None
        return ask(data, settings, line=line, machine=machine, system=system)
    except (NotFound, NotTrusted):
        return None  # the doctor says it: this computer may not sign


def ask(
    data: Path, settings: dict[str, Any], *, authority: str = "", line: bool = True, machine: str | None = None,
    system: datetime | None = None,
) -> Enrolment:  # fmt: skip
    """Ask now; the request waits for a stick where the box knows no address of a hub.

    Raises OtherMachine, RestoredBackup, NotFound (no repository), NotTrusted, NoRoom.
    """
    from edubox.sync import asking
    from edubox.sync.hub_address import api_address

    own, here = ready(data, machine)
    try:
        signer = identity.workplace(data).signer(f"{own.prefix}/writer", here)
    except WrongPassphrase:
        raise OtherMachine from None
    # Without the folder's lock: a hub may take a minute to answer, and a teacher gives a lesson meanwhile.
    now = identity.now_on(data, system)
    address = api_address(settings) if line else ""
    return asking.ask(data, own.id, settings, address, signer, now, authority=authority)
