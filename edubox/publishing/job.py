"""The publish job: one lesson into a mirror, signed, or not at all.

The lesson file is checked byte by byte; its media become objects and its bundle the full bundle of the new
version; deltas are made from older versions; then the index is signed. Files are written in TUF's order with
the timestamp last, and before that a client that never saw this repository and one that holds its previous
state both refresh and look up what changed: if either fails, nothing is signed into the mirror and what is there
goes on being what it was. One lock per repository. Bundles and objects that a cut left behind are named by their
hash: they are right whoever finds them, and the next try takes them up.

What is for teachers only is a companion, ``<slug>--staff``: its bundle and media lie in ``staff/``, which is never given
away, and its index is signed in the same change as the lesson's. Both are there or neither is. It hides, it does not encrypt.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Signer

from edubox.errors import BadIdentifier, EduboxError, NotFound
from edubox.pack import canonical
from edubox.pack.bundle import carried
from edubox.pack.edpack import Edpack, media, open_edpack
from edubox.pack.index import Bundle, Index, check_times
from edubox.pack.manifest import Manifest
from edubox.pack.names import MAX_PART, STAFF, check_slug, is_staff
from edubox.publishing import country_file
from edubox.publishing.deletion import refuse_erased, refuse_erased_version
from edubox.publishing.deltas import make_deltas, objects_in, worth_a_delta
from edubox.publishing.workplace import Repository, Workplace
from edubox.store import layout
from edubox.store.layout import bundle_path, object_path
from edubox.store.objects import is_whole, put, settle_all
from edubox.store.platform import ensure_room, settle, sync_folder
from edubox.trust import directory
from edubox.trust.fetch import FolderFetch

#: Metadata, indexes and deltas beside the lesson's own files.
_FEW_FILES = 32
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Publication:
    """What to publish: *lesson* is an .edpack, *publisher* is ``<authority>/<name>``."""

    publisher: str
    slug: str
    lesson: Path
    author: str | None = None
    #: Also make short updates from older versions; a school does not (DESIGN, Pack).
    deltas: bool = True
    #: What is for teachers only, an .edpack too; with *keep_staff* what there is of it stays.
    staff: Path | None = None
    keep_staff: bool = False
    #: When pupils see it (as in ``pack.index``), None at once; and from when how many boxes in a thousand may have it.
    not_before: str | None = None
    stages: tuple[tuple[str, int], ...] = ()
    #: The lesson that a collection takes this one from (``pack.index.Index.source``).
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What is in the mirror now; *unchanged* when it was so already. *notes* are sentences for a person."""

    address: str
    index: Index
    unchanged: bool = False
    notes: list[str] = field(default_factory=list)


def publish(
    what: Publication, workplace: Workplace, passphrase: str, now: datetime,
    progress: Progress = lambda *_: None,
) -> Published:  # fmt: skip
    """Publish a lesson. *now* is UTC; *progress* gets (what, bytes done, bytes in all).

    Raises BadArchive, BadBundle or BadManifest (the lesson file, or times that cannot be), BadIdentifier, NotFound (no such publisher or
    key), WrongPassphrase, NotTrusted (the guard), NoRoom, Busy; in each case the mirror still offers what it
    offered before.
    """
    _check_public(what.slug)
    check_times(what.not_before, what.stages)
    notes: list[str] = []
    with workplace.publisher(what.publisher) as repository:
        writer = repository.unlock(passphrase)
        history = repository.history(what.slug)
        current = history[-1] if history else None
        objects = repository.staging / "objects"
        objects.mkdir()
        with open_edpack(what.lesson) as lesson:
            _ensure_room(workplace.mirror, lesson)
            progress("checking the lesson", 0, lesson.manifest.size)
            manifest = lesson.verify(objects)
            refuse_erased(workplace.mirror, what.publisher, manifest)
            _refuse_other_kind(what.slug, manifest, current)
            changes = {} if what.keep_staff else _companion(what, repository, manifest, now, progress)
            if current and current.manifest == manifest.id:
                if (current.not_before, current.stages) != (what.not_before, what.stages):
                    return _with_other_times(what, repository, current, changes, writer, now)
                if changes:
                    repository.change(changes, writer, now)
                return Published(f"{what.publisher}/{what.slug}", current, unchanged=not changes)
            bundles = [_place_bundle(lesson, repository, workplace.mirror)]
            _place_media(lesson, repository, workplace.mirror, progress)
        if what.deltas:
            bundles += _place_deltas(
                repository, worth_a_delta(history, now), manifest, bundles[0], notes, progress
            )
        index = _timed(_index(manifest, bundles, current, what.author, now), what)
        repository.change(changes | {_name(what.slug): index.to_bytes()}, writer, now)
    return Published(
        f"{what.publisher}/{what.slug}", index, notes=notes + _unlisted(workplace.mirror, manifest)
    )


def _timed(index: Index, what: Publication) -> Index:
    return replace(index, not_before=what.not_before, stages=what.stages, source=what.source)


def _with_other_times(
    what: Publication, repository: Repository, current: Index, changes: dict[str, bytes], writer: Signer, now: datetime
) -> Published:  # fmt: skip
    """The same files again at another time: nothing travels but the index."""
    index = _timed(replace(current, version=current.version + 1, published=_minute(now)), what)
    repository.change(changes | {_name(what.slug): index.to_bytes()}, writer, now)
    return Published(f"{what.publisher}/{what.slug}", index)


def publish_again(
    publisher: str, slug: str, version: int, workplace: Workplace, passphrase: str, now: datetime
) -> Published:
    """Publish the files of an older *version* of a lesson again, as its next one. *now* is UTC.

    Raises NotFound (no such version, or its files have left), and what ``withdraw`` raises.
    """
    _check_public(slug)
    address = f"{publisher}/{slug}"
    with workplace.publisher(publisher) as repository:
        writer = repository.unlock(passphrase)
        history = repository.history(slug)
        older = next((one for one in history if one.version == version and not one.withdrawn), None)
        if older is None or older.full is None:
            raise NotFound(what=f"Version {version} of the lesson {address}")
        if older.manifest == history[-1].manifest:
            return Published(address, history[-1], unchanged=True)
        if not is_whole(workplace.mirror / bundle_path(older.full.sha256), older.full.sha256):
            raise NotFound(what=f"The file of version {version} of the lesson {address}")
        refuse_erased_version(workplace.mirror, publisher, older.manifest)
        index = replace(older, version=history[-1].version + 1, published=_minute(now), bundles=(older.full,))
        repository.change({_name(slug): index.to_bytes()}, writer, now)
    return Published(address, index)


def withdraw(publisher: str, slug: str, workplace: Workplace, passphrase: str, now: datetime) -> Published:
    """Take a lesson back: its index goes on to say that there is none. *now* is UTC.

    What is for teachers only stays with them: who puts the lesson back finds it again.

    Raises NotFound (no such lesson, publisher or key), BadIdentifier, WrongPassphrase, NotTrusted, NoRoom, Busy.
    """
    _check_public(slug)
    address = f"{publisher}/{slug}"
    with workplace.publisher(publisher) as repository:
        writer = repository.unlock(passphrase)
        history = repository.history(slug)
        if not history:
            raise NotFound(what=f"The lesson {address}")
        if history[-1].withdrawn:
            return Published(address, history[-1], unchanged=True)
        index = withdrawal(history[-1], now)
        repository.change({_name(slug): index.to_bytes()}, writer, now)
    return Published(address, index)


def withdrawal(current: Index, now: datetime) -> Index:
    """The index that takes back the lesson whose index was *current*."""
    return Index(
        name=current.name, language=current.language, version=current.version + 1, published=_minute(now),
        withdrawn=True, system=current.system,
    )  # fmt: skip


def _check_public(slug: str) -> None:
    check_slug(slug)
    if is_staff(slug):
        raise BadIdentifier(
            value=slug, reason=f"a name with {STAFF} is kept for what goes with a lesson for teachers only"
        )


def _name(slug: str) -> str:
    return f"{slug}.json"


def _index(
    manifest: Manifest, bundles: list[Bundle], current: Index | None, author: str | None, now: datetime
) -> Index:
    return Index(
        name=manifest.name, language=manifest.language, version=current.version + 1 if current else 1,
        published=_minute(now), manifest=manifest.id, manifest_size=len(manifest.to_bytes()), size=manifest.size,
        bundles=tuple(bundles), author=author, system=manifest.system,
    )  # fmt: skip


def _refuse_other_kind(slug: str, manifest: Manifest, current: Index | None) -> None:
    """A box that shows a lesson, or runs a system, must not find the other under its name."""
    if current is not None and current.system != manifest.system:
        kinds = [f"the system of {one.system}" if one.system else "a lesson" for one in (current, manifest)]
        raise BadIdentifier(
            value=slug, reason=f"it names {kinds[0]}, and this is {kinds[1]}; choose another name"
        )


def _companion(
    what: Publication, repository: Repository, lesson: Manifest, now: datetime, progress: Progress
) -> dict[str, bytes]:
    """What to sign with a lesson so that its companion is what *what* says, its files in place; nothing if it is so already."""
    if what.staff is None:
        return _no_companion(repository, what.slug, now)
    slug, private = check_slug(what.slug + STAFF), repository.workplace.mirror / layout.STAFF
    history = repository.history(slug)
    current = history[-1] if history else None
    objects = repository.staging / "staff"
    objects.mkdir()
    with open_edpack(what.staff) as companion:
        _ensure_room(repository.workplace.mirror, companion)
        manifest = companion.verify(objects)
        refuse_erased(repository.workplace.mirror, what.publisher, manifest)
        bundles = [_place_bundle(companion, repository, private)]
        _place_media(companion, repository, private, progress)
    # What shows it opens files, not bundles: they lie there before anybody is told of them.
    put(private, manifest.id, manifest.to_bytes())
    settle_all(objects, private)
    if current and current.manifest == manifest.id:
        return {}
    # Its index travels; what it is called says no more than the lesson does.
    index = replace(_index(manifest, bundles, current, what.author, now), name=lesson.name)
    return {_name(slug): index.to_bytes()}


def _no_companion(repository: Repository, slug: str, now: datetime) -> dict[str, bytes]:
    """What to sign so that *slug* has no companion any more; nothing if it has none."""
    if len(slug + STAFF) > MAX_PART:
        return {}
    history = repository.history(slug + STAFF)
    if not history or history[-1].withdrawn:
        return {}
    return {_name(slug + STAFF): withdrawal(history[-1], now).to_bytes()}


def _ensure_room(mirror: Path, lesson: Edpack) -> None:
    unpacked = {file.sha256: file.size for file in carried(lesson.manifest)}
    wanted = [
        file for sha256, file in media(lesson.manifest).items() if not (mirror / object_path(sha256)).exists()
    ]
    # The bundle is smaller than what it unpacks to, and deltas are smaller than the bundle.
    size = 2 * sum(unpacked.values()) + sum(file.size for file in wanted)
    ensure_room(mirror, size, len(unpacked) + len(wanted) + _FEW_FILES)


def _unlisted(mirror: Path, manifest: Manifest) -> list[str]:
    """Notes about levels and subjects that nobody will find the lesson by."""
    try:
        listed = directory.Directory(FolderFetch(mirror)).country_file()
        return country_file.unlisted(canonical.read(listed, what="the country file"), manifest.metadata)
    except EduboxError:
        return []  # a publisher's own mirror need not hold the directory


def _place_bundle(lesson: Edpack, repository: Repository, shelf: Path) -> Bundle:
    facts = lesson.bundle
    copy = repository.staging / "bundle"
    lesson.copy_bundle(copy)
    _place(copy, shelf / bundle_path(facts.sha256), facts.sha256)
    return Bundle(facts.sha256, facts.size, facts.unpacked, facts.files, pieces=facts.pieces)


def _place_media(lesson: Edpack, repository: Repository, shelf: Path, progress: Progress) -> None:
    files = media(lesson.manifest)
    done, total = 0, sum(file.size for file in files.values())
    for sha256, file in files.items():
        progress("writing films, sounds and pictures", done, total)
        target = shelf / object_path(sha256)
        if not is_whole(target, sha256):
            copy = repository.staging / "object"
            with lesson.open_media(file) as stream, copy.open("xb") as out:
                shutil.copyfileobj(stream, out)
            _place(copy, target, sha256)
        done += file.size


def _place_deltas(
    repository: Repository, bases: list[Index], manifest: Manifest, full: Bundle, notes: list[str],
    progress: Progress,
) -> list[Bundle]:  # fmt: skip
    mirror = repository.workplace.mirror
    placed = []
    made = make_deltas(
        mirror, repository.staging, bases, manifest, objects_in(repository.staging / "objects"),
        smaller_than=full.size, notice=notes.append,
        progress=lambda done: progress("making short updates", done * manifest.size, len(bases) * manifest.size),
    )  # fmt: skip
    for delta in made:
        facts = delta.facts
        _place(delta.path, mirror / bundle_path(facts.sha256), facts.sha256)
        placed.append(Bundle(facts.sha256, facts.size, facts.unpacked, facts.files, delta.base, facts.pieces))
    return placed


def _place(source: Path, target: Path, sha256: str) -> None:
    """Move a finished file to its place, durably, unless it is there already and whole."""
    if is_whole(target, sha256):
        source.unlink()
        return
    settle(source, target)
    sync_folder(target.parent)


def _minute(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%MZ")
