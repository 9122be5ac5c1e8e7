"""What is offered to this card, read again from the mirror by root and believed from nothing but the country's root.

The mirror belongs to the user who synchronises. So the metadata there are only a source: they are verified from the root
that the image carries, in an empty folder, with no memory of what that user verified before. Against an older system than
the running one its version number stands (``installing``). Signatures that have ended prove as much as before; as everywhere,
beyond 400 days nothing new is taken.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from edubox.errors import Expired, NotFound, NotTrusted
from edubox.pack.erasure import ERASE_LIST, MAX_ERASURE, Erasure
from edubox.pack.erasure import parse as parse_erasure
from edubox.pack.index import MAX_INDEX, Index, parse
from edubox.pack.names import check_publisher, check_slug
from edubox.trust.clock import Floor, staleness
from edubox.trust.directory import PREFIX, RECALL_LIST
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import pinned_root, prefix
from edubox.trust.record import MAX_RECORD, follow, record_name
from edubox.trust.record import parse as parse_record
from edubox.trust.verify import Repository, refresh

#: A moment at which no signature had ended.
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def offered(mirror: Path, root: bytes, address: str, system: datetime) -> Index:
    """The index at *address* (``<authority>/<name>/<slug>``) in *mirror*, verified from the country's *root*.

    *system* is what this computer's clock says (UTC). Raises NotTrusted and its kin (also for a publisher that is suspended, and
    for what was erased), NotFound (there is no such index), MissingFile, BadManifest, BadIdentifier.
    """
    publisher, _, slug = address.rpartition("/")
    check_publisher(publisher)
    name = f"{check_slug(slug)}.json"
    now, source = Floor().now(system), FolderFetch(mirror)
    with tempfile.TemporaryDirectory(prefix="edubox-system-") as folder:
        nothing = Path(folder)
        with refresh(source, PREFIX, nothing, root, now=now, last_fresh=_LONG_AGO, work=nothing) as directory:
            record, _ = follow(
                publisher, lambda one: parse_record(directory.target_bytes(record_name(one), MAX_RECORD), one)
            )
            erased = _erased(directory, RECALL_LIST)
            _check_age(directory, "the country", now)
        if record.status != "active":
            raise NotTrusted(reason=f"{record.id}, which publishes this system, is {record.status}")
        pinned = pinned_root(record, nothing, source)
        with refresh(
            source, prefix(record.id), nothing, pinned, now=now, last_fresh=_LONG_AGO, work=nothing
        ) as repository:
            index = parse(repository.target_bytes(name, MAX_INDEX))
            erased |= _erased(repository, ERASE_LIST)
            _check_age(repository, record.id, now)
    if index.manifest in erased.manifests:
        raise NotTrusted(
            reason=f"version {index.version} of {address} was taken back by those who answer for it"
        )
    return index


def _erased(repository: Repository, name: str) -> Erasure:
    try:
        return parse_erasure(repository.target_bytes(name, MAX_ERASURE))
    except NotFound:
        return Erasure()


def _check_age(repository: Repository, what: str, now: datetime) -> None:
    """Raise Expired when the signatures of *repository* ended too long ago for anything new."""
    ended = repository.stale_since
    if ended is not None and staleness((now - ended).days) == "blocked":
        raise Expired(what=what, reason=f"on {ended:%Y-%m-%d}")
