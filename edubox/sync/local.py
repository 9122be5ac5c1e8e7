"""What this box has: its folders, and what can be said of a version from the files that are there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edubox.errors import EduboxError
from edubox.pack.bundle import carried
from edubox.pack.manifest import MAX_MANIFEST, File, Manifest, parse
from edubox.store.layout import object_path
from edubox.store.objects import holds
from edubox.store.site import Site
from edubox.sync.sources import Source


@dataclass(frozen=True)
class Local:
    """A box's data folder while it is synchronised; *reserve* bytes of its disk stay free."""

    data: Path
    sources: list[Source]
    reserve: int
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "site", Site(self.data, self.reserve))

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

    def received(self) -> int:
        """Bytes of bodies that all sources have given so far."""
        return sum(source.received for source in self.sources)

    def manifest(self, sha256: str) -> Manifest | None:
        """The manifest of that hash, if it is here and whole."""
        try:
            with (self.mirror / object_path(sha256)).open("rb") as handle:
                data = handle.read(MAX_MANIFEST + 1)
            return parse(data) if hashlib.sha256(data).hexdigest() == sha256 else None
        except (OSError, EduboxError):
            return None

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


def media_of(manifest: Manifest) -> list[File]:
    """The files that travel alone."""
    return [file for file in manifest.files if file.media]


def reserve_of(settings: dict[str, Any]) -> int:
    """Bytes of the disk that lessons never fill."""
    return int(settings["reserve_mb"]) * 1_000_000
