"""One synchronisation from end to end, under the data folder's lock.

Directory and publishers are heard first, then what was erased leaves; then each lesson is decided, and taken
in the order asked for, free, small, large; then this box's system, if it has slots; then media. One bad lesson does not stop the others: everything
that can be done is done and told, then the first error is raised. A run that is postponed (hours, budgets, a
pause) ends there and is no error. The end of a run is also when replaced versions leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edubox.errors import BadInput, EduboxError, Postponed
from edubox.store.lock import lock
from edubox.store.platform import full_disk_is_no_room
from edubox.store.space import reserve_of
from edubox.sync import checking, erase, leaving
from edubox.sync.catalogue import Catalogue
from edubox.sync.curtain import write_curtains
from edubox.sync.fetching.sources import Source
from edubox.sync.hearing import Heard, hear
from edubox.sync.lessons import Lessons
from edubox.sync.local import Local
from edubox.sync.older import kept_versions
from edubox.sync.own import own_publisher
from edubox.sync.plan import FULL, NOTHING
from edubox.sync.report import Progress, Report, Telling
from edubox.sync.status import StatusFile


def synchronise(
    data: Path, sources: Sequence[Source], settings: Mapping[str, Any], catalogue: Catalogue, progress: Progress,
    system: datetime | None = None, status: StatusFile | None = None, *, accept_old: bool = False,
) -> Report:  # fmt: skip
    """Bring the box in *data* up to date.

    *system*: what its clock says (UTC), now if None; *status*: where to tell how far it is; *accept_old*:
    take new lessons although the signatures are so old that they would wait for a person's word. Raises Busy,
    and after doing all that could be done the first of: Unreachable (received bytes are kept), NotTrusted and
    its kin, BadInput and its kin (a publisher's mistake), NoRoom.
    """
    if not sources:
        raise BadInput(reason="no source was named")
    with lock(data / ".lock"), full_disk_is_no_room(data):
        local = Local(data, list(sources), reserve_of(data, settings))
        telling = Telling(progress, status or StatusFile(data), local.received)
        try:
            _run(local, catalogue, settings, system or datetime.now(UTC), telling, accept_old=accept_old)
        except Postponed as later:
            telling.postpone(later)
        except EduboxError as error:
            telling.end(error)
            raise
        telling.report.requests = sum(source.requests for source in sources)
        telling.end(telling.errors[0] if telling.errors else telling.postponed)
    if telling.errors:
        raise telling.errors[0]
    return telling.report


def _run(
    local: Local, catalogue: Catalogue, settings: Mapping[str, Any], system: datetime, telling: Telling, *,
    accept_old: bool,
) -> None:  # fmt: skip
    leaving.clear_leftovers(local)
    heard = hear(local, catalogue, settings, system, telling)
    _speak_of_age(heard, telling, accept_old=accept_old)
    try:
        erase.apply(local, catalogue, heard.erasures, telling.say)
    except EduboxError as error:
        telling.failed("what was erased", error)
    lessons = Lessons(local, catalogue, telling, heard)
    steps = lessons.decide()
    system_step = lessons.decide_system(settings)
    telling.expect(steps if system_step is None else [*steps, system_step])
    for step in steps:
        lessons.take(step)
    # An update of the system is as small as a text; all of it has the size of a film, and takes its turn among them.
    whole = system_step if system_step is not None and system_step.plan == FULL else None
    if system_step is not None and whole is None:
        lessons.bring_system(system_step)
    lessons.bring_media(steps, whole)
    write_curtains(local.data, lessons.curtains())
    checking.note_spreading(local.data, lessons.spreading)
    if heard.all_said and telling.postponed is None:
        own = own_publisher(local.data)
        older = kept_versions(local.mirror, own) if own else []
        leaving.forget_arrivals(local, lessons.wanted)
        leaving.forget_bundles(
            local, lessons.listed.union(*([one.sha256 for one in index.bundles] for index in older))
        )
        closed = {step.index.manifest for step in lessons.closed.values()}
        current = {one.manifest for one in catalogue.installed()} | closed
        changed = any(step.plan != NOTHING for step in steps)
        kept = lessons.wanted | {index.manifest for index in older}
        leaving.let_old_versions_leave(local, current, kept, heard.now, changed=changed)


def _speak_of_age(heard: Heard, telling: Telling, *, accept_old: bool) -> None:
    """Say whose new lessons wait because their signatures are so old, unless a person said that they come all the same."""
    if accept_old:
        heard.too_old.clear()
    for publisher in sorted(heard.too_old):
        telling.say(
            f"The signatures of {publisher} are too old: new lessons wait for newer ones, or for edubox sync --accept-old."
        )
