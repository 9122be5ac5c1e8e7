"""Which versions go out in stages, read in the hub's own mirror: whoever published them, from wherever, the brake is on.

Every quarter of an hour, as queued work. An older version of the same lesson is watched no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection

from edubox.errors import EduboxError
from edubox.hub.fleet import rollouts
from edubox.hub.hub import Hub
from edubox.hub.queue import Job
from edubox.pack.index import MAX_INDEX, Index, parse
from edubox.store.layout import PUBLISHERS
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import LOCAL, current

_TARGET = re.compile(r"[0-9a-f]{64}\.([a-z0-9][a-z0-9-]{0,62})\.json\Z")


def watch(hub: Hub, _job: Job) -> None:
    """The queued look. Raises DatabaseAway."""
    for pack, index in spreading(hub):

        def begin(connection: Connection, pack: str = pack, index: Index = index) -> int:
            return rollouts.begin(
                connection, pack, index.version, index.name, index.stages, "system", hub.now()
            )

        hub.database.change(begin)


def spreading(hub: Hub) -> Iterator[tuple[str, Index]]:
    """Address and current index of every lesson of the mirror that goes out in stages; a damaged one is left out."""
    found = set()
    for path in sorted((hub.mirror / PUBLISHERS).glob("*/*/targets/*.json")):
        named = _TARGET.match(path.name)
        publisher = path.parent.parent.relative_to(hub.mirror / PUBLISHERS).as_posix()
        # Schools publish at once; most indexes say nothing of stages, and need no signature read.
        if named is None or publisher.startswith(f"{LOCAL}/") or path.stat().st_size > MAX_INDEX:
            continue
        if b'"stages"' in path.read_bytes():
            found.add((publisher, named[1]))
    for publisher, slug in sorted(found):
        try:
            data = current(FolderFetch(hub.mirror), publisher, f"{slug}.json")
            index = None if data is None else parse(data)
        except EduboxError:
            continue
        if index is not None and index.stages:
            yield f"{publisher}/{slug}", index
