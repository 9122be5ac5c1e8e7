"""What this box has: its folders, and what can be said of a version from the files that are there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from edubox.errors import EduboxError
from edubox.pack.bundle import carried
from edubox.pack.manifest import MAX_MANIFEST, File, Manifest, parse
from edubox.store.layout import object_path
from edubox.store.objects import holds
from edubox.store.platform import Reserve
from edubox.store.site import Site
from edubox.sync.fetching.sources import HUB, OWN, FolderSource, Source
from edubox.trust.fetch import FolderFetch


@dataclass(frozen=True)
class Local:
    """A box's data folder while it is synchronised; *reserve* of its disk stays free."""

    data: Path
    sources: list[Source]
    reserve: Reserve
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "site", Site(self.data, self.reserve))

    @property
    def near(self) -> list[Source]:
        """Sources whose bytes cost no line: asked for everything before any hub is."""
        return [source for source in self.sources if source.kind != HUB]

    @property
    def nearest_first(self) -> list[Source]:
        """Every source, hubs last."""
        return self.near + [source for source in self.sources if source.kind == HUB]

    @property
    def own(self) -> Source:
        """The box's own mirror as a source: it says again what was verified before."""
        return FolderSource(self.mirror, OWN)

    @property
    def mirror(self) -> Path:
        """The box's own copy of the signed mirror."""
        return self.data / "mirror"

    @property
    def arriving(self) -> Path:
        """Bundles and media on their way, each named by its hash; kept between runs."""
        return self.data / "staging" / "fetch"

    @property
    def unpacking(self) -> Path:
        """Objects of the bundle being unpacked; emptied by the next run."""
        return self.data / "staging" / "unpack"

    @property
    def verifying(self) -> Path:
        """Copies of signatures while they are verified; emptied by the next run."""
        return self.data / "staging" / "verify"

    def received(self) -> dict[str, int]:
        """Bytes of bodies that the sources have given so far, by kind."""
        received: dict[str, int] = {}
        for source in self.sources:
            received[source.kind] = received.get(source.kind, 0) + source.received
        return received

    def manifest(self, sha256: str) -> Manifest | None:
        """The manifest of that hash, if it is here and whole."""
        return manifest_in(self.mirror, sha256)

    def contents(self, sha256: str) -> dict[str, str] | None:
        """Path → hash of the files of a version, for who compares them; None when nobody can say."""
        manifest = self.manifest(sha256)
        return None if manifest is None else {file.path: file.sha256 for file in manifest.files}

    def held(self, sha256: str) -> bool:
        """Whether every object that bundles carry for this manifest is here."""
        manifest = self.manifest(sha256)
        return manifest is not None and not self.absent(carried(manifest))

    def absent(self, files: list[File]) -> list[File]:
        """Those of *files* whose objects are not here."""
        return [file for file in files if not holds(self.mirror, file.sha256, file.size)]

    def intact(self, sha256: str) -> bool:
        """Whether a version's tree has all its text, and its manifest is here for the next update."""
        manifest = self.manifest(sha256)
        return manifest is not None and not self.site.lacking(sha256, carried(manifest))


def manifest_in(mirror: Path, sha256: str) -> Manifest | None:
    """The manifest of that hash, if *mirror* has it whole as an object: a box's does, a hub's does not."""
    try:
        data = FolderFetch(mirror).read(object_path(sha256), MAX_MANIFEST)
        return parse(data) if hashlib.sha256(data).hexdigest() == sha256 else None
    except EduboxError:
        return None


def media_of(manifest: Manifest) -> list[File]:
    """The files that travel alone."""
    return [file for file in manifest.files if file.media]
