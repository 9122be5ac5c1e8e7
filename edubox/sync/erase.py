"""What was erased leaves this box, with all that was made of it, and does not come back.

A publisher's list speaks of its own lessons: their bytes leave when no lesson of somebody else needs them.
The ministry's recall speaks of everybody's, republished ones and the box's own too. First the lessons leave
the catalogue, then trees, arrivals, files and twins, then kept bundles, and the lists of files last, because
they tell what the others were; ``staging/erased.json`` says what was done to the end, so a run that was cut
is done again and a night without news costs one comparison.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edubox.errors import EduboxError
from edubox.pack.erasure import Erasure, derived_bundles
from edubox.pack.index import MAX_INDEX, Index
from edubox.pack.index import parse as parse_index
from edubox.pack.manifest import Manifest
from edubox.store.layout import PUBLISHERS, bundle_path, object_path
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic
from edubox.sync.by_objects import arriving_by_objects
from edubox.sync.catalogue import Catalogue
from edubox.sync.local import Local

_DONE, _REFUSED = "erased.json", "refused.json"
#: Versions remembered as refused: each cost the fetching of its text once.
MAX_REFUSED = 1000


@dataclass(frozen=True, slots=True)
class Erasures:
    """What was erased: the ministry's list, and each publisher's by its id."""

    country: Erasure = field(default_factory=Erasure)
    publishers: Mapping[str, Erasure] = field(default_factory=dict)

    def about(self, publisher: str) -> Erasure:
        """What must not be shown as a lesson of *publisher*."""
        return self.country | self.publishers.get(publisher, Erasure())

    def everything(self) -> Erasure:
        """What all lists name together."""
        everything = self.country
        for one in self.publishers.values():
            everything |= one
        return everything

    def digest(self) -> str:
        """A name for these lists: another one when one of them says more."""
        lists = {"": self.country, **self.publishers}
        whole = b"".join(name.encode() + lists[name].to_bytes() for name in sorted(lists) if lists[name])
        return hashlib.sha256(whole).hexdigest()


def apply(local: Local, catalogue: Catalogue, erasures: Erasures, say: Callable[[str], None]) -> None:
    """Make *erasures* true on this box; *say* gets a sentence for each lesson that leaves.

    Call it once all publishers were read and before any lesson is decided. Raises NoRoom, Busy; the next call goes on.
    """
    everything = erasures.everything()
    installed = catalogue.installed()
    if not everything or _is_done(local, erasures.digest(), {one.manifest for one in installed}):
        return
    spared = set()
    for one in installed:
        held = contents(local, one.manifest)
        if erasures.about(one.publisher).covers(one.manifest, held):
            catalogue.withdraw(one.publisher, one.slug, one.version)
            say(f"{one.publisher}/{one.slug} was erased by those who answer for it: it leaves this box.")
        elif everything.covers(one.manifest, held):
            spared.add(one.manifest)
    here = local.site.manifests() | {index.manifest for index in _indexes(local.mirror)}
    gone = {sha256 for sha256 in here if everything.covers(sha256, contents(local, sha256))}
    # Also when nothing of it is here: what was withdrawn or replaced last year may still lie in pages that nobody uses.
    _throw_away(local, catalogue, gone | everything.manifests, set(everything.objects), traces=True)
    done = {"lists": erasures.digest(), "spared": sorted(spared)}
    write_atomic(local.data / "staging" / _DONE, json.dumps(done).encode())


def is_refused(local: Local, erasures: Erasures, publisher: str, manifest: str) -> bool:
    """Whether it is known before anything is fetched that the version *manifest* of *publisher* was erased."""
    return manifest in erasures.about(publisher).manifests or [publisher, manifest] in _refused(local)


def is_accepted(
    local: Local, catalogue: Catalogue, erasures: Erasures, publisher: str, manifest: Manifest
) -> bool:
    """Whether the text that has just come may be shown: none of its files was erased. If not, it is thrown away.

    Call it with the list of files before a tree is made of it or a lesson is activated. Raises NoRoom, Busy.
    """
    held = {file.sha256 for file in manifest.files}
    if not erasures.about(publisher).covers(manifest.id, held):
        return True
    remembered = [*_refused(local), [publisher, manifest.id]][-MAX_REFUSED:]
    write_atomic(local.data / "staging" / _REFUSED, json.dumps(remembered).encode())
    _throw_away(local, catalogue, {manifest.id}, held & erasures.everything().objects, traces=False)
    return False


def contents(local: Local, manifest: str) -> set[str]:
    """Hashes of the files of a version: from its list, or else from its tree; none if neither is here."""
    listed = local.manifest(manifest)
    if listed is not None:
        return {file.sha256 for file in listed.files}
    found = set()
    for path in local.site.tree(manifest).rglob("*"):
        if path.is_file():
            with path.open("rb") as handle:
                found.add(hashlib.file_digest(handle, "sha256").hexdigest())
    return found


def _throw_away(
    local: Local, catalogue: Catalogue, gone: set[str], objects: set[str], *, traces: bool
) -> None:
    """Delete the versions *gone*, *objects*, and what was made of them, but nothing that a lesson in the catalogue needs.

    *traces*: texts of theirs may have been in the catalogue.
    """
    kept = {one.manifest for one in catalogue.installed()}
    gone -= kept
    versions = objects.union(*(contents(local, sha256) for sha256 in gone))
    for sha256 in kept:
        versions -= contents(local, sha256)
    bundles = derived_bundles(_indexes(local.mirror), gone)
    for manifest in sorted(gone):
        local.site.discard(manifest)
    arrivals = bundles | versions | gone
    arrivals = arrivals.union(*(arriving_by_objects(local.arriving, sha256) for sha256 in gone))
    _unlink(local.arriving / sha256 for sha256 in arrivals)
    _unlink(local.site.twins / sha256[:2] / sha256 for sha256 in versions)
    _unlink(local.mirror / object_path(sha256) for sha256 in versions)
    _unlink(local.mirror / bundle_path(sha256) for sha256 in bundles)
    if traces:
        catalogue.forget_traces()
    _unlink(local.mirror / object_path(sha256) for sha256 in gone)


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _indexes(mirror: Path) -> Iterator[Index]:
    """Every version that an index on this box tells of; damaged indexes and withdrawals are left out."""
    for path in (mirror / PUBLISHERS).glob("*/*/targets/*.json"):
        try:
            index = parse_index(path.read_bytes()) if path.stat().st_size <= MAX_INDEX else None
        except (OSError, EduboxError):
            continue
        if index is not None and not index.withdrawn:
            yield index


def _is_done(local: Local, digest: str, installed: set[str]) -> bool:
    """Whether these lists were done to the end, and what was spared for somebody else's lesson still is one."""
    value = _note(local, _DONE)
    try:
        return bool(value["lists"] == digest and installed.issuperset(value["spared"]))
    except (TypeError, KeyError):
        return False


def _refused(local: Local) -> list[list[str]]:
    value = _note(local, _REFUSED)
    return value if isinstance(value, list) else []


def _note(local: Local, name: str) -> Any:
    """What ``staging/<name>`` says; None if it is missing or damaged: it is found out again."""
    try:
        return read_note(local.data / "staging" / name)
    except (OSError, ValueError):
        return None
