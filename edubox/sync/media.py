"""Media: the large files of lessons that pupils already read, each fetched alone, small ones first.

A file that several lessons share is fetched once. It enters the tree of every lesson that waits for it the
moment it is whole, so a film can be watched while the next one is on its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edubox.pack.manifest import File
from edubox.store.layout import object_path
from edubox.store.objects import holds
from edubox.store.platform import ensure_room, settle, sync_folder
from edubox.sync.fetching.fetch import Show, Wanted, fetch
from edubox.sync.local import Local, media_of


@dataclass(slots=True)
class Missing:
    """A media file that is not everywhere it belongs: its places are (manifest, file)."""

    file: File
    places: list[tuple[str, File]] = field(default_factory=list)

    def manifests(self) -> set[str]:
        """The versions that wait for it."""
        return {manifest for manifest, _ in self.places}


def lacking(local: Local, manifests: Iterable[str], urgent: Sequence[str] = ()) -> list[Missing]:
    """The media that the trees of *manifests* lack: those of *urgent* ones first, then small before large."""
    # A manifest that lies about a size must not spoil the file for the others.
    found: dict[tuple[str, int], Missing] = {}
    for sha256 in manifests:
        manifest = local.manifest(sha256)
        if manifest is not None:
            for file in local.site.lacking(sha256, media_of(manifest)):
                found.setdefault((file.sha256, file.size), Missing(file)).places.append((sha256, file))
    return sorted(
        found.values(),
        key=lambda missing: (
            missing.manifests().isdisjoint(urgent), missing.file.size, missing.file.sha256
        ),
    )  # fmt: skip


def bring(local: Local, missing: Missing, show: Show) -> None:
    """Fetch *missing* unless it is here, and put it in its places. Raises Unreachable, HashMismatch, NoRoom."""
    file = missing.file
    if not holds(local.mirror, file.sha256, file.size):
        staged = local.arriving / file.sha256
        here = staged.stat().st_size if staged.exists() else 0
        ensure_room(local.data, max(file.size - here, 0), 4, local.reserve)
        wanted = Wanted(object_path(file.sha256), file.sha256, file.size, file.pieces)
        target = local.mirror / object_path(file.sha256)
        settle(fetch(wanted, local.arriving, local.nearest_first, show), target)
        sync_folder(target.parent)
    for manifest, place in missing.places:
        local.site.add(manifest, place)
