"""What to carry to boxes without a line: chosen from a mirror, by what their want lists say.

A stick and a courier are filled from the same choice. The signed metadata comes first and whole; then the
texts of lessons, small before large; then films, sounds and pictures, small before large: wherever room or
time ends, most lessons can be read. A lesson's text is carried as the cheapest bundle that the box can apply,
or as the full one, or, where this mirror is a box's that dropped its bundles, as its manifest and its
objects. With no want list everything goes that a fresh box would need. Nothing of ``staff/`` is ever looked
at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import EduboxError
from edubox.pack.bundle import carried, read_media
from edubox.pack.erasure import ERASE_LIST, Erasure
from edubox.pack.erasure import parse as parse_erasure
from edubox.pack.index import MAX_INDEX, Bundle, Index
from edubox.pack.index import parse as parse_index
from edubox.pack.manifest import Manifest
from edubox.pack.names import check_part, check_publisher, is_staff
from edubox.store.layout import PUBLISHERS, bundle_path, object_path, publisher_prefix
from edubox.sync import collections
from edubox.sync.carried.wants import Want
from edubox.sync.local import manifest_in
from edubox.trust.directory import PREFIX, RECALL_LIST
from edubox.trust.fetch import FolderFetch, open_inside
from edubox.trust.named import Named, read_named, timestamp_path
from edubox.trust.record import FOLLOW_LISTS, MAX_MOVES, record_name
from edubox.trust.record import parse as parse_record

METADATA, TEXT, MEDIA = "metadata", "text", "media"
#: Publishers carried at most: those that the want lists follow come first.
MOST_PUBLISHERS = 200
MediaOf = Callable[[Path, Index], "Sequence[tuple[str, int]] | None"]


@dataclass(frozen=True, slots=True)
class Item:
    """One file to carry: its *path* in the mirror, its *size* in bytes, and METADATA, TEXT or MEDIA.

    Items of one *group* (a repository, a lesson's text, a film) are of use together. *data* has the bytes of
    a ``timestamp.json``, the only file that may change while others are copied; it is its group's last.
    """

    path: str
    size: int
    kind: str
    group: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A current lesson of a mirror, at *address* ``<authority>/<name>/<slug>``."""

    publisher: str
    address: str
    index: Index


def chosen(mirror: Path, wants: Sequence[Want], media_of: MediaOf | None = None) -> list[Item]:
    """What of *mirror* to carry for *wants*, in the order to carry it; for a fresh box when there are none.

    The mirror is read and its hashes are checked, but not its signatures. *media_of* is ``media_of_lesson``, or who asks
    it less often. Raises MissingFile, NotTrusted (the
    directory is not whole), Unreachable.
    """
    publishers = publishers_in(mirror, wants)
    repositories = repositories_in(mirror, publishers)
    names = names_of(mirror, repositories[0], publishers)
    records = [name for had in names.values() for name in had]
    items = [item for named in repositories for item in metadata(named, records)]
    texts: list[list[Item]] = []
    media: dict[str, Item] = {}
    for lesson in lessons_in(mirror, repositories):
        if lesson.index.system is not None:
            texts += _system(mirror, lesson, wants)
            continue
        asking = [want for want in wants if any(name in want.follow for name in names[lesson.publisher])]
        if wants and not asking:
            continue
        group = _text(
            mirror, lesson, [want for want in asking if lesson.index.manifest not in want.have], bool(wants)
        )
        if group:
            texts.append(group)
        for sha256, size in (media_of or media_of_lesson)(mirror, lesson.index) or ():
            path = object_path(sha256)
            if (not wants or any(sha256 not in want.media for want in asking)) and held(mirror, path, size):
                media.setdefault(sha256, Item(path, size, MEDIA, path))
    texts.sort(key=lambda group: (sum(item.size for item in group), group[0].group))
    items += [item for group in texts for item in group]
    return items + sorted(media.values(), key=lambda item: (item.size, item.path))


def publishers_in(mirror: Path, wants: Iterable[Want] = ()) -> list[str]:
    """The publishers of *mirror*, at most MOST_PUBLISHERS: first those that *wants* follow, then collections, then schools."""
    every = collections.publishers_of(mirror)
    followed = {publisher for want in wants for publisher in want.follow}
    # Who brings nobody's list gets what is for everybody. Sixty thousand records are read for nobody else.
    cut_off = len(every) > MOST_PUBLISHERS and not followed
    private = collections.schools(mirror, every) if cut_off else set()
    return sorted(every, key=lambda one: (one not in followed, one in private, one))[:MOST_PUBLISHERS]


def names_of(mirror: Path, directory: Named, publishers: Iterable[str]) -> dict[str, list[str]]:
    """Each of *publishers* with the names it had before it moved, its own first: boxes may still follow one of those."""
    fetch = FolderFetch(mirror)
    names = {}
    for publisher in publishers:
        names[publisher] = [publisher]
        while len(names[publisher]) <= MAX_MOVES:
            try:
                target = directory.target(record_name(names[publisher][-1]))
                data = b"" if target is None else fetch.read(target.path, target.size)
                before = parse_record(data, names[publisher][-1]).moved_from
            except EduboxError:
                break
            if before is None:
                break
            names[publisher].append(before)
    return names


def repositories_in(mirror: Path, publishers: Iterable[str]) -> list[Named]:
    """The directory and those of *publishers* that are whole in *mirror*.

    Raises MissingFile, NotTrusted (the directory itself is not whole), Unreachable.
    """
    found = [read_named(mirror, PREFIX)]
    for publisher in publishers:
        try:
            found.append(read_named(mirror, publisher_prefix(*check_publisher(publisher))))
        except EduboxError:
            continue
    return found


def metadata(named: Named, publishers: Iterable[str]) -> list[Item]:
    """The files of a repository in the order to write them, the timestamp last; of the directory, what says who *publishers* are."""
    records = {record_name(publisher) for publisher in publishers}

    def wanted(name: str) -> bool:
        # A country has 60,000 records; whatever else its directory says is for everybody, and so is what academies propose.
        everybodys = not name.startswith("pub/") or name.endswith(f"/{FOLLOW_LISTS}.json")
        return name in records or named.prefix != PREFIX or everybodys

    files = named.files(wanted)
    items = [Item(path, size, METADATA, named.prefix) for path, size in files.items()]
    path = timestamp_path(named.prefix)
    return [*items, Item(path, len(named.timestamp), METADATA, named.prefix, named.timestamp)]


def erased_in(mirror: Path, items: Iterable[Item]) -> set[str]:
    """The manifests and objects that must be nowhere any more, as the lists of *mirror* say whose repositories are among *items*."""
    fetch, erased = FolderFetch(mirror), Erasure()
    repositories = dict.fromkeys(
        item.group for item in items if item.kind == METADATA and item.group != PREFIX
    )
    publishers = [prefix.removeprefix(f"{PUBLISHERS}/") for prefix in repositories]
    for named in repositories_in(mirror, publishers):
        target = named.target(RECALL_LIST if named.prefix == PREFIX else ERASE_LIST)
        if target is not None:
            erased |= parse_erasure(fetch.read(target.path, target.size))
    return {*erased.manifests, *erased.objects}


def lessons_in(mirror: Path, repositories: Iterable[Named]) -> Iterator[Lesson]:
    """Every current lesson that *repositories*, read from *mirror*, offer."""
    fetch = FolderFetch(mirror)
    for named in repositories:
        publisher = named.prefix.removeprefix(f"{PUBLISHERS}/")
        if publisher == named.prefix:
            continue
        for name, target in sorted(named.roles["targets"][2].items()):
            try:
                index = parse_index(fetch.read(target.path, MAX_INDEX))
                slug = check_part(name.removesuffix(".json"))
            except EduboxError:
                continue
            if not index.withdrawn and not is_staff(slug):
                yield Lesson(publisher, f"{publisher}/{slug}", index)


def media_of_lesson(mirror: Path, index: Index) -> list[tuple[str, int]] | None:
    """SHA-256 and size of the media that the current version names; None if nothing in *mirror* can tell."""
    manifest = manifest_in(mirror, index.manifest)
    if manifest is not None:
        return [(file.sha256, file.size) for file in manifest.files if file.media]
    assert index.full is not None
    try:
        with open_inside(mirror, bundle_path(index.full.sha256)) as stream:
            return read_media(stream, index.manifest_size)
    except (EduboxError, OSError):
        return None


def held(mirror: Path, path: str, size: int) -> bool:
    """Whether *mirror* has *path* with its *size*; its content is not read."""
    try:
        found = os.stat(mirror / path, follow_symlinks=False)
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def _text(mirror: Path, lesson: Lesson, lacking: list[Want], asked: bool) -> list[Item]:
    """How to carry the text of *lesson* to those who lack it: bundles, or else its manifest and objects."""
    if asked and not lacking:
        return []
    here = [
        bundle for bundle in lesson.index.bundles if held(mirror, bundle_path(bundle.sha256), bundle.size)
    ]
    full = next((bundle for bundle in here if bundle.base is None), None)
    ways = [_cheapest(here, want) for want in lacking] or [full]
    bundles = {bundle.sha256: bundle for bundle in ways if bundle is not None}
    if None not in ways and (full is None or sum(one.size for one in bundles.values()) < full.size):
        return [Item(bundle_path(one.sha256), one.size, TEXT, lesson.address) for one in bundles.values()]
    if full is not None:
        return [Item(bundle_path(full.sha256), full.size, TEXT, lesson.address)]
    manifest = manifest_in(mirror, lesson.index.manifest)
    return [] if manifest is None else _by_objects(mirror, lesson, manifest)


def _system(mirror: Path, lesson: Lesson, wants: Sequence[Want]) -> list[list[Item]]:
    """The deltas of a system for the boxes that run what they start from: nobody else has asked for hundreds of megabytes."""
    return [
        [Item(bundle_path(one.sha256), one.size, TEXT, lesson.address)]
        for one in lesson.index.bundles
        if any(one.base in want.have and lesson.index.manifest not in want.have for want in wants)
        and held(mirror, bundle_path(one.sha256), one.size)
    ]


def _cheapest(bundles: Sequence[Bundle], want: Want) -> Bundle | None:
    possible = [one for one in bundles if one.base is None or one.base in want.have]
    return min(possible, key=lambda one: (one.size, one.base is not None), default=None)


def _by_objects(mirror: Path, lesson: Lesson, manifest: Manifest) -> list[Item]:
    """The manifest, and every object that bundles would carry; nothing if one is not there."""
    sizes = {file.sha256: file.size for file in carried(manifest)} | {
        lesson.index.manifest: lesson.index.manifest_size
    }
    items = [Item(object_path(sha256), size, TEXT, lesson.address) for sha256, size in sorted(sizes.items())]
    return items if all(held(mirror, item.path, item.size) for item in items) else []
