"""What the country and its publishers say now, verified and written to the box's mirror.

The directory is refreshed from the root that the box pins, each followed publisher from the root that its record in the
directory pins. Files reach the mirror only after everything about a repository was verified, the timestamp last, each
one whole. Sources are tried in order until one holds; what fails for one publisher or one lesson is
told and does not stop the others. Times are UTC.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from edubox.errors import BadIdentifier, EduboxError, NotFound, NotTrusted, Unreachable
from edubox.pack.index import MAX_INDEX, Index
from edubox.pack.index import parse as parse_index
from edubox.pack.names import check_part
from edubox.store.layout import metadata_path
from edubox.store.platform import write_atomic
from edubox.sync.sources import Source
from edubox.trust.clock import Floor
from edubox.trust.directory import COUNTRY_FILE, PREFIX
from edubox.trust.publisher import pinned_root
from edubox.trust.publisher import prefix as prefix_of
from edubox.trust.record import MAX_RECORD, Record, record_name
from edubox.trust.record import parse as parse_record
from edubox.trust.verify import Repository, refresh

MAX_COUNTRY_FILE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Country:
    """The directory's answer. *stale_since*: when its signatures ended, if they did."""

    country_file: bytes | None
    records: dict[str, Record]
    problems: dict[str, EduboxError]
    floor: Floor
    stale_since: datetime | None


@dataclass(frozen=True, slots=True)
class Publisher:
    """One publisher's answer: the indexes by slug, and what is wrong with those that are not there."""

    indexes: dict[str, Index] = field(default_factory=dict)
    problems: dict[str, EduboxError] = field(default_factory=dict)
    stale_since: datetime | None = None


def read_directory(
    mirror: Path, work: Path, sources: Sequence[Source], root: bytes, floor: Floor, system: datetime,
    last_fresh: datetime | None, follow: Sequence[str],
) -> Country:  # fmt: skip
    """Refresh the directory from *root* and read the records of *follow*.

    *work* is a folder for temporary files. *system* is what this computer's clock says, *floor* what it must at least
    be. Raises the error of the first
    source when none holds: Unreachable, MissingFile, NotTrusted and its kin.
    """
    now = floor.now(system)
    errors: list[EduboxError] = []
    for source in sources:
        try:
            with refresh(
                source, PREFIX, mirror, root, now=now, last_fresh=last_fresh, work=work
            ) as repository:
                country = _country(repository, floor, follow)
                _write(mirror, PREFIX, root, repository.received())
        except (Unreachable, NotTrusted) as error:
            errors.append(error)
        else:
            return country
    raise errors[0]


def _country(repository: Repository, floor: Floor, follow: Sequence[str]) -> Country:
    records: dict[str, Record] = {}
    problems: dict[str, EduboxError] = {}
    try:
        country_file = repository.target_bytes(COUNTRY_FILE, MAX_COUNTRY_FILE)
    except NotFound:
        country_file = None
    for publisher in follow:
        try:
            records[publisher] = parse_record(
                repository.target_bytes(record_name(publisher), MAX_RECORD), publisher
            )
        except EduboxError as error:
            problems[publisher] = error
    raised = floor.raised(repository.issued, repository.vouched_until, repository.timestamp_keys)
    return Country(country_file, records, problems, raised, repository.stale_since)


def read_publisher(
    mirror: Path,
    work: Path,
    sources: Sequence[Source],
    record: Record,
    now: datetime,
    last_fresh: datetime | None,
) -> Publisher:
    """Refresh one publisher's repository and read every index; raises as ``read_directory``."""
    prefix = prefix_of(record.id)
    errors: list[EduboxError] = []
    best: Publisher | None = None
    for source in sources:
        try:
            root = pinned_root(record, mirror, source)
            with refresh(
                source, prefix, mirror, root, now=now, last_fresh=last_fresh, work=work
            ) as repository:
                found = _publisher(repository)
                _write(mirror, prefix, root, repository.received())
        except (Unreachable, NotTrusted) as error:
            errors.append(error)
            continue
        if best is None or len(found.problems) < len(best.problems):
            best = found
        if not found.problems:
            break
    if best is None:
        raise errors[0]
    return best


def _publisher(repository: Repository) -> Publisher:
    publisher = Publisher(stale_since=repository.stale_since)
    for name, (_, size) in sorted(repository.target_hashes().items()):
        slug = name.removesuffix(".json")
        try:
            if slug == name or size > MAX_INDEX:
                continue  # a kind of target that this version does not know
            check_part(slug)
            publisher.indexes[slug] = parse_index(repository.target_bytes(name, MAX_INDEX))
        except BadIdentifier:
            continue
        except EduboxError as error:
            publisher.problems[slug] = error
    return publisher


def _write(mirror: Path, prefix: str, root: bytes, received: dict[str, bytes]) -> None:
    """Write what was *received*, and before it the *root* from which it was verified, which others may need."""
    first = metadata_path(prefix, "root", json.loads(root)["signed"]["version"])
    files = received if (mirror / first).exists() else {first: root, **received}
    for path, data in files.items():
        # Names come from signed data, but what is signed may still be hostile.
        if not path.startswith(f"{prefix}/") or any(part in {"", ".", ".."} for part in path.split("/")):
            raise NotTrusted(reason=f"{path!r} is no place in a mirror")
        write_atomic(mirror / path, data)


def read_floor(path: Path) -> Floor:
    """The clock's floor as kept at *path*."""
    try:
        return Floor.from_bytes(path.read_bytes())
    except OSError:
        return Floor()
