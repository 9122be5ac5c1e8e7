"""The text of one lesson onto the box: its cheapest bundle, its objects, its tree.

Near sources (a stick, the box next door) are asked for a bundle first, then for the files one by one; only
what none of them has is asked of a hub. Each stage is kept when the next one is cut: the bundle in staging,
then the objects in the mirror, then the tree; the next run begins where the files say. A bundle that cannot
be applied (a file of the old version is damaged, the source does not have it, its bytes are bad) gives way to
the next one, at last the full one. An applied bundle stays in the mirror, for neighbours and for repair,
until room is needed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from edubox.errors import (
    BadBundle,
    EduboxError,
    HashMismatch,
    MissingFile,
    NoRoom,
    NotFound,
    NotTrusted,
    Unreachable,
)
from edubox.pack.bundle import unpack_bundle
from edubox.pack.index import Bundle, Index
from edubox.pack.manifest import File, Manifest
from edubox.store.layout import bundle_path, object_path
from edubox.store.objects import holds, is_whole, put, settle_all
from edubox.store.platform import ensure_room, settle, sync_folder
from edubox.sync.by_objects import fetch_by_objects
from edubox.sync.fetching.fetch import Show, Wanted, fetch
from edubox.sync.fetching.sources import Source
from edubox.sync.local import Local
from edubox.sync.plan import DELTA, FULL, OBJECTS, SAME, Step

Try = tuple[str, Callable[[], Manifest]]


def install(local: Local, step: Step, show: Show) -> tuple[Manifest, str]:
    """Bring the objects of *step*'s version to the mirror; returns its manifest and the plan that worked.

    *show* gets (done, total) bytes. Raises Unreachable, MissingFile, HashMismatch, BadBundle, NoRoom; nothing
    that pupils see has changed then.
    """
    if not step.ways:
        return _known(local, step), SAME
    far = len(local.near) < len(local.sources)
    error: EduboxError | None = None
    for stage in (_kept, _near, _far) if far else (_kept, _near):
        try:
            done = _first_that_works(stage(local, step, show))
        except (BadBundle, NotTrusted, Unreachable) as found:
            error = _more_telling(error, found)
        else:
            if done is not None:
                return done
    raise error or Unreachable(source="No source", reason="none was given")


def _kept(local: Local, step: Step, show: Show) -> Iterator[Try]:
    """Bundles that this box kept, to repair what was made from them."""
    for way in step.ways:
        if _is_kept(local, way):
            yield _plan(way), partial(_apply, local, step.index, way, (), show)


def _near(local: Local, step: Step, show: Show) -> Iterator[Try]:
    for way in step.ways if local.near else ():
        yield _plan(way), partial(_apply, local, step.index, way, local.near, show)
    if local.near:
        yield OBJECTS, partial(fetch_by_objects, local, step.index, local.near, show)


def _far(local: Local, step: Step, show: Show) -> Iterator[Try]:
    for way in step.ways:
        yield _plan(way), partial(_apply, local, step.index, way, local.nearest_first, show)


def _first_that_works(attempts: Iterator[Try]) -> tuple[Manifest, str] | None:
    """None if there was nothing to try.

    The next way is for a bundle that is absent or wrong; a source that cannot be reached is not asked for a larger one.
    """
    error: EduboxError | None = None
    for plan, attempt in attempts:
        try:
            return attempt(), plan
        except (BadBundle, MissingFile, HashMismatch) as found:
            error = _more_telling(error, found)
    if error is not None:
        raise error
    return None


def _more_telling(before: EduboxError | None, found: EduboxError) -> EduboxError:
    """The later word counts, but that a source lacks a file is no news beside one that is damaged."""
    return before if before is not None and isinstance(found, MissingFile) else found


def _plan(way: Bundle) -> str:
    return DELTA if way.base else FULL


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


def _apply(local: Local, index: Index, way: Bundle, sources: Sequence[Source], show: Show) -> Manifest:
    """Fetch the bundle from *sources* (none: it is kept in the mirror) and unpack it."""
    staged = local.arriving / way.sha256
    here = staged.stat().st_size if staged.exists() else 0
    kept = not sources
    # Objects, their manifest, and the folders that they may be the first in.
    ensure_room(
        local.data,
        (0 if kept else max(way.size - here, 0)) + way.unpacked + index.manifest_size,
        2 * way.files + 8,
        local.reserve,
    )
    lasting = local.mirror / bundle_path(way.sha256)
    wanted = Wanted(bundle_path(way.sha256), way.sha256, way.size, way.pieces)
    bundle = lasting if kept else fetch(wanted, local.arriving, sources, show)
    manifest = _unpack(local, index, way, bundle)
    if not kept:
        settle(bundle, lasting)
        sync_folder(lasting.parent)
    return manifest


def _is_kept(local: Local, way: Bundle) -> bool:
    """Whether the mirror holds this bundle whole; a damaged one goes, so that it is fetched again."""
    path = local.mirror / bundle_path(way.sha256)
    whole = is_whole(path, way.sha256)
    if not whole:
        path.unlink(missing_ok=True)
    return whole


def _unpack(local: Local, index: Index, way: Bundle, bundle: Path) -> Manifest:
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
