"""The school's own lessons onto its own pages, out of its own mirror: no source, no directory, no other publisher.

A box that no country has answered yet shows what its school publishes, and a box out of a backup shows it
before it has a line. The next synchronisation finds everything done.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from edubox.errors import Unreachable
from edubox.pack.erasure import Erasure
from edubox.store.lock import lock
from edubox.store.platform import full_disk_is_no_room
from edubox.sync.catalogue import Catalogue


def show_own(data: Path, settings: dict[str, Any], catalogue: Catalogue, now: datetime) -> list[str]:
    """Let pupils read every own lesson as it was last published; returns the slugs that changed. *now* is UTC.

    A lesson whose files are not here yet waits. Raises NotTrusted or MissingFile (the repository is damaged),
    BadBundle, NoRoom, Busy.
    """
    from edubox.box.own.repository import sweep_staff
    from edubox.store.space import reserve_of
    from edubox.sync.install import install, plant
    from edubox.sync.local import Local
    from edubox.sync.own import LONG_AGO, own_record
    from edubox.sync.plan import NOTHING, WITHDRAWN, decide
    from edubox.sync.trusted import read_publisher
    from edubox.trust.publisher import prefix as prefix_of

    changed = []
    with lock(data / ".lock"), full_disk_is_no_room(data):
        local = Local(data, [], reserve_of(data, settings))
        record = own_record(data, settings["name"])
        if record is None:
            return []
        for folder in (local.verifying, local.arriving):
            folder.mkdir(parents=True, exist_ok=True)
        found = read_publisher(local.mirror, local.verifying, [local.own], record, now, LONG_AGO)
        installed = {one.slug: one for one in catalogue.installed() if one.publisher == record.id}
        for slug, index in found.indexes.items():
            one = installed.get(slug)
            intact = one is not None and local.intact(one.manifest)
            step = decide(record.id, slug, index, one, intact=intact, held=local.held)
            if step.plan == NOTHING:
                continue
            if step.plan == WITHDRAWN:
                catalogue.withdraw(record.id, slug, index.version)
            else:
                try:
                    manifest, _ = install(local, step, lambda *_: None)
                except Unreachable:
                    continue  # after a takeover: what a source said of it is here, its files come with the next sync
                tree, complete = plant(local, index, manifest)
                catalogue.activate(record.id, slug, index, manifest, tree, complete=complete)
            changed.append(slug)
        sweep_staff(local.mirror, prefix_of(record.id))
    return changed


def forget_erased(data: Path, settings: dict[str, Any], catalogue: Catalogue, erased: Erasure) -> None:
    """Delete from the box in *data* what its school *erased*, pages, files and traces. Raises NoRoom, Busy.

    Every synchronisation does the same; this one is for the school that does not want to wait for it.
    """
    from edubox.box.own.repository import sweep_staff
    from edubox.store.space import reserve_of
    from edubox.sync import erase
    from edubox.sync.local import Local
    from edubox.sync.own import own_publisher
    from edubox.trust.publisher import prefix as prefix_of

    with lock(data / ".lock"), full_disk_is_no_room(data):
        own = own_publisher(data)
        assert own is not None
        local = Local(data, [], reserve_of(data, settings))
        erase.apply(local, catalogue, erase.Erasures(publishers={own: erased}), lambda _: None)
        sweep_staff(local.mirror, prefix_of(own))
