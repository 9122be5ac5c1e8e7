"""What a synchronisation asks and tells about installed lessons: a contract that the box's database keeps.

Every call is one durable step: after it returns, a power cut does not undo it; before, nothing of it is seen.
Publishers are ``<authority>/<name>``; a *repository* is a prefix in the mirror (``directory``,
``publishers/<authority>/<name>``); moments are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from edubox.pack.index import Index
from edubox.pack.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Installed:
    """One lesson that pupils can open. *state* is ``ready``, or ``waiting`` while media are on their way."""

    publisher: str
    slug: str
    version: int
    #: SHA-256 of its manifest; ``site/<manifest>/`` holds its files and the mirror the manifest as an object.
    manifest: str
    state: str


class Catalogue(Protocol):
    """What is on this box."""

    def installed(self) -> list[Installed]:
        """Every lesson that pupils can open now."""

    def activate(
        self, publisher: str, slug: str, index: Index, manifest: Manifest, tree: Path, *, complete: bool
    ) -> None:
        """From now on pupils read this version; *tree* is its folder, *complete* whether its media are there too.

        Also called again for the same version once its media have arrived.
        """

    def withdraw(self, publisher: str, slug: str, version: int) -> None:
        """From now on pupils no longer find this lesson; *version* is the index that says so."""

    def miss_media(self, publisher: str, slug: str) -> None:
        """From now on this lesson, if it is there, waits for media: some have left to make room."""

    def moved(self, old: str, new: str) -> None:
        """The publisher *old* is called *new* from now on; of a lesson that both have, the newer version stays."""

    def forget_traces(self) -> None:
        """Nothing that was ever withdrawn or replaced can be read any more in any file that keeps this list."""

    def set_country(self, data: bytes) -> None:
        """The country file (canonical JSON: levels, subjects and their names), verified."""

    def verified(self, repository: str, label: str, moment: datetime, stale_since: datetime | None) -> None:
        """*repository* (shown as *label*) was verified at *moment*; *stale_since*: its signatures ended then."""

    def last_fresh(self, repository: str) -> datetime | None:
        """When *repository* was last verified without anything expired."""
