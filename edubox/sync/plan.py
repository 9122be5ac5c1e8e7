"""What to do about each lesson, with the fewest bytes: pure decisions, no file and no network.

A lesson that is already here costs nothing, also when another publisher publishes it again. Otherwise every
bundle that can be applied is a way, the smallest first: a delta from any version whose files are on this box,
or the full bundle. A later way is for when an earlier one fails. Texts come before media and small before
large, so that most of the class can begin soonest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edubox.errors import NotTrusted, Rollback
from edubox.pack.index import Bundle, Index
from edubox.sync.catalogue import Installed

#: What a step is, in reports: no change, files that are here already, a bundle of either kind, file by file from a
#: near source, leaving.
NOTHING, SAME, DELTA, FULL, OBJECTS, WITHDRAWN = "nothing", "same", "delta", "full", "objects", "withdrawn"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do about one lesson. *ways*: the bundles to try, for DELTA and FULL."""

    publisher: str
    slug: str
    index: Index
    plan: str
    ways: tuple[Bundle, ...] = ()

    @property
    def address(self) -> str:
        """``<authority>/<name>/<slug>``."""
        return f"{self.publisher}/{self.slug}"

    @property
    def cost(self) -> int:
        """Bytes to fetch, media apart."""
        return self.ways[0].size if self.ways else 0

    @property
    def media(self) -> int:
        """Bytes of media of a lesson that comes anew, as the index lets us guess before its list of files is here."""
        full = self.index.full if self.plan == FULL else None
        return 0 if full is None else max(self.index.size - full.unpacked, 0)


def decide(
    publisher: str, slug: str, index: Index, installed: Installed | None, *,
    intact: bool, held: Callable[[str], bool],
) -> Step:  # fmt: skip
    """The step from *installed* (None: not on this box) to what *index* says.

    *intact*: the installed version's files are all there; *held* says of a manifest's hash whether the
    objects that bundles carry for it are on this box. Raises Rollback, NotTrusted (two contents of one
    version number).
    """
    address = f"{publisher}/{slug}"
    if installed is not None and index.version < installed.version:
        raise Rollback(what=address)
    if index.withdrawn:
        return Step(publisher, slug, index, NOTHING if installed is None else WITHDRAWN)
    if installed is not None and index.version == installed.version:
        if index.manifest != installed.manifest:
            raise NotTrusted(reason=f"{address} has two different versions {index.version}")
        if intact:
            return Step(publisher, slug, index, NOTHING)
    if held(index.manifest):
        return Step(publisher, slug, index, SAME)
    ways = index.ways(held)
    return Step(publisher, slug, index, DELTA if ways[0].base else FULL, ways)


def in_order(steps: Iterable[Step], urgent: Sequence[str] = ()) -> list[Step]:
    """*steps* as they should be taken: those at *urgent* addresses first, then free ones, then small before large."""
    wish = {address: place for place, address in enumerate(urgent)}
    return sorted(steps, key=lambda step: (wish.get(step.address, len(wish)), step.cost, step.address))
