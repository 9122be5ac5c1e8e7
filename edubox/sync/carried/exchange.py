"""A stick is plugged into a box: take what it brings, say what is lacking, give it what others want.

In this order, since bringing is what the school waits for, and what was brought may be carried on. Pulled at
any moment nothing is lost: the box is protected by its own journals, the stick by the order of writing
(``fill``).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edubox.errors import (
    BadInput,
    EduboxError,
    MissingFile,
    NotOurStick,
    NotTrusted,
    Rollback,
    Unreachable,
)
from edubox.store.fat import pulled_is_unreachable
from edubox.sync.carried.enrolments import bring_answer, put_request
from edubox.sync.carried.fill import Filled, fill, remove_damaged
from edubox.sync.carried.stick import make, recognise, sources_of
from edubox.sync.carried.wants import want_of
from edubox.sync.catalogue import Catalogue, Installed
from edubox.sync.job import synchronise
from edubox.sync.pacing.usage import count_carried
from edubox.sync.pinned import country_root, read_floor
from edubox.sync.report import Progress
from edubox.trust.directory import PREFIX
from edubox.trust.named import timestamp_path


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The lessons that *came* onto the box or were completed, what went onto the stick, and the first *error*.

    An error of the one does not stop the other: lessons that are refused here may be welcome elsewhere.
    """

    came: list[Installed]
    filled: Filled
    error: EduboxError | None


def exchange(
    data: Path, mount: Path, box: str, settings: dict[str, Any], catalogue: Catalogue, progress: Progress,
    system: datetime | None = None,
) -> Exchanged:  # fmt: skip
    """Exchange lessons with the stick at *mount*; *box* is this box's id, *system* what its clock says (UTC), now if None.

    Raises NotOurStick, Unreachable (it was pulled), UnusablePath (it is write-protected; what it brought is here), Busy.
    """
    root = country_root(data)
    folder, error = recognise(mount, root), None
    before = set(catalogue.installed())
    now = read_floor(data).now(system or datetime.now(UTC))
    bring_answer(data, folder, box, int(now.timestamp()))
    if (folder / timestamp_path(PREFIX)).exists():
        sources, well = sources_of(mount), False
        try:
            synchronise(data, sources, settings, catalogue, progress, system)
            well = True
        except Rollback:
            pass  # most sticks are older than a box that has a line
        except EduboxError as fault:
            error = fault
        count_carried(data, read_floor(data), sources, well=well, system=system)
    try:
        recognise(mount, root)
    except NotOurStick:
        raise Unreachable(source=mount, reason="the stick was pulled out") from None
    want = want_of(data, catalogue, box, settings, system)
    if isinstance(error, NotTrusted | BadInput | MissingFile):
        with contextlib.suppress(NotTrusted, MissingFile):
            remove_damaged(mount, root, want)
    filled = fill(mount, root, data / "mirror", progress, want)
    with pulled_is_unreachable(mount):
        put_request(data, recognise(mount, root), box)
    return Exchanged([one for one in catalogue.installed() if one not in before], filled, error)


def prepare(mount: Path, root: bytes, mirror: Path, progress: Progress) -> Filled:
    """Make the stick at *mount* one of ours, for the country of *root*, and fill it from *mirror*.

    Raises NotOurStick (another country's), AlreadyExists, Unreachable, UnusablePath, NoRoom, Busy.
    """
    make(mount, root)
    return fill(mount, root, mirror, progress)
