"""Making room on a full card: what leaves first, and what never does.

In this order: bundles that were kept for neighbours, half-fetched files that no followed lesson wants,
versions that were replaced before their night is over, then media and at last whole lessons of publishers
that are followed no longer; the largest first within each. A lesson whose publisher leaves the follow list
thus stays readable until its room is needed. Followed lessons and all that the box's own publisher names
never leave. Unless leaving helps, nothing leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edubox.errors import EduboxError, NoRoom
from edubox.pack.index import Index, parse
from edubox.pack.manifest import Manifest
from edubox.store.layout import BUNDLES, bundle_path, object_path
from edubox.store.platform import Reserve
from edubox.sync.by_objects import arriving_by_objects
from edubox.sync.catalogue import Catalogue, Installed
from edubox.sync.local import Local
from edubox.sync.own import own_publisher
from edubox.trust.publisher import prefix

BUNDLE, ARRIVAL, REPLACED, MEDIA, LESSON = "bundle", "arrival", "replaced", "media", "lesson"
ORDER = (BUNDLE, ARRIVAL, REPLACED, MEDIA, LESSON)
#: What to free when the disk was full before anybody could count.
_SOME = Reserve(16_000_000, 100)
_WORDS = {
    BUNDLE: "kept packages", ARRIVAL: "half-fetched files that nobody wants", REPLACED: "replaced versions",
    MEDIA: "media of lessons that are followed no longer", LESSON: "lessons that are followed no longer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may leave: a bundle, an arrival, a media file (*name* is its hash), a version (its manifest's), a lesson.

    *holds*: path in the data folder → bytes, of the files that go once nothing holds them. *lessons* are touched by it.
    """

    kind: str
    name: str
    holds: Mapping[str, int]
    lessons: tuple[Installed, ...] = ()


@dataclass(slots=True)
class Leaving:
    """A candidate whose turn has come, and the paths that its leaving frees."""

    candidate: Candidate
    frees: list[str] = field(default_factory=list)
    size: int = 0


def choose(candidates: Iterable[Candidate], lacking: Reserve) -> list[Leaving]:
    """Those that leave, in order, to free what is *lacking*; none when all of them together would not be enough."""
    ordered = sorted(candidates, key=_turn)
    holders = Counter(path for one in ordered for path in one.holds)
    chosen: list[Leaving] = []
    size, files = lacking
    for one in ordered:
        if size <= 0 and files <= 0:
            break
        leaving = Leaving(one)
        for path, weight in one.holds.items():
            holders[path] -= 1
            if not holders[path]:
                leaving.frees.append(path)
                leaving.size += weight
        size, files = size - leaving.size, files - len(leaving.frees)
        chosen.append(leaving)
    return chosen if size <= 0 and files <= 0 else []


def _turn(one: Candidate) -> tuple[int, int, str, list[tuple[str, str]]]:
    lessons = [(lesson.publisher, lesson.slug) for lesson in one.lessons]
    return ORDER.index(one.kind), -sum(one.holds.values()), one.name, lessons


def make_room(
    local: Local, catalogue: Catalogue, follow: Collection[str], wanted: Collection[str], error: NoRoom,
    say: Callable[[str], None],
) -> bool:  # fmt: skip
    """Free what *error* lacks, and *say* what left; False when that cannot be, and then nothing has left.

    *follow*: publishers whose lessons stay; *wanted*: hashes of manifests and bundles that this run needs.
    Safe to cut anywhere: pupils stop finding a lesson before its files go, and what is left over leaves with
    the next sweep.
    """
    found = error.details.get("lacking")
    lacking = found if isinstance(found, Reserve) else _SOME
    chosen = choose(find(local, catalogue.installed(), follow, wanted), lacking)
    told: Counter[str] = Counter()
    freed: Counter[str] = Counter()
    for one in chosen:
        _evict(local, catalogue, one)
        told[one.candidate.kind] += 1
        freed[one.candidate.kind] += one.size
    for kind in told:
        which = sorted({f"{one.publisher}/{one.slug}" for leaving in chosen
                        if leaving.candidate.kind == kind for one in leaving.candidate.lessons})  # fmt: skip
        names = f" ({', '.join(which[:3])}{' …' if len(which) > 3 else ''})" if which else ""
        say(f"To make room, {told[kind]} {_WORDS[kind]}{names} left: {freed[kind] / 1e6:.1f} MB.")
    return bool(chosen)


# --- what may leave --------------------------------------------------------------------------------------


def find(
    local: Local, installed: Collection[Installed], follow: Collection[str], wanted: Collection[str]
) -> list[Candidate]:
    """Everything that may leave now; arguments as in ``make_room``."""
    own = own_publisher(local.data)
    indexes = _indexes(local.mirror, own) if own else []
    staying = {*follow, own}
    kept = {one.manifest for one in installed if one.publisher in staying} | set(wanted)
    kept |= {index.manifest for index in indexes or ()}
    stay = set(wanted).union(*(arriving_by_objects(local.arriving, name) for name in wanted))
    found = []
    if indexes is not None:
        named = {bundle.sha256 for index in indexes for bundle in index.bundles} | stay
        shelves = (local.mirror / BUNDLES).glob("[0-9a-f][0-9a-f]/*")
        found = [_file(local, BUNDLE, path) for path in shelves if path.name not in named]
    dropped = [one for one in installed if one.manifest not in kept]
    current = {one.manifest for one in installed}
    going = sorted({one.manifest for one in dropped} | (local.site.manifests() - current - kept))
    arrivals = [path for path in local.arriving.glob("*") if path.name not in stay]
    # Lists of files are read twice rather than kept: there may be thousands of them, and memory is short.
    unused = {path.name for path in arrivals}
    for sha256 in going:
        unused |= _names(local.manifest(sha256), sha256)
    known = _strike(local, kept, current & kept, unused)
    found += [_file(local, ARRIVAL, path) for path in arrivals if path.name in unused]
    if known and indexes is not None:
        for sha256 in going:
            found += _version(local, sha256, [one for one in dropped if one.manifest == sha256], unused)
    return _shared_media_once(found)


def _file(local: Local, kind: str, path: Path) -> Candidate:
    return Candidate(kind, path.name, {path.relative_to(local.data).as_posix(): path.stat().st_size})


def _indexes(mirror: Path, publisher: str) -> list[Index] | None:
    """What the box's own publisher has ever said; None when some of it is damaged, so that nobody can say what it names."""
    try:
        folder = mirror / prefix(publisher) / "targets"
        return [parse(path.read_bytes()) for path in folder.glob("*.json")]
    except (OSError, EduboxError):
        return None


def _names(manifest: Manifest | None, sha256: str) -> set[str]:
    """The objects of a version, its list of files among them."""
    return set() if manifest is None else {sha256, *(file.sha256 for file in manifest.files)}


def _strike(local: Local, kept: set[str], readable: set[str], unused: set[str]) -> bool:
    """Strike from *unused* what the *kept* versions list; False if nobody can say what a *readable* one of them needs."""
    for sha256 in kept:
        manifest = local.manifest(sha256)
        if manifest is None and sha256 in readable:
            return False
        unused.difference_update(_names(manifest, sha256))
    return True


def _version(local: Local, sha256: str, lessons: list[Installed], unused: set[str]) -> list[Candidate]:
    """What of the version *sha256*, which *lessons* show if it is not a replaced one, may leave: only what is *unused* else."""
    manifest = local.manifest(sha256)
    if manifest is None:
        return []
    tree = {f"site/{sha256}/{file.path.rpartition('/')[0]}": 0 for file in manifest.files}
    media = {file.sha256 for file in manifest.files if file.media} & unused
    text = _names(manifest, sha256) & unused - media
    if not lessons:
        return [Candidate(REPLACED, sha256, tree | _sizes(local, text | media))]
    holds = tree | _sizes(local, text)
    alone = [Candidate(MEDIA, name, _sizes(local, {name}), tuple(lessons)) for name in media]
    return [Candidate(LESSON, sha256, holds, (one,)) for one in lessons] + [one for one in alone if one.holds]


def _sizes(local: Local, names: set[str]) -> dict[str, int]:
    """Path → bytes of the objects and twins of these *names* that are here."""
    sizes = {}
    for name in names:
        for path in (f"mirror/{object_path(name)}", f"twins/{name[:2]}/{name}"):
            try:
                sizes[path] = (local.data / path).stat().st_size
            except OSError:
                continue
    return sizes


def _shared_media_once(candidates: list[Candidate]) -> list[Candidate]:
    """A film that several lessons show leaves all of them at once."""
    films: dict[str, Candidate] = {}
    for one in candidates:
        if one.kind == MEDIA:
            before = films[one.name].lessons if one.name in films else ()
            films[one.name] = Candidate(MEDIA, one.name, one.holds, before + one.lessons)
    return [one for one in candidates if one.kind != MEDIA] + list(films.values())


# --- leaving ---------------------------------------------------------------------------------------------


def _evict(local: Local, catalogue: Catalogue, leaving: Leaving) -> None:
    """First nobody finds it any more, then its names in trees go, then its bytes."""
    candidate = leaving.candidate
    if candidate.kind == BUNDLE:
        (local.mirror / bundle_path(candidate.name)).unlink(missing_ok=True)
    elif candidate.kind == ARRIVAL:
        (local.arriving / candidate.name).unlink(missing_ok=True)
    elif candidate.kind == REPLACED:
        local.site.discard(candidate.name)
    elif candidate.kind == MEDIA:
        for one in candidate.lessons:
            catalogue.miss_media(one.publisher, one.slug)
            manifest = local.manifest(one.manifest)
            for file in manifest.files if manifest else ():
                if file.sha256 == candidate.name:
                    local.site.drop(one.manifest, file.path)
    else:
        (one,) = candidate.lessons
        catalogue.withdraw(one.publisher, one.slug, one.version)
        if all(other.manifest != one.manifest for other in catalogue.installed()):
            local.site.discard(one.manifest)
    for path in leaving.frees:
        if not path.startswith("site/"):
            (local.data / path).unlink(missing_ok=True)
