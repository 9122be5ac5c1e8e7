"""The school's lessons on their way to its academy: what a teacher offered, signed with the box's own key.

Part of every synchronisation that keeps to the pace, after the lessons that pupils wait for have come; also ``edubox push``,
when a person says so, and into a courier where there is no line. A box that its academy has not taken in sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox.box.own import identity
from edubox.box.own.lessons import ready
from edubox.errors import BadInput, EduboxError, NoRoom, NotFound, OtherMachine, WrongPassphrase
from edubox.sync.enrolment import ACCEPTED, read_enrolment

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

    from edubox.box.own.identity import Own
    from edubox.sync.pacing.orders import Orders
    from edubox.sync.pacing.paced import Pacer
    from edubox.sync.pushing import Report, Sent, Show


def offer_if_any(
    data: Path, settings: dict[str, Any], pacer: Pacer, orders: Orders | None = None, *, machine: str | None = None,
    system: datetime | None = None,
) -> Report | None:  # fmt: skip
    """Send and hear what there is, at the pace of *pacer* and never while pupils read; None if there was nothing to do.

    Nothing of that may keep a synchronisation from being one: what goes wrong waits for the next. Raises NoRoom.
    """
    from edubox.sync.fetching.sources import HUB
    from edubox.sync.hub_address import api_address
    from edubox.sync.pushing import has_work

    if not has_work(data) or read_enrolment(data).state != ACCEPTED or not api_address(settings):
        return None

    def hindrance() -> str:
        if orders is not None and (orders.reading or orders.ending):
            return "pupils read, or something else goes first"
        try:
            pacer.allow(HUB, 0)
        except EduboxError as error:
            return str(error.details.get("reason", error))
        return ""

    if hindrance():
        return None
    try:
        return send(data, settings, passed=pacer.passed, wait=hindrance, machine=machine, system=system)
    except NoRoom:
        raise
    except EduboxError:
        return None


def send(
    data: Path, settings: dict[str, Any], *, address: str = "", passed: Callable[[str, int], None] = lambda *_: None,
    wait: Callable[[], str] = lambda: "", show: Show = lambda *_: None, machine: str | None = None,
    system: datetime | None = None,
) -> Report:  # fmt: skip
    """Send what is offered to the hub at *address* (of the *settings* if empty), and hear what the academy says.

    Raises BadInput (no hub is known), OtherMachine, RestoredBackup, NotFound, and what ``sync.pushing.push`` raises.
    """
    from edubox.sync.api import HubApi
    from edubox.sync.hub_address import api_address
    from edubox.sync.pushing import push

    where = address or api_address(settings)
    if not where:
        raise BadInput(
            reason="this box knows no hub; set hub or sources in box.toml, or say --to FOLDER for a courier"
        )
    own, signer = _signer(data, machine)
    api = HubApi(where, data, signer, identity.now_on(data, system), passed)
    return push(data, own.id, api, show=show, wait=wait)


def write_courier(
    data: Path, settings: dict[str, Any], folder: Path, *, show: Show = lambda *_: None, machine: str | None = None,
    system: datetime | None = None,
) -> tuple[list[Path], list[Sent]]:  # fmt: skip
    """Write a courier with what is offered to *folder*; its parts, and what became of each offer.

    Raises NotFound (nothing is offered), OtherMachine, RestoredBackup, NotTrusted, NoRoom, BadInput.
    """
    from edubox.store.platform import Reserve
    from edubox.store.space import reserve_of
    from edubox.sync.carried.courier import export
    from edubox.sync.pushing import carry

    own, signer = _signer(data, machine)
    items, chosen = carry(data, own.id, signer, identity.now_on(data, system))
    if not items:
        raise NotFound(what="A lesson that is offered and can be carried")
    inside = folder.absolute().is_relative_to(data.absolute())
    reserve = reserve_of(data, settings) if inside else Reserve()
    stem = f"offers-{own.id.rpartition('/')[2][:8]}"
    parts = export(data / "mirror", items, folder, stem, reserve=reserve, progress=show)
    return parts, chosen


def _signer(data: Path, machine: str | None) -> tuple[Own, Signer]:
    """The box's identity and its writer key, if this computer may sign. Raises as ``own.lessons.publish``."""
    own, here = ready(data, machine)
    try:
        return own, identity.workplace(data).signer(f"{own.prefix}/writer", here)
    except WrongPassphrase:
        raise OtherMachine from None
