"""What leaves a box: what a killed run left half-written, arrivals that nobody wants any more, replaced versions.

Nothing leaves while a publisher's word is missing, nor before the version that takes its place can be read.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from datetime import datetime
from functools import partial

from edubox.store.layout import BUNDLES, DIRECTORY, PUBLISHERS
from edubox.store.objects import sweep
from edubox.store.platform import is_unfinished, make_folder
from edubox.store.twins import sweep as sweep_twins
from edubox.sync.by_objects import arriving_by_objects
from edubox.sync.carried.courier_shelf import Shelf
from edubox.sync.local import Local


def clear_leftovers(local: Local) -> None:
    """Remove what a run that was killed left half-written, and couriers that nobody came back for.

    The folder of arrivals is kept.
    """
    Shelf(local.data, local.reserve).tidy()
    for folder in (local.unpacking, local.verifying):
        shutil.rmtree(folder, ignore_errors=True)
    make_folder(local.arriving)
    # For this run alone: its name need not last, and a sync costs a slow card a tenth of a second.
    local.verifying.mkdir(exist_ok=True)
    local.site.clear_leftovers()
    for folder in (local.data / "keys", local.mirror / DIRECTORY, local.mirror / PUBLISHERS):
        for path in list(folder.rglob(".*")):
            if is_unfinished(path.name):
                path.unlink()


def forget_arrivals(local: Local, wanted: Collection[str]) -> None:
    """Remove half-fetched files that no current lesson needs: *wanted* are hashes of bundles, media and manifests."""
    kept = set(wanted)
    for name in wanted:
        kept |= arriving_by_objects(local.arriving, name)
    for path in list(local.arriving.iterdir()):
        if path.name not in kept:
            path.unlink()


def forget_bundles(local: Local, listed: Collection[str]) -> None:
    """Remove kept bundles that no current index lists: nobody will ask this box for them."""
    for path in list((local.mirror / BUNDLES).glob("[0-9a-f][0-9a-f]/*")):
        if path.name not in listed:
            path.unlink()


def let_old_versions_leave(
    local: Local, current: set[str], wanted: Collection[str], now: datetime, *, changed: bool
) -> None:
    """Remove trees that have not been *current* (hashes of manifests) for a night, and what only they used.

    *wanted* are hashes of what is still on its way; *changed* says whether this run changed any lesson.
    """
    site = local.site
    if site.retire(current, now) or changed:
        readable = site.manifests() | current
        sweep(local.mirror, partial(_strike_used, local, readable, readable | set(wanted)))
        sweep_twins(site.twins)


def _strike_used(local: Local, readable: set[str], used: set[str], candidates: set[str]) -> None:
    """Strike from *candidates* what the *readable* versions and those on their way need."""
    for sha256 in used:
        candidates.discard(sha256)
        manifest = local.manifest(sha256)
        if manifest is not None:
            candidates.difference_update(file.sha256 for file in manifest.files)
        elif sha256 in readable:
            candidates.clear()  # its list of files is damaged, so nobody can say what it needs
