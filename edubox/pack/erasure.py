"""What must be nowhere any more: the list that a publisher or the ministry signs.

A publisher's list is the target ``erase/list.json`` of its repository and speaks of its own lessons; the ministry's
recall list is the directory's ``recall.json`` and speaks of everybody's. Both name manifests (versions of
lessons) and objects (files) by their SHA-256, and only grow: whoever comes back after a year must still learn
what to delete. See ``docs/formats/mirror.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

from edubox.errors import BadInput, BadManifest
from edubox.pack import canonical
from edubox.pack.index import Index
from edubox.pack.names import is_sha256

FORMAT = 1
#: The target that holds a publisher's list; the ministry's is called in ``trust.directory``.
ERASE_LIST = "erase/list.json"
#: Hashes in one list, and bytes of the largest list read: 67 a hash, and the words around them; below 1 MiB altogether.
MAX_HASHES = 14_000
MAX_ERASURE = 70 * MAX_HASHES


@dataclass(frozen=True, slots=True)
class Erasure:
    """Hashes of *manifests* and *objects* that were erased."""

    manifests: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.manifests or self.objects)

    def __or__(self, other: Erasure) -> Erasure:
        """What either of two lists names."""
        return Erasure(self.manifests | other.manifests, self.objects | other.objects)

    def covers(self, manifest: str, objects: Iterable[str]) -> bool:
        """Whether the version *manifest*, which consists of *objects*, must go."""
        return manifest in self.manifests or not self.objects.isdisjoint(objects)

    def to_bytes(self) -> bytes:
        """Canonical bytes, the TUF target. Raises BadInput when the list is full."""
        if len(self.manifests) + len(self.objects) > MAX_HASHES:
            raise BadInput(reason=f"a list of what was erased holds at most {MAX_HASHES} hashes")
        return canonical.write(
            {"format": FORMAT, "manifests": sorted(self.manifests), "objects": sorted(self.objects)}
        )


def parse(data: bytes) -> Erasure:
    """Read a list; its signature was checked, its content was not. Raises BadManifest, UnknownFormat."""
    if len(data) > MAX_ERASURE:
        raise BadManifest(reason="its list of what was erased is too long")
    value = canonical.read(data, what="the list of what was erased", known=FORMAT)
    if value.keys() != {"format", "manifests", "objects"}:
        raise BadManifest(reason="its list of what was erased has unknown or missing fields")
    for names in (value["manifests"], value["objects"]):
        if not isinstance(names, list) or not all(is_sha256(name) for name in names):
            raise BadManifest(reason="its list of what was erased holds something that is no SHA-256")
        if any(one >= other for one, other in pairwise(names)):
            raise BadManifest(reason="its list of what was erased is not sorted")
    if len(value["manifests"]) + len(value["objects"]) > MAX_HASHES:
        raise BadManifest(reason="its list of what was erased is too long")
    return Erasure(frozenset(value["manifests"]), frozenset(value["objects"]))


def derived_bundles(indexes: Iterable[Index], gone: Collection[str]) -> set[str]:
    """Hashes of the bundles that carry, or begin at, a version whose manifest is in *gone*."""
    return {
        bundle.sha256
        for index in indexes
        for bundle in index.bundles
        if index.manifest in gone or bundle.base in gone
    }
