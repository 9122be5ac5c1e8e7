"""A lesson's text file by file: from a near source that holds the files but no bundle of them, as boxes do.

The list of files comes first and must have the hash that the index signs; then every file that this box
lacks, each checked against the list. A request for each file would be dear on a line and costs nothing next
door. Files wait in staging under their hashes, so a cut costs the one that was under way; they enter the
mirror together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from edubox.errors import EduboxError, HashMismatch, MissingFile, Unreachable
from edubox.pack.bundle import carried
from edubox.pack.index import Index
from edubox.pack.manifest import File, Manifest, parse
from edubox.store.layout import object_path
from edubox.store.objects import is_whole, put, settle_all
from edubox.store.platform import ensure_room, full_disk_is_no_room
from edubox.sync.fetching.fetch import Show, Wanted, fetch
from edubox.sync.fetching.sources import Source
from edubox.sync.local import Local

#: Files up to so many bytes are read in one answer; larger ones resume like bundles do.
_SMALL = 1024 * 1024


def fetch_by_objects(local: Local, index: Index, sources: Sequence[Source], show: Show) -> Manifest:
    """Bring the text of *index*'s version to the mirror from *sources*; *show* gets (done, total) bytes.

    Raises MissingFile when none of them holds all of it, Unreachable, HashMismatch, NoRoom; what came is kept.
    """
    manifest = _list_of_files(local, index, sources)
    absent = {file.sha256: file for file in local.absent(carried(manifest))}
    total = sum(file.size for file in absent.values())
    ensure_room(local.data, total + index.manifest_size, len(absent) + 8, local.reserve)
    done = 0
    with full_disk_is_no_room(local.arriving):
        for file in absent.values():
            show(done, total)
            # An earlier try may have left it, but after a power cut its right size alone says little.
            if not is_whole(local.arriving / file.sha256, file.sha256):
                _bring(local, file, sources)
            done += file.size
        show(done, total)
        local.unpacking.mkdir(parents=True, exist_ok=True)
        for sha256 in absent:
            (local.arriving / sha256).replace(local.unpacking / sha256)
    settle_all(local.unpacking, local.mirror)
    put(local.mirror, index.manifest, manifest.to_bytes())
    (local.arriving / index.manifest).unlink(missing_ok=True)
    return manifest


def arriving_by_objects(arriving: Path, manifest: str) -> set[str]:
    """Hashes of the files that wait in *arriving* for the rest of the version *manifest*."""
    try:
        listed = parse((arriving / manifest).read_bytes())
    except (OSError, EduboxError):
        return set()
    return {manifest, *(file.sha256 for file in carried(listed))}


def _list_of_files(local: Local, index: Index, sources: Sequence[Source]) -> Manifest:
    """The manifest, from the mirror, from an earlier try or from the first source that has it."""
    known = local.manifest(index.manifest)
    if known is not None:
        return known
    waiting = local.arriving / index.manifest
    data = waiting.read_bytes() if waiting.exists() else b""
    if hashlib.sha256(data).hexdigest() != index.manifest:
        data = _read(object_path(index.manifest), index.manifest, index.manifest_size, sources)
        waiting.write_bytes(data)
    return parse(data)


def _bring(local: Local, file: File, sources: Sequence[Source]) -> None:
    if file.size > _SMALL:
        fetch(Wanted(object_path(file.sha256), file.sha256, file.size, file.pieces), local.arriving, sources)
    else:
        data = _read(object_path(file.sha256), file.sha256, file.size, sources)
        (local.arriving / file.sha256).write_bytes(data)


def _read(path: str, sha256: str, size: int, sources: Sequence[Source]) -> bytes:
    """The *size* bytes at *path* from the first source that has them right."""
    first: EduboxError | None = None
    for source in sources:
        try:
            data = source.read(path, size)
        except (Unreachable, HashMismatch) as error:
            first = first or error
            continue
        if len(data) == size and hashlib.sha256(data).hexdigest() == sha256:
            return data
        first = first or HashMismatch(what=f"{path} from {source.name}")
    raise first or MissingFile(source="no source", path=path)
