"""Going on after a card died, was copied, or came out of a backup: which computer writes the box's own repository now.

Nobody knows from inside whether the other copy still lives, so a person says what happened. To go on with the
repository, every source is first asked for what it has of it, so that no version is used twice; then the root
key, made again from the recovery code, gives this computer a new writer key. That works the same for a new
card, a new computer and a backup; the old card, wherever it is, can sign nothing any more that a box would
take. A *second* box leaves the repository to the first one and begins its own.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edubox.box.own import identity, recovery
from edubox.box.own.identity import Own
from edubox.box.own.machine import this_machine
from edubox.errors import (
    BadIdentifier,
    EduboxError,
    HashMismatch,
    MissingFile,
    NotFound,
    RestoredBackup,
    Rollback,
    WrongRecoveryCode,
)
from edubox.store.layout import metadata_path
from edubox.store.lock import lock
from edubox.sync import enrolment

if TYPE_CHECKING:
    from edubox.sync.fetching.sources import Source


@dataclass(slots=True)
class Taken:
    """How a takeover went: the identity now, and why some sources (by name) could not be asked."""

    own: Own
    unanswered: dict[str, EduboxError] = field(default_factory=dict)


def replaced_card(
    data: Path, code: str, sources: Sequence[Source], *, machine: str | None = None, system: datetime | None = None
) -> Taken:  # fmt: skip
    """This computer goes on with the repository: the card was moved, or copied and the old one is gone.

    The card itself is up to date, so a source that does not answer is told and does not stop anything. *code*
    is the recovery code as typed. Raises BadRecoveryCode, WrongRecoveryCode, NotFound, NotTrusted, NoRoom,
    Busy.
    """
    return _take_over(data, code, sources, machine, system, insist=False)


def restored_backup(
    data: Path, code: str, sources: Sequence[Source], *, machine: str | None = None, system: datetime | None = None
) -> Taken:  # fmt: skip
    """This computer goes on with the repository out of a backup, once every one of *sources* has been asked.

    No source: a person says that there is none. Raises as ``replaced_card``, and what kept the first source
    from answering (Unreachable, NotTrusted); then nothing is published yet, and what others said is kept.
    """
    return _take_over(data, code, sources, machine, system, insist=True)


def rekey(
    data: Path, own_id: str | None, code: str, sources: Sequence[Source], *,
    machine: str | None = None, system: datetime | None = None,
) -> Taken:  # fmt: skip
    """Go on with the repository *own_id* (None: this box's), of whose lost card there is no backup, from *sources*.

    Raises as ``replaced_card``; NotFound when no source has the repository, which then stays whose it was.
    """
    return _take_over(data, code, sources, machine, system, insist=False, own_id=own_id)


def second_box(data: Path, *, machine: str | None = None, system: datetime | None = None) -> Own:
    """This copy becomes a box of its own; lessons of the first one stay readable here. Raises NoRoom, Busy."""
    with lock(data / ".lock"):
        return identity.make(data, identity.now_on(data, system), machine or this_machine())


def _take_over(
    data: Path, typed: str, sources: Sequence[Source], machine: str | None, system: datetime | None, *, insist: bool,
    own_id: str | None = None,
) -> Taken:  # fmt: skip
    code = recovery.parse(typed)
    with lock(data / ".lock"):
        before = identity.read(data)
        if before.restored and not insist:
            raise RestoredBackup
        wanted = own_id or before.id
        now = identity.now_on(data, system)
        unanswered = pull(data, wanted, sources, now)
        if insist and unanswered:
            raise next(iter(unanswered.values()))
        if not (data / "mirror" / metadata_path(identity.prefix_of(wanted), "timestamp")).exists():
            raise next(iter(unanswered.values()), NotFound(what=f"The repository {wanted}, in any source,"))
        own = _new_writer(data, wanted, before, code, machine or this_machine(), now)
    return Taken(own, unanswered)


def pull(data: Path, own_id: str, sources: Sequence[Source], now: datetime) -> dict[str, EduboxError]:
    """Bring what each of *sources* has of the repository *own_id* to the mirror; returns those that did not answer.

    A source without it, or with an older state of it, has answered. Needs the data folder's lock.
    """
    from edubox.sync.own import LONG_AGO
    from edubox.sync.trusted import read_publisher
    from edubox.trust.record import Record

    unanswered: dict[str, EduboxError] = {}
    work = data / "staging" / "verify"
    work.mkdir(parents=True, exist_ok=True)
    for source in sources:
        try:
            root = _first_root(own_id, source)
            if root is None or _is_behind(data / "mirror", own_id, source):
                continue
            record = Record(own_id, own_id, "school", 1, hashlib.sha256(root).hexdigest())
            found = read_publisher(data / "mirror", work, [source], record, now, LONG_AGO)
            if found.problems:
                unanswered[source.name] = next(iter(found.problems.values()))
        except Rollback:
            continue
        except EduboxError as error:
            unanswered[source.name] = error
    return unanswered


def _first_root(own_id: str, source: Source) -> bytes | None:
    """The repository's first root as *source* has it, None if it has none. Raises HashMismatch, Unreachable."""
    from edubox.trust.publisher import LOCAL, MAX_ROOT, local_id

    if not own_id.startswith(f"{LOCAL}/"):
        raise BadIdentifier(value=own_id, reason="only a school's own repository is taken over")
    path = metadata_path(identity.prefix_of(own_id), "root", 1)
    try:
        root = source.read(path, MAX_ROOT)
    except MissingFile:
        return None
    # The name pins the root, whoever tells it.
    if local_id(root) != own_id:
        raise HashMismatch(what=f"{path} from {source.name}")
    return root


def _is_behind(mirror: Path, own_id: str, source: Source) -> bool:
    """Whether *source* is from before the newest root here: whatever it has was signed by a key that counts no more."""
    from edubox.trust.fetch import FolderFetch
    from edubox.trust.publisher import MAX_ROOT, describe

    try:
        newest = describe(FolderFetch(mirror), own_id, own_id, "school").root_version
    except MissingFile:
        return False  # nothing of it is here yet
    try:
        source.read(metadata_path(identity.prefix_of(own_id), "root", newest), MAX_ROOT)
    except MissingFile:
        return True
    return False


def _new_writer(data: Path, own_id: str, before: Own, code: str, machine: str, now: datetime) -> Own:
    """A new writer key for *own_id*. Cut anywhere, it is done again: only the recovery code is needed."""
    from edubox.publishing.workplace import release
    from edubox.trust import keys, publisher
    from edubox.trust.fetch import FolderFetch

    root, writer = keys.signer(recovery.derive(code).root), keys.generate()
    fetch = FolderFetch(data / "mirror")
    if not publisher.is_root_key(fetch, own_id, root):
        raise WrongRecoveryCode(what=own_id)
    # Each writer key has a root of its own.
    epoch = publisher.describe(fetch, own_id, own_id, "school").root_version + 1
    own = identity.of_code(code, own_id, epoch, machine)
    identity.save_writer(data, own, keys.dump(writer, machine))
    with identity.workplace(data).repository(own.prefix):
        files = publisher.rekey(fetch, own_id, root, keys.signer(writer), now)
        release(data / "mirror", own.prefix, files, {}, now)
    identity.write(data, own)
    if own_id != before.id:
        identity.forget_code(data)  # of the identity that this box had for an hour
        enrolment.forget(data)
    shutil.rmtree(data / "staging" / "verify", ignore_errors=True)
    return own
