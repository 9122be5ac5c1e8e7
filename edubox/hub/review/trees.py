"""An offered lesson as files: laid out once below ``intake-work/trees``, for the checks, the comparison and the review's site.

A tree is made beside its place and renamed, so it is there whole or not at all; several processes may make it at once. What is
looked at is touched; the trees that nobody has looked at for longest leave when there are too many. All of it can be made anew
from the store, so none of it is backed up.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import select

from edubox.errors import MissingFile
from edubox.hub.errors import GoneLesson
from edubox.hub.hub import Hub
from edubox.hub.intake import shelf
from edubox.hub.review.arrivals import Arrival
from edubox.hub.review.findings import lay_out
from edubox.hub.tables import arrivals
from edubox.pack.bundle import unpack_bundle
from edubox.pack.index import Index
from edubox.pack.index import parse as parse_index
from edubox.pack.manifest import Manifest
from edubox.pack.manifest import parse as parse_manifest
from edubox.store.platform import ensure_room, full_disk_is_no_room
from edubox.sync.local import media_of

#: Trees that are kept: some 2 GB of ordinary lessons.
KEPT = 60
_BLOCK = 1024 * 1024


def index_of(hub: Hub, one: Arrival) -> Index:
    """The index that the school signed. Raises GoneLesson, DatabaseAway."""
    with hub.database.read() as connection:
        signed = connection.execute(select(arrivals.c.signed).where(arrivals.c.id == one.id)).scalar()
    if signed is None:
        raise GoneLesson(what="This lesson")
    return parse_index(signed.encode("utf-8"))


def manifest_of(hub: Hub, one: Arrival) -> Manifest:
    """The list of files of an arrival. Raises GoneLesson (it left after its time), StoreAway."""
    try:
        return parse_manifest(shelf.of(hub).read(one.manifest))
    except MissingFile:
        raise GoneLesson(what=f"The list of files of {one.address}, version {one.version},") from None


def tree(hub: Hub, one: Arrival) -> Path:
    """The folder with the files of an arrival, by their paths. Raises GoneLesson, StoreAway, NoRoom."""
    around = hub.data / "intake-work" / "trees"
    place = around / one.manifest
    if not place.is_dir():
        around.mkdir(parents=True, exist_ok=True)
        manifest, index = manifest_of(hub, one), index_of(hub, one)
        ensure_room(around, 2 * manifest.size, 2 * len(manifest.files) + 10)
        with full_disk_is_no_room(around), shelf.work_folder(hub, "tree") as work:
            unpack(hub, manifest, index, work / "objects")
            lay_out(manifest, work / "objects", work / "tree")
            # Somebody else may have been faster, with the same files.
            with contextlib.suppress(OSError):
                (work / "tree").rename(place)
        _let_go(around)
    with contextlib.suppress(OSError):
        os.utime(place)
    return place


def unpack(hub: Hub, manifest: Manifest, index: Index, objects: Path) -> None:
    """Make *objects* with every object of a lesson that was verified when it came. Raises GoneLesson, StoreAway."""
    objects.mkdir(parents=True)
    full: Any = index.full
    store = shelf.of(hub)
    try:
        with store.open(full.sha256) as stream:
            unpack_bundle(
                stream, objects, manifest=index.manifest, manifest_size=index.manifest_size, unpacked=full.unpacked,
                files=full.files,
            )  # fmt: skip
        for file in media_of(manifest):
            with (objects / file.sha256).open("wb") as out:
                if file.size:
                    with store.open(file.sha256) as stream:
                        shutil.copyfileobj(stream, out, _BLOCK)
    except MissingFile:
        raise GoneLesson(what=f"A file of the lesson {manifest.name}") from None


def forget(hub: Hub, manifest: str) -> None:
    """Take the tree of a version away. One that is not there is no error."""
    shutil.rmtree(hub.data / "intake-work" / "trees" / manifest, ignore_errors=True)


def _let_go(around: Path) -> None:
    trees = sorted((path for path in around.iterdir() if path.is_dir()), key=_touched, reverse=True)
    for path in trees[KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
