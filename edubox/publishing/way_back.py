"""The way back: what stood before is published again, under new numbers and with the very files of then.

Readers refuse lower numbers, so there is no pointer that goes back (docs/adr/0030). One lesson goes back to a version, or all lessons
of a publisher to what stood at a moment, in one publication: those that came later are taken back, those that had been taken back
are so again. Boxes that still have the files fetch none; for the others there is a short update from the version that is replaced.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from edubox.errors import BadInput, NotFound
from edubox.pack.bundle import read_media, unpack_bundle
from edubox.pack.index import Bundle, Index
from edubox.pack.names import STAFF, check_publisher, check_slug, is_staff
from edubox.publishing.deletion import refuse_erased_version
from edubox.publishing.deltas import make_deltas, objects_in
from edubox.publishing.job import withdrawal
from edubox.publishing.workplace import Repository, Workplace
from edubox.store.layout import STAFF as PRIVATE
from edubox.store.layout import bundle_path, object_path, publisher_prefix
from edubox.store.objects import is_whole
from edubox.store.platform import settle, sync_folder
from edubox.trust.fetch import open_inside
from edubox.trust.named import read_named

#: Gets (lessons done, lessons in all).
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Back:
    """One lesson that went back: its *index* now, and the version whose files it has, None if it is taken back."""

    slug: str
    index: Index
    of: int | None


@dataclass(frozen=True, slots=True)
class WayBack:
    """What was done. *unchanged* lessons were so already; *notes* are sentences for a person."""

    publisher: str
    lessons: list[Back] = field(default_factory=list)
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)


def revert(
    publisher_id: str, slug: str, version: int | None, workplace: Workplace, passphrase: str, now: datetime, *,
    deltas: bool = True,
) -> WayBack:  # fmt: skip
    """Let the lesson *slug* be what its *version* was, None for the one before the current. *now* is UTC.

    What goes with it for teachers only stays as it is. Raises NotFound (no such version, or its files are no longer here), BadInput
    (it was erased), and what ``job.withdraw`` raises; then everything is as it was.
    """
    check_slug(slug)
    with workplace.publisher(publisher_id) as repository:
        writer = repository.unlock(passphrase)
        history = repository.history(slug)
        address = f"{publisher_id}/{slug}"
        if not history:
            raise NotFound(what=f"The lesson {address}")
        older = _chosen(history, version, address)
        if _is_the_same(history[-1], older):
            return WayBack(publisher_id, unchanged=1)
        notes: list[str] = []
        index = _again(repository, slug, older, history[-1], now, notes, deltas=deltas)
        repository.change({f"{slug}.json": index.to_bytes()}, writer, now)
        companion = repository.history(slug + STAFF) if not is_staff(slug) else []
        if companion and not companion[-1].withdrawn:
            notes.append("what goes with it for teachers only is as it was")
    return WayBack(publisher_id, [Back(slug, index, older.version)], notes=notes)


def revert_all(
    publisher_id: str, moment: datetime, workplace: Workplace, passphrase: str, now: datetime, *,
    deltas: bool = True, progress: Progress = lambda *_: None,
) -> WayBack:  # fmt: skip
    """Let every lesson of a publisher, and what goes with it for teachers, be what it was at *moment* (UTC), in one publication.

    Raises as ``revert``, BadInput (the moment is to come); then nothing is published.
    """
    if moment.astimezone(UTC) > now.astimezone(UTC):
        raise BadInput(reason="the moment to go back to is to come")
    minute = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
    done = WayBack(publisher_id)
    with workplace.publisher(publisher_id) as repository:
        writer = repository.unlock(passphrase)
        slugs = _slugs(workplace.mirror, publisher_id)
        changes: dict[str, bytes] = {}
        unchanged = 0
        for number, slug in enumerate(slugs):
            progress(number, len(slugs))
            history = repository.history(slug)
            if not history:
                continue
            current = history[-1]
            # By their order: a clock that was wrong for an hour must not bring back what was never after another.
            older = next((one for one in reversed(history) if one.published <= minute), None)
            if older is None or older.withdrawn:
                if current.withdrawn:
                    unchanged += 1
                    continue
                index, of = withdrawal(current, now), None
            elif _is_the_same(current, older):
                unchanged += 1
                continue
            else:
                index = _again(
                    repository, slug, older, current, now, done.notes, deltas=deltas and not is_staff(slug)
                )
                of = older.version
            changes[f"{slug}.json"] = index.to_bytes()
            done.lessons.append(Back(slug, index, of))
        if changes:
            repository.change(changes, writer, now)
        progress(len(slugs), len(slugs))
    return replace(done, unchanged=unchanged)


def _chosen(history: list[Index], version: int | None, address: str) -> Index:
    """The version to go back to. Raises NotFound."""
    if version is None:
        current = history[-1]
        before = [
            one
            for one in history[:-1]
            if not one.withdrawn and (current.withdrawn or not _is_the_same(current, one))
        ]
        if not before:
            raise NotFound(what=f"A version of the lesson {address} before this one")
        return before[-1]
    found = next((one for one in history if one.version == version and not one.withdrawn), None)
    if found is None:
        raise NotFound(what=f"Version {version} of the lesson {address}")
    return found


def _is_the_same(current: Index, older: Index) -> bool:
    return not current.withdrawn and current.manifest == older.manifest


def _again(
    repository: Repository, slug: str, older: Index, current: Index, now: datetime, notes: list[str], *, deltas: bool
) -> Index:  # fmt: skip
    """The index that says *older* again, its files being here. Raises NotFound, BadInput."""
    mirror = repository.workplace.mirror
    shelf = mirror / PRIVATE if is_staff(slug) else mirror
    refuse_erased_version(mirror, repository.id, older.manifest)
    full = older.full
    what = f"version {older.version} of the lesson {repository.id}/{slug}"
    if full is None or not is_whole(shelf / bundle_path(full.sha256), full.sha256):
        raise NotFound(what=f"The file of {what}")
    with open_inside(shelf, bundle_path(full.sha256)) as stream:
        media = [sha256 for sha256, _ in read_media(stream, older.manifest_size)]
    if any(not is_whole(shelf / object_path(sha256), sha256) for sha256 in media):
        raise NotFound(what=f"A film, sound or picture of {what}")
    bundles: tuple[Bundle, ...] = (full,)
    if deltas and not current.withdrawn and older.system is None:
        bundles += _short_update(repository, older, full, current, notes)
    minute = now.strftime("%Y-%m-%dT%H:%MZ")
    # It stood before, so it spreads at once; a day that is still to come stays.
    opens = older.not_before if older.not_before and older.not_before > minute else None
    return replace(
        older, version=current.version + 1, published=minute, bundles=bundles, not_before=opens, stages=()
    )


def _short_update(
    repository: Repository, older: Index, full: Bundle, current: Index, notes: list[str]
) -> tuple[Bundle, ...]:
    """The update from *current* to *older*, for boxes that let the older files go; none if it saves nothing."""
    mirror, work = repository.workplace.mirror, repository.staging / "back"
    objects = work / "objects"
    objects.mkdir(parents=True)
    try:
        with (mirror / bundle_path(full.sha256)).open("rb") as stream:
            manifest = unpack_bundle(
                stream, objects, manifest=older.manifest, manifest_size=older.manifest_size, unpacked=full.unpacked,
                files=full.files,
            )  # fmt: skip
        made = make_deltas(
            mirror,
            work,
            [current],
            manifest,
            objects_in(objects),
            smaller_than=full.size,
            notice=notes.append,
        )
        for one in made:
            target = mirror / bundle_path(one.facts.sha256)
            settle(one.path, target)
            sync_folder(target.parent)
        return tuple(
            Bundle(
                one.facts.sha256,
                one.facts.size,
                one.facts.unpacked,
                one.facts.files,
                one.base,
                one.facts.pieces,
            )
            for one in made
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _slugs(mirror: Path, publisher_id: str) -> list[str]:
    """Every lesson that the publisher has or had."""
    named = read_named(mirror, publisher_prefix(*check_publisher(publisher_id)))
    return [name.removesuffix(".json") for name in sorted(named.roles["targets"][2]) if "/" not in name]
