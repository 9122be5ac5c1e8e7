"""What a mirror that is published from holds of erased lessons, and taking it away.

The files say it themselves: every index that was ever published here still lies in ``targets``, names the bundles of its
version, and a full bundle names the rest. Deleting ends with what tells the most, so that a run that was cut finds
again what it had not reached. A bundle or a film stays while another publisher's lesson needs it; what the ministry
recalled stays for nobody.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import BadInput, EduboxError
from edubox.pack.bundle import read_media, unpack_bundle
from edubox.pack.erasure import ERASE_LIST, Erasure, derived_bundles, parse
from edubox.pack.index import MAX_INDEX, Index
from edubox.pack.index import parse as parse_index
from edubox.pack.manifest import MAX_MANIFEST, Manifest
from edubox.pack.manifest import parse as parse_manifest
from edubox.store.layout import BUNDLES, OBJECTS, PUBLISHERS, STAFF, bundle_path, metadata_path, object_path
from edubox.trust import directory, publisher
from edubox.trust.fetch import FolderFetch, open_inside

#: Names of a publisher that are looked up; boxes follow fewer moves.
_MOST_NAMES = 10
_INDEX = re.compile(r"[0-9a-f]{64}\.([a-z0-9-]+)\.json\Z")


@dataclass(frozen=True, slots=True)
class Version:
    """One version that was published in this mirror."""

    publisher: str
    slug: str
    index: Index


def versions(mirror: Path) -> Iterator[Version]:
    """Every version that an index in *mirror* tells of, withdrawals included; what cannot be read is left out."""
    fetch = FolderFetch(mirror)  # a stick may hold pipes in the place of files
    for path in sorted((mirror / PUBLISHERS).glob("*/*/targets/*.json")):
        name = _INDEX.match(path.name)
        if name is None:
            continue
        try:
            index = parse_index(fetch.read(path.relative_to(mirror).as_posix(), MAX_INDEX))
        except EduboxError:
            continue
        yield Version("/".join(path.parts[-4:-2]), name[1], index)


def current(found: list[Version]) -> list[Version]:
    """The newest of each lesson in *found*, without those that were withdrawn."""
    newest: dict[tuple[str, str], Version] = {}
    for one in found:
        known = newest.get((one.publisher, one.slug))
        if known is None or one.index.version > known.index.version:
            newest[one.publisher, one.slug] = one
    return [one for one in newest.values() if not one.index.withdrawn]


def manifest_of(mirror: Path, work: Path, index: Index) -> Manifest | None:
    """The list of files of a version, out of its full bundle; None if that is not whole here. Raises NoRoom."""
    full = index.full
    if full is None:
        return None
    with tempfile.TemporaryDirectory(dir=work) as folder:
        try:
            with (mirror / bundle_path(full.sha256)).open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != full.sha256:
                    return None
                stream.seek(0)
                return unpack_bundle(
                    stream, Path(folder), manifest=index.manifest, manifest_size=index.manifest_size,
                    unpacked=full.unpacked, files=full.files,
                )  # fmt: skip
        except (BadInput, FileNotFoundError):
            return None


def delete(
    mirror: Path, erased: Erasure, names: Collection[str] | None, told: Sequence[Version] = (),
    dead: Collection[tuple[str, str]] = (),
) -> list[str]:  # fmt: skip
    """Delete from *mirror* what *erased* names and what derives from it; returns the paths that are gone.

    *names* are the names, now and before it moved, of the publisher whose lessons it speaks of, None for the ministry,
    which speaks of everybody's. *told* are versions of which indexes elsewhere tell, those of *mirror* being lost.
    *dead* are versions, as publisher and manifest, that other lists name: they need nothing, though *mirror* may not know.
    """
    here = list(versions(mirror))
    found = [*here, *told]

    def is_theirs(one: Version) -> bool:
        return names is None or one.publisher in names

    def is_named(one: Version) -> bool:
        return one.index.manifest in erased.manifests and is_theirs(one)

    live = [
        one for one in current(here) if not is_named(one) and (one.publisher, one.index.manifest) not in dead
    ]
    films = set(erased.objects).union(*(_media(mirror, one.index) or () for one in found if is_named(one)))
    films = {name for name in films if any(path.exists() for path in _places(mirror, object_path(name)))}
    for one in live if films else ():
        media = _media(mirror, one.index)
        if media is not None:
            films -= media
        elif not is_theirs(one):
            films.clear()  # nobody can say here what this one needs
    theirs = {bundle.sha256 for one in live if not is_theirs(one) for bundle in one.index.bundles}
    scope = [one.index for one in found if is_theirs(one)]
    # Bundles last: they tell which media a version had.
    paths = [object_path(name) for name in sorted(films)]
    paths += [bundle_path(name) for name in sorted(derived_bundles(scope, erased.manifests) - theirs)]
    gone = [removed for path in paths for removed in _remove(mirror, path)]
    if gone:
        os.sync()
    return gone


def clean(carried: Path, mirror: Path) -> list[str]:
    """Delete from *carried*, a copy that somebody carries, what the lists in *mirror* say; returns the paths gone.

    *mirror* is a box's own, where only verified lists are. Raises NotTrusted, MissingFile (it holds no country yet).
    """
    # A worn copy may have lost the indexes that tell which bundles an erased lesson had.
    told = list(versions(mirror))
    listed = directory.Directory(FolderFetch(mirror))
    lists: list[tuple[Erasure, list[str] | None]] = []
    recalled = listed.recall_list()
    if recalled:
        lists.append((parse(recalled), None))
    for repository in sorted((mirror / PUBLISHERS).glob("*/*")):
        publisher_id = "/".join(repository.parts[-2:])
        data = publisher.current(FolderFetch(mirror), publisher_id, ERASE_LIST)
        if data:
            lists.append((parse(data), _names(listed, publisher_id)))
    # Two publishers may have erased the same lesson, and a copy of last month shows it as alive at both.
    dead = {
        (one.publisher, one.index.manifest)
        for erased, names in lists
        for one in [*versions(carried), *told]
        if one.index.manifest in erased.manifests and (names is None or one.publisher in names)
    }
    gone = [path for erased, names in lists for path in delete(carried, erased, names, told, dead)]
    if lists:
        gone += _unnamed_bundles(carried, told)
        gone += _unnamed_objects(carried, mirror, told, dead)
    return gone


def _unnamed_bundles(carried: Path, told: Sequence[Version]) -> list[str]:
    """Delete the bundles in *carried* that no index tells of: nobody can say what they hold, and nobody asks for them."""
    named = {bundle.sha256 for one in [*versions(carried), *told] for bundle in one.index.bundles}
    here = {path.name for path in carried.glob(f"{BUNDLES}/[0-9a-f][0-9a-f]/*")}
    return [removed for name in sorted(here - named) for removed in _remove(carried, bundle_path(name))]


def _unnamed_objects(
    carried: Path, mirror: Path, told: Sequence[Version], dead: Collection[tuple[str, str]]
) -> list[str]:
    """Delete the objects in *carried* that no current lesson has, *dead* ones apart; none while one of those is unknown."""
    named: set[str] = set()
    for one in current([*versions(carried), *told]):
        if (one.publisher, one.index.manifest) not in dead:
            files = _listed(carried, one.index) or _listed(mirror, one.index) or _media(carried, one.index)
            if files is None:
                return []
            named |= {one.index.manifest, *files}
    here = {path.name for path in carried.glob(f"{OBJECTS}/[0-9a-f][0-9a-f]/*")}
    return [removed for name in sorted(here - named) for removed in _remove(carried, object_path(name))]


def _listed(place: Path, index: Index) -> set[str] | None:
    """Hashes of all files of a version, from its list of files as an object; None if that is not in *place*."""
    try:
        data = FolderFetch(place).read(object_path(index.manifest), MAX_MANIFEST)
        return {file.sha256 for file in parse_manifest(data).files}
    except EduboxError:
        return None


def _names(listed: directory.Directory, publisher_id: str) -> list[str]:
    """The names that a publisher has had, its own first, as far as *listed* can say."""
    names = [publisher_id]
    while len(names) <= _MOST_NAMES:
        try:
            record = listed.record(names[-1])
        except EduboxError:
            break  # a box has the records of those that it follows
        if record is None or record.moved_from is None:
            break
        names.append(record.moved_from)
    return names


def refuse_erased(mirror: Path, publisher_id: str, manifest: Manifest) -> None:
    """Raise BadInput if *publisher_id* or the ministry erased the lesson *manifest* or a file of it.

    No box would take it, and the bytes would be back where they must not be.
    """
    erased = refuse_erased_version(mirror, publisher_id, manifest.id)
    for file in manifest.files:
        if file.sha256 in erased.objects:
            raise BadInput(reason=f"its file {file.path} was erased, and no box would take it")


def refuse_erased_version(mirror: Path, publisher_id: str, manifest: str) -> Erasure:
    """Raise BadInput if *publisher_id* or the ministry erased the version *manifest*; else all that they erased."""
    mine = publisher.current(FolderFetch(mirror), publisher_id, ERASE_LIST)
    erased = parse(mine) if mine else Erasure()
    # A school's box may publish before it has met its country.
    if (mirror / metadata_path(directory.PREFIX, "timestamp")).exists():
        recalled = directory.Directory(FolderFetch(mirror)).recall_list()
        erased |= parse(recalled) if recalled else Erasure()
    if manifest in erased.manifests:
        raise BadInput(reason="this lesson was erased, and no box would take it")
    return erased


def _media(mirror: Path, index: Index) -> set[str] | None:
    """Hashes of the media of a version; None if its bundle is not here, so that nobody can say."""
    if index.full is None:
        return set()
    try:
        with open_inside(mirror, bundle_path(index.full.sha256)) as stream:
            return {sha256 for sha256, _ in read_media(stream, index.manifest_size)}
    except (EduboxError, OSError):
        return None


def _places(mirror: Path, path: str) -> list[Path]:
    return [mirror / path, mirror / STAFF / path]


def _remove(mirror: Path, path: str) -> list[str]:
    removed = []
    for place in _places(mirror, path):
        if place.exists():
            place.unlink()
            removed.append(place.relative_to(mirror).as_posix())
    return removed
