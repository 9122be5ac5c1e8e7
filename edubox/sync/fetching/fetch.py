"""One large file into the staging folder, from any of several sources, cut anywhere.

Near sources (neighbours, sticks) are asked first: several at once for a file that has pieces, else one after
the other; a hub gives only what none of them could. A resumed request asks exactly for what is missing (see
``part``). A bad unit alone is thrown away and fetched again, and whoever sent it by itself answers for it: a
disk gives no more of that unit, a hub no more of this file, a neighbour nothing more in this run; bytes begun
by an earlier run blame nobody. So each source can waste at most two units, and each cut at most what was
under way. The whole file's hash is checked before anybody uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from edubox.errors import EduboxError, HashMismatch, MissingFile, Unreachable
from edubox.store.platform import full_disk_is_no_room
from edubox.sync.fetching.neighbours import leave_liars
from edubox.sync.fetching.part import BadUnit, Part, Show, Wanted
from edubox.sync.fetching.sources import COURIER, HUB, NEIGHBOUR, Source
from edubox.sync.fetching.swarm import swarm

__all__ = ["CUTS", "Show", "Wanted", "fetch"]

#: Cuts of one source that are answered by asking again at once, if each brought something.
CUTS = 8


def fetch(
    wanted: Wanted,
    staging: Path,
    sources: Sequence[Source],
    show: Show = lambda *_: None,
) -> Path:
    """Bring *wanted* to *staging*, where it lies under its hash, complete and checked. *show* gets (done, total).

    Near sources come before hubs, else the order counts. Raises, when all of them together could not give it
    all, the first hub's error, else a near source's (HashMismatch, Unreachable, MissingFile last), and
    NoRoom; what is good of it stays for the next time.
    """
    path = staging / wanted.sha256
    near = [source for source in sources if source.kind != HUB]
    far = [source for source in sources if source.kind == HUB]
    errors: dict[str, list[EduboxError]] = {"near": [], "far": []}
    with full_disk_is_no_room(staging), Part(path, wanted) as part:
        show(part.held, wanted.size)
        if len(near) > 1 and len(part.missing()) > 1:
            errors["near"] = swarm(part, near, show)
            near = []
        for place, some in (("near", near), ("far", far)):
            for source in some:
                if part.missing():
                    try:
                        _from_source(part, source, sources, show)
                    except (Unreachable, HashMismatch) as error:
                        errors[place].append(error)
        if part.whole():
            return path
        complete = not part.stretches()
    if complete:
        # Each piece has its signed hash and the whole has not: no source can help.
        path.unlink()
        raise HashMismatch(what=wanted.path)
    # That a near source lacks it is no news, and it may look wrong there when only the hub's line is down.
    absent_last = sorted(errors["near"], key=lambda error: isinstance(error, MissingFile))
    raise next(iter(errors["far"] + absent_last), Unreachable(source="No source", reason="none was given"))


def _from_source(part: Part, source: Source, sources: Sequence[Source], show: Show) -> None:
    """Ask *source* for what is missing, again after a cut that brought something."""
    cuts = 0
    refused: set[int] = set()
    absent: MissingFile | None = None
    if source.kind == NEIGHBOUR:
        for unit in part.missing():
            part.begin_for(unit, source.name)
    while stretches := part.stretches(refused):
        before = part.held
        try:
            for begin, end in stretches:
                _stretch(part, source, begin, end, show)
        except BadUnit as bad:
            leave_liars(sources, bad.senders)
            if bad.senders == {source.name}:
                if source.kind in {HUB, NEIGHBOUR}:
                    raise HashMismatch(what=f"{part.wanted.path} from {source.name}") from None
                refused.add(bad.unit)
        except MissingFile as error:
            if source.kind != COURIER:
                raise
            # The parts at hand may have a later stretch of it.
            absent = error
            refused.add(next(unit for unit in part.missing() if unit not in refused))
        except Unreachable:
            cuts += 1
            if cuts > CUTS or part.held <= before:
                raise
    if refused:
        raise absent or HashMismatch(what=f"{part.wanted.path} from {source.name}")


def _stretch(part: Part, source: Source, begin: int, end: int, show: Show) -> None:
    with closing(source.stream(part.wanted.path, begin, end, part.wanted.size)) as blocks:
        for block in blocks:
            part.write(begin, block, source.name)
            begin += len(block)
            show(part.held, part.wanted.size)
    if begin < end:
        # A source breaks its promise; asked again without a word of this, it would be asked for ever.
        raise Unreachable(source=source.name, reason="it ended too early")
