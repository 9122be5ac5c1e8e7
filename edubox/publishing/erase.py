"""Erase: what a publisher or the ministry says must be nowhere any more.

Withdrawing takes a lesson out of sight; erasing takes its bytes away, from this mirror and, at their next
synchronisation, from every box. The list of what was erased and the withdrawal of the lessons that hold it are signed in
one publication, then the files go. A run that was cut is run again: it signs nothing twice and deletes what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from edubox.errors import BadIdentifier, NotFound
from edubox.pack.erasure import ERASE_LIST, Erasure, parse
from edubox.pack.manifest import Manifest
from edubox.pack.names import STAFF, check_slug, is_sha256
from edubox.publishing.country import release_directory
from edubox.publishing.deletion import Version, current, delete, manifest_of, versions
from edubox.publishing.job import withdrawal
from edubox.publishing.workplace import Workplace
from edubox.trust import directory, publisher
from edubox.trust.fetch import FolderFetch

#: Gets (versions looked at, versions in all).
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: the whole list as signed now, lessons taken back, files deleted here, and notes for a person."""

    erasure: Erasure
    withdrawn: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def erase(
    publisher_id: str, slug: str, workplace: Workplace, passphrase: str, now: datetime,
    paths: Collection[str] = (), progress: Progress = lambda *_: None,
) -> Erased:  # fmt: skip
    """Erase the lesson *slug*, every version of it, or only the files at *paths* in any of its versions.

    A file goes from every lesson of this publisher that has it: those whose current version does are taken back. *now* is
    UTC. Raises NotFound (no such lesson, file, publisher or key), BadIdentifier, BadInput (the list is full),
    WrongPassphrase, NotTrusted, NoRoom, Busy.
    """
    check_slug(slug)
    with workplace.publisher(publisher_id) as repository:
        writer = repository.unlock(passphrase)
        if not repository.history(slug):
            raise NotFound(what=f"The lesson {publisher_id}/{slug}")
        own = [one for one in versions(workplace.mirror) if one.publisher == publisher_id]
        read = dict(_manifests(workplace.mirror, repository.staging, own, progress))
        signed = publisher.current(FolderFetch(workplace.mirror), publisher_id, ERASE_LIST)
        known = parse(signed) if signed else Erasure()
        more = _files(own, slug, paths, read, known) if paths else _lesson(own, slug, read)
        erasure = known | more
        withdrawn = {
            one.slug: withdrawal(one.index, now).to_bytes() for one in current(own)
            if one.index.manifest in erasure.manifests or (one.slug in _both(slug) and not paths)
        }  # fmt: skip
        changes = {f"{name}.json": data for name, data in withdrawn.items()}
        if erasure != known:
            changes[ERASE_LIST] = erasure.to_bytes()
        if changes:
            repository.change(changes, writer, now)
        deleted = delete(workplace.mirror, erasure, [publisher_id])
    addresses = [f"{publisher_id}/{name}" for name in sorted(withdrawn)]
    return Erased(
        erasure, addresses, deleted, [*_shared(own, slug, erasure), *_notes(own, slug, read, known)]
    )


def recall(
    folder: Path, manifests: Collection[str], objects: Collection[str], passphrase: str, now: datetime,
    progress: Progress = lambda *_: None,
) -> Erased:  # fmt: skip
    """Enter versions and files, by their SHA-256, in the ministry's recall list of the country in *folder*.

    Whoever publishes them, no box shows them any more. Versions in this mirror that hold one of *objects* are listed
    too. *now* is UTC. Raises BadIdentifier (no SHA-256), BadInput (the list is full), NotFound (no country or key),
    WrongPassphrase, NotTrusted, NoRoom, Busy.
    """
    for sha256 in (*manifests, *objects):
        if not is_sha256(sha256):
            raise BadIdentifier(value=sha256, reason="it is not a SHA-256 of 64 small letters and digits")
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX) as staging:
        listed = directory.Directory(FolderFetch(workplace.mirror))
        ministry = workplace.signer("targets", passphrase)
        signed = listed.recall_list()
        known = parse(signed) if signed else Erasure()
        found = versions(workplace.mirror) if objects else []
        holding = _holding(_manifests(workplace.mirror, staging, found, progress), objects)
        erasure = known | Erasure(frozenset(manifests) | holding, frozenset(objects))
        if erasure != known:
            data = erasure.to_bytes()
            listed.recall(data, [ministry], now)
            release_directory(workplace, listed, {directory.RECALL_LIST: data}, now)
        deleted = delete(workplace.mirror, erasure, None)
    return Erased(erasure, deleted=deleted)


def _manifests(
    mirror: Path, work: Path, found: Iterable[Version], progress: Progress
) -> Iterator[tuple[str, Manifest]]:
    """Hash and list of files of those of *found* that are whole in *mirror*."""
    wanted = {one.index.manifest: one.index for one in found if not one.index.withdrawn}
    for number, (sha256, index) in enumerate(wanted.items()):
        progress(number, len(wanted))
        manifest = manifest_of(mirror, work, index)
        if manifest is not None:
            yield sha256, manifest


def _both(slug: str) -> tuple[str, str]:
    """A lesson, and what goes with it for teachers only."""
    return slug, slug + STAFF


def _lesson(own: list[Version], slug: str, read: dict[str, Manifest]) -> Erasure:
    """Every version of *slug*, and the media that no other lesson of its publisher has.

    Mirrors hold media as files of their own; the other files lie in bundles, which go with their version. Naming those
    too would keep a library that this lesson happened to be the only one to have out of all later lessons.
    """
    its = _both(slug)
    versions_of_it = {one.index.manifest for one in own if one.slug in its and not one.index.withdrawn}
    others = {one.index.manifest for one in current(own) if one.slug not in its}
    gone = versions_of_it - others
    kept = {file.sha256 for sha256 in others & read.keys() for file in read[sha256].files}
    files = {file.sha256 for sha256 in gone & read.keys() for file in read[sha256].files if file.media}
    return Erasure(frozenset(gone), frozenset(files - kept))


def _files(
    own: list[Version], slug: str, paths: Collection[str], read: dict[str, Manifest], known: Erasure
) -> Erasure:
    """The files at *paths* of *slug*, and every version of any lesson that has one. Raises NotFound."""
    objects: set[str] = set()
    versions_of_it = {one.index.manifest for one in own if one.slug == slug}
    for path in paths:
        there = {
            file.sha256 for sha256 in versions_of_it & read.keys() for file in read[sha256].files
            if file.path == path
        }  # fmt: skip
        # In a second run the versions that had it may be gone already.
        if not there and versions_of_it.isdisjoint(known.manifests):
            raise NotFound(what=f"The file {path} in {slug}")
        objects |= there
    return Erasure(_holding(read.items(), objects), frozenset(objects))


def _holding(read: Iterable[tuple[str, Manifest]], objects: Collection[str]) -> frozenset[str]:
    """The versions that have one of *objects*."""
    wanted = Erasure(objects=frozenset(objects))
    return frozenset(
        sha256 for sha256, manifest in read if wanted.covers(sha256, (file.sha256 for file in manifest.files))
    )


def _shared(own: list[Version], slug: str, erasure: Erasure) -> list[str]:
    """What stays although it was to go, because another lesson of the same publisher is the very same."""
    theirs = {one.index.manifest: one.slug for one in current(own) if one.slug != slug}
    return [
        f"version {one.index.version} is also the lesson {theirs[one.index.manifest]}, which stays: erase that one too"
        for one in sorted(own, key=lambda one: one.index.version)
        if one.slug == slug and one.index.manifest in theirs.keys() - erasure.manifests
    ]


def _notes(own: list[Version], slug: str, read: dict[str, Manifest], known: Erasure) -> list[str]:
    unread = [
        one.index.version for one in own
        if one.slug == slug and not one.index.withdrawn
        and one.index.manifest not in read.keys() | known.manifests
    ]  # fmt: skip
    return [
        f"version {version} is no longer whole in this mirror: its files could not be listed"
        for version in sorted(unread)
    ]
