"""The text of one lesson onto the box: its cheapest bundle, its objects, its tree.

Each stage is kept when the next one is cut: the bundle in staging, then the objects in the mirror, then the tree; the
next run begins where the files say. A bundle that cannot be applied (a file of the old version is damaged, the
source does not have it, its bytes are bad) gives way to the next one, at last the full one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from edubox.errors import BadBundle, EduboxError, HashMismatch, MissingFile, NoRoom, NotFound
from edubox.pack.bundle import unpack_bundle
from edubox.pack.index import Bundle, Index
from edubox.pack.manifest import File, Manifest
from edubox.store.layout import bundle_path, object_path
from edubox.store.objects import holds, put, settle_all
from edubox.store.platform import ensure_room
from edubox.sync.fetch import Wanted, fetch
from edubox.sync.local import Local
from edubox.sync.plan import DELTA, FULL, SAME, Step

Show = Callable[[int, int], None]


def install(local: Local, step: Step, show: Show) -> tuple[Manifest, str]:
    """Bring the objects of *step*'s version to the mirror; returns its manifest and the plan that worked.

    *show* gets (done, total) bytes. Raises Unreachable, MissingFile, HashMismatch, BadBundle, NoRoom; nothing that
    pupils see has changed then.
    """
    if not step.ways:
        return _known(local, step), SAME
    error: EduboxError | None = None
    for way in step.ways:
        try:
            return _apply(local, step.index, way, show), DELTA if way.base else FULL
        except (BadBundle, MissingFile, HashMismatch) as found:
            error = found
    assert error is not None
    raise error


def plant(local: Local, index: Index, manifest: Manifest) -> tuple[Path, bool]:
    """Make the tree of a version whose text is in the mirror, with the media that are; say if that is all.

    A tree that is there and whole is left alone. Raises NoRoom.
    """
    here = [file for file in manifest.files if not file.media or holds(local.mirror, file.sha256, file.size)]
    if local.site.lacking(index.manifest, here):
        local.site.build(index.manifest, here)
    return local.site.tree(index.manifest), len(here) == len(manifest.files)


def _known(local: Local, step: Step) -> Manifest:
    manifest = local.manifest(step.index.manifest)
    if manifest is None:
        raise NotFound(what=f"The list of files of {step.address}")
    return manifest


def _apply(local: Local, index: Index, way: Bundle, show: Show) -> Manifest:
    staged = local.arriving / way.sha256
    here = staged.stat().st_size if staged.exists() else 0
    # Objects, their manifest, and the folders that they may be the first in.
    ensure_room(
        local.data,
        max(way.size - here, 0) + way.unpacked + index.manifest_size,
        2 * way.files + 8,
        local.reserve,
    )
    wanted = Wanted(bundle_path(way.sha256), way.sha256, way.size, way.pieces)
    bundle = fetch(wanted, local.arriving, local.sources, show)
    shutil.rmtree(local.unpacking, ignore_errors=True)
    local.unpacking.mkdir(parents=True)
    old = local.manifest(way.base) if way.base else None
    if way.base and old is None:
        raise BadBundle(reason="the old version's list of files is missing on this box")
    try:
        with bundle.open("rb") as stream:
            manifest = unpack_bundle(
                stream, local.unpacking, manifest=index.manifest, manifest_size=index.manifest_size,
                unpacked=way.unpacked, files=way.files, old=old, open_old=lambda file: _open(local, file),
            )  # fmt: skip
    except OSError as fault:
        if NoRoom.describes(fault):
            raise
        raise BadBundle(reason=f"a file of the old version cannot be read ({fault.strerror})") from None
    settle_all(local.unpacking, local.mirror)
    put(local.mirror, index.manifest, manifest.to_bytes())
    return manifest


def _open(local: Local, file: File) -> BinaryIO:
    return (local.mirror / object_path(file.sha256)).open("rb")
