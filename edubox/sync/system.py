"""The system of this box: one bundle that leads from what it runs to what is published, kept whole until root installs it.

Of all systems that publishers sign, only the one that ``system_from`` names is fetched, for this box's board, and only where
there are slots: it is never unpacked here and never a lesson. Which system runs is told by the files that root writes
(``edubox.store.slots``). They are asked again at each synchronisation, so a bundle is wanted until it is installed, then a
kept package like any other, for neighbours, until its room is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edubox.errors import HashMismatch, MissingFile
from edubox.pack.index import Bundle, Index
from edubox.store import slots
from edubox.store.layout import bundle_path
from edubox.store.objects import is_whole
from edubox.store.platform import ensure_room, settle, sync_folder
from edubox.sync.fetching.fetch import Show, Wanted, fetch
from edubox.sync.local import Local
from edubox.sync.plan import DELTA, FULL, Step


def wanted_from(settings: Mapping[str, Any]) -> tuple[str, str]:
    """The publisher and the slug of the system that this box keeps up to date; empty when it keeps none."""
    address = settings.get("system_from", "")
    if not address or not Path(settings["slots"]).is_dir():
        return "", ""
    publisher, _, slug = address.rpartition("/")
    return publisher, slug


def running(settings: Mapping[str, Any]) -> str | None:
    """The manifest of the system that runs, if this box keeps it up to date and a delta may start from it."""
    here = slots.running() if wanted_from(settings)[0] else None
    held = slots.read(Path(settings["slots"]), here) if here else None
    return held.manifest if held and slots.list_of_files(Path(settings["slots"]), held) is not None else None


def decide(publisher: str, slug: str, index: Index, settings: Mapping[str, Any]) -> Step | None:
    """The step to the system of *index*; None when this box needs nothing of it, or nobody knows what it runs."""
    folder, here = Path(settings["slots"]), slots.running()
    held = slots.read(folder, here) if here else None
    if here is None or held is None or index.withdrawn or index.system != held.board:
        return None
    there = slots.read(folder, slots.other(here))
    known = {held.manifest, *slots.refused(folder)} | ({there.manifest} if there else set())
    older = index.version <= held.version and held.source in {"", f"{publisher}/{slug}"}
    if older or index.manifest in known:
        return None
    base = running(settings)
    ways = index.ways(lambda manifest: manifest == base)
    return Step(publisher, slug, index, DELTA if ways and ways[0].base else FULL, ways)


def bring(local: Local, step: Step, show: Show) -> str:
    """Bring the cheapest bundle of *step* to the mirror and return its plan; one that is there and whole is enough.

    *show* gets (done, total) bytes. Raises Unreachable, MissingFile, HashMismatch, NoRoom; what came is kept.
    """
    for way in step.ways:
        if is_whole(local.mirror / bundle_path(way.sha256), way.sha256):
            return _plan(way)
    error: MissingFile | HashMismatch | None = None
    for way in step.ways:
        try:
            _fetch(local, way, show)
        except (MissingFile, HashMismatch) as found:
            error = error or found
        else:
            return _plan(way)
    raise error or MissingFile(source=step.address, path="a bundle that makes a whole system")


def _fetch(local: Local, way: Bundle, show: Show) -> None:
    staged, lasting = local.arriving / way.sha256, local.mirror / bundle_path(way.sha256)
    here = staged.stat().st_size if staged.exists() else 0
    ensure_room(local.data, max(way.size - here, 0), 4, local.reserve)
    wanted = Wanted(bundle_path(way.sha256), way.sha256, way.size, way.pieces)
    settle(fetch(wanted, local.arriving, local.nearest_first, show), lasting)
    sync_folder(lasting.parent)


def _plan(way: Bundle) -> str:
    return DELTA if way.base else FULL
