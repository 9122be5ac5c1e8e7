"""What the country and its publishers say now, verified and written to the box's mirror.

The directory is refreshed from the root that the box pins, each followed publisher from the root that its
record in the directory pins. Files reach the mirror only after everything about a repository was verified,
the timestamp last, each one whole. Hubs are asked in order until one holds, since they know what is new;
without any, every near source is, since one stick may be newer than another. What the box knew before holds
when nobody answers. What fails for one publisher or one lesson is told and does not stop the others. Times
are UTC.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from edubox.errors import (
    BadIdentifier,
    BadInput,
    EduboxError,
    MissingFile,
    NotFound,
    NotTrusted,
    Rollback,
    Unreachable,
)
from edubox.pack import levels
from edubox.pack.erasure import ERASE_LIST, MAX_ERASURE, Erasure
from edubox.pack.erasure import parse as parse_erasure
from edubox.pack.index import MAX_INDEX, Index
from edubox.pack.index import parse as parse_index
from edubox.pack.names import check_part, is_staff
from edubox.store.layout import metadata_path
from edubox.store.platform import write_atomic
from edubox.sync.fetching.sources import COURIER, HUB, NEIGHBOUR, OWN, STICK, Source
from edubox.sync.following import NOBODY, Ask
from edubox.trust import follow_lists
from edubox.trust.clock import Floor
from edubox.trust.directory import COUNTRY_FILE, MAX_COUNTRY_FILE, PREFIX, RECALL_LIST
from edubox.trust.publisher import pinned_root
from edubox.trust.publisher import prefix as prefix_of
from edubox.trust.record import MAX_RECORD, Record, record_name
from edubox.trust.record import follow as moves_of
from edubox.trust.record import parse as parse_record
from edubox.trust.state import newest_root
from edubox.trust.verify import Repository, refresh


@dataclass(frozen=True, slots=True)
class Country:
    """The directory's answer. *stale_since*: when its signatures ended, if they did."""

    country_file: bytes | None
    records: dict[str, Record]
    problems: dict[str, EduboxError]
    floor: Floor
    stale_since: datetime | None
    #: Whether a source gave it; otherwise it is what the box knew before, and *unanswered* says why, unless all that
    #: went wrong is that sticks and neighbours know less.
    confirmed: bool = True
    unanswered: EduboxError | None = None
    #: Names of followed publishers → the name under which each goes on, in *records*.
    moves: dict[str, str] = field(default_factory=dict)
    #: What the ministry recalled.
    recalled: Erasure = field(default_factory=Erasure)
    #: Records under names that this box itself may have.
    oneself: list[Record] = field(default_factory=list)
    #: What its academy proposes to this box (``sync.following``); None: nothing was said of that.
    proposed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """One publisher's answer: the indexes by slug, and what is wrong with those that are not there."""

    indexes: dict[str, Index] = field(default_factory=dict)
    problems: dict[str, EduboxError] = field(default_factory=dict)
    stale_since: datetime | None = None
    #: As of Country.
    confirmed: bool = True
    unanswered: EduboxError | None = None
    #: What it erased of its own lessons.
    erased: Erasure = field(default_factory=Erasure)
    #: What it publishes that is no lesson but a board's system, by slug.
    systems: dict[str, Index] = field(default_factory=dict)


def read_directory(
    mirror: Path, work: Path, sources: Sequence[Source], root: bytes, floor: Floor, system: datetime,
    last_fresh: datetime | None, follow: Sequence[str], oneself: Sequence[str] = (), ask: Ask = NOBODY,
) -> Country:  # fmt: skip
    """Refresh the directory from *root* and read the records of *follow*, and those of *oneself* that there are.

    *ask* says whose proposals to read; the records of what they propose are read too.
    *work* is a folder for temporary files. *system* is what this computer's clock says, *floor* what it must
    at least be. Raises the error of the first source when none holds: Unreachable, MissingFile, NotTrusted
    and its kin.
    """
    now = floor.now(system)
    country: Country | None = None
    failures: list[tuple[Source, EduboxError]] = []
    for source in _in_turn(sources):
        if country is not None and source.kind in {HUB, OWN}:
            break
        try:
            with refresh(
                source, PREFIX, mirror, root, now=now, last_fresh=last_fresh, work=work
            ) as repository:
                found = _country(
                    repository, floor if country is None else country.floor, follow, oneself, ask
                )
                _write(mirror, PREFIX, root, repository.received())
        except (Unreachable, NotTrusted) as error:
            failures.append((source, error))
            continue
        if source.kind == OWN and failures:
            # Nobody answered, but what was verified before still holds.
            return replace(found, confirmed=False, unanswered=_grave(failures))
        country = found
        if source.kind == HUB:
            return country
    if country is None:
        raise failures[0][1]
    return country


def _in_turn(sources: Sequence[Source]) -> list[Source]:
    """Hubs, then near sources, then what the box knew before."""
    return sorted(sources, key=lambda source: (source.kind == OWN, source.kind != HUB))


def _grave(failures: Sequence[tuple[Source, EduboxError]]) -> EduboxError | None:
    """The error that a person should hear of; none when all that happened is that near sources know less.

    That is ordinary: a stick comes back from a long way, a neighbour was off, a courier was made last month.
    """
    older = any(
        isinstance(error, Rollback) and source.kind in {STICK, COURIER, NEIGHBOUR}
        for source, error in failures
    )
    hubs = [error for source, error in failures if source.kind == HUB]
    return hubs[0] if hubs else None if older else failures[0][1]


def _country(
    repository: Repository, floor: Floor, follow: Sequence[str], oneself: Sequence[str], ask: Ask
) -> Country:
    records: dict[str, Record] = {}
    problems: dict[str, EduboxError] = {}
    try:
        country_file = repository.target_bytes(COUNTRY_FILE, MAX_COUNTRY_FILE)
    except NotFound:
        country_file = None
    moves: dict[str, str] = {}
    ours = []
    for publisher in oneself:
        # A name that was only asked for need not be there, and one source may not have it.
        with contextlib.suppress(EduboxError):
            ours.append(moves_of(publisher, lambda one: _record(repository, one))[0])
    proposed = _proposed(repository, ours, ask, country_file)
    for publisher in dict.fromkeys([*follow, *(proposed or ())]):
        try:
            record, names = moves_of(publisher, lambda one: _record(repository, one))
        except NotFound:
            # An academy may propose what it has not entered, or no more: nobody here did anything wrong.
            if publisher in follow:
                problems[publisher] = NotFound(what=f"{publisher} in the country's directory")
        except EduboxError as error:
            problems[publisher] = error
        else:
            records[record.id] = record
            moves |= dict.fromkeys(names, record.id)
    recalled = _erasure(repository, RECALL_LIST, problems)
    raised = floor.raised(repository.issued, repository.vouched_until, repository.timestamp_keys)
    return Country(
        country_file, records, problems, raised, repository.stale_since, moves=moves, recalled=recalled,
        oneself=ours, proposed=proposed,
    )  # fmt: skip


def _proposed(
    repository: Repository, ours: Sequence[Record], ask: Ask, country_file: bytes | None
) -> tuple[str, ...] | None:
    """What the authority of *ask* proposes to this box, without what a person dropped; None: that cannot be read here.

    The *country_file* says which levels the school means, that may have written their names.
    """
    mine = next((one for one in ours if one.id == ask.id), None)
    if not ask.authority or mine is None:
        return None
    try:
        lists = follow_lists.parse(
            repository.target_bytes(follow_lists.lists_name(ask.authority), follow_lists.MAX_FILE)
        )
    except NotFound:
        return ()
    except (BadInput, NotTrusted, MissingFile):
        # A stick may lack it. A proposal is no order: what was proposed before goes on.
        return None
    taught = ask.levels if country_file is None else levels.read(country_file).of(ask.levels)
    every = follow_lists.proposed(lists, mine.kind, taught)
    return tuple(one for one in every if one not in ask.without)


def _record(repository: Repository, publisher: str) -> Record:
    """The record of *publisher*. Raises NotFound, and what reading a target raises."""
    return parse_record(repository.target_bytes(record_name(publisher), MAX_RECORD), publisher)


def _erasure(repository: Repository, name: str, problems: dict[str, EduboxError]) -> Erasure:
    """The list *name*, empty if there is none; one that cannot be read is among the *problems*.

    Raises Unreachable, MissingFile, NotTrusted and its kin: a source that keeps it back gives nothing at all.
    """
    try:
        return parse_erasure(repository.target_bytes(name, MAX_ERASURE))
    except NotFound:
        return Erasure()
    except BadInput as error:
        problems[name.removesuffix(".json")] = error
        return Erasure()


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
    known = newest_root(mirror, prefix)
    failures: list[tuple[Source, EduboxError]] = []
    best: Publisher | None = None
    for source in _in_turn(sources):
        if best is not None and (source.kind == OWN or (source.kind == HUB and not best.problems)):
            break
        try:
            root = pinned_root(record, mirror, source)
            with refresh(
                source, prefix, mirror, root, now=now, last_fresh=last_fresh, work=work
            ) as repository:
                if repository.root_version < known:
                    raise Rollback(what=f"the root of {record.id}")
                found = _publisher(repository)
                _write(mirror, prefix, root, repository.received())
        except (Unreachable, NotTrusted) as error:
            failures.append((source, error))
            continue
        if source.kind == OWN and failures:
            return replace(found, confirmed=False, unanswered=_grave(failures))
        # The later of two near sources was verified against the earlier one's news, so it is not older.
        if best is None or len(found.problems) <= len(best.problems):
            best = found
        if source.kind == HUB and not found.problems:
            break
    if best is None:
        raise failures[0][1]
    return best


def _publisher(repository: Repository) -> Publisher:
    problems: dict[str, EduboxError] = {}
    erased = _erasure(repository, ERASE_LIST, problems)
    publisher = Publisher(problems=problems, stale_since=repository.stale_since, erased=erased)
    for name, (_, size) in sorted(repository.target_hashes().items()):
        slug = name.removesuffix(".json")
        try:
            if slug == name or size > MAX_INDEX:
                continue  # a kind of target that this version does not know
            check_part(slug)
            # What is for teachers only is no lesson to show; what is signed of it stays with the rest, which is whole or nothing.
            index = parse_index(repository.target_bytes(name, MAX_INDEX))
            if not is_staff(slug):
                (publisher.indexes if index.system is None else publisher.systems)[slug] = index
        except BadIdentifier:
            continue
        except EduboxError as error:
            publisher.problems[slug] = error
    return publisher


def _write(mirror: Path, prefix: str, root: bytes, received: dict[str, bytes]) -> None:
    """Write what was *received*, and before it the *root* from which it was verified, which others may need."""
    first = metadata_path(prefix, "root", json.loads(root)["signed"]["version"])
    # The one that is there may be damaged.
    here = (mirror / first).read_bytes() if (mirror / first).exists() else b""
    files = received if here == root else {first: root, **received}
    for path, data in files.items():
        # Names come from signed data, but what is signed may still be hostile.
        if not path.startswith(f"{prefix}/") or any(part in {"", ".", ".."} for part in path.split("/")):
            raise NotTrusted(reason=f"{path!r} is no place in a mirror")
        write_atomic(mirror / path, data)
