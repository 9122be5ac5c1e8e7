"""What becomes of a publisher in its country: suspended, taken up again, or moved to another authority.

A move is two records in one publication: the one that is left names where to, the one that is entered names where from,
each signed by its own authority. The repository keeps its root and its versions under its new name, so that a box goes
on from what it knows and no lesson ever goes back a version. A run that was cut is run again.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from edubox.errors import AlreadyExists, BadInput, NotFound
from edubox.pack.names import check_publisher
from edubox.publishing.country import new_key, release_directory
from edubox.publishing.workplace import Workplace
from edubox.store.platform import make_folder, sync_folder
from edubox.trust import directory, keys, publisher
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import Record, record_name


def set_status(folder: Path, publisher_id: str, status: str, passphrase: str, now: datetime) -> bool:
    """Make the publisher ``active`` or ``suspended`` in the directory of *folder*; says whether it was not already.

    From a suspended publisher boxes take nothing new and keep what they have. *now* is UTC. Raises NotFound (no such
    publisher, country or key), BadInput (it moved), BadIdentifier, WrongPassphrase, NotTrusted, NoRoom, Busy.
    """
    authority, _ = check_publisher(publisher_id)
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        record = _known(listed, publisher_id)
        if record.moved_to is not None:
            raise BadInput(reason=f"{publisher_id} moved and is called {record.moved_to} now")
        if record.status == status:
            return False
        signer = workplace.signer(f"authorities/{authority}", passphrase)
        new = replace(record, status=status)
        listed.enter(new, signer, now)
        release_directory(workplace, listed, {record_name(publisher_id): new.to_bytes()}, now)
    return True


def move(folder: Path, old: str, new: str, passphrase: str, now: datetime) -> None:
    """Let the publisher *old* go on as *new*, in another authority or under another name.

    Its repository and its keys go with it; an authority that is new is entered too. *now* is UTC. Raises NotFound (no
    such publisher, country or key), AlreadyExists (somebody else is called *new*), BadInput (it is suspended or moved
    elsewhere), BadIdentifier, WrongPassphrase, NotTrusted, NoRoom, Busy.
    """
    (left, _), (entered, _) = check_publisher(old), check_publisher(new)
    if old == new:
        raise BadInput(reason="a publisher moves to another name than it has")
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        record = _known(listed, old)
        if record.moved_to != new:
            if record.status != "active":
                raise BadInput(reason=f"{old} is {record.status} and cannot move")
            if listed.record(new) is not None:
                raise AlreadyExists(path=new)
            leaves = workplace.signer(f"authorities/{left}", passphrase)
            # From here on nobody publishes as the old one while it is copied.
            with workplace.publisher(old):
                _copy_repository(workplace, old, new)
                _copy_keys(workplace, old, new)
                arrived = publisher.describe(FolderFetch(workplace.mirror), new, record.label, record.kind)
                arrived = replace(arrived, epoch=record.epoch, moved_from=old)
                gone = replace(record, status="moved", moved_to=new)
                if not (workplace.keys / "authorities" / entered).exists():
                    new_key(workplace, f"authorities/{entered}", passphrase)
                enters = workplace.signer(f"authorities/{entered}", passphrase)
                if entered not in listed.authorities():
                    ministry = workplace.signer("targets", passphrase)
                    listed.add_authority(entered, [ministry], enters, now)
                listed.enter(arrived, enters, now)
                listed.enter(gone, leaves, now)
                records = {record_name(one.id): one.to_bytes() for one in (arrived, gone)}
                release_directory(workplace, listed, records, now)
    # Nobody asks for the old folder any more: the directory names the new one.
    shutil.rmtree(workplace.mirror / publisher.prefix(old), ignore_errors=True)
    shutil.rmtree(workplace.keys / publisher.prefix(old), ignore_errors=True)


def _known(listed: directory.Directory, publisher_id: str) -> Record:
    record = listed.record(publisher_id)
    if record is None:
        raise NotFound(what=f"The publisher {publisher_id}")
    return record


def _copy_repository(workplace: Workplace, old: str, new: str) -> None:
    """Copy the signed files to the new prefix, whole or not at all; they do not say whose they are."""
    source, target = (workplace.mirror / publisher.prefix(one) for one in (old, new))
    beside = target.with_name(f".{target.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    # An earlier run that was cut may have copied it; what was published since must come too.
    shutil.rmtree(target, ignore_errors=True)
    make_folder(target.parent)
    shutil.copytree(source, beside)
    beside.rename(target)
    sync_folder(target.parent)


def _copy_keys(workplace: Workplace, old: str, new: str) -> None:
    source, target = (workplace.keys / publisher.prefix(one) for one in (old, new))
    if not source.is_dir():
        return  # its keys are elsewhere, with whoever publishes as it
    for one in reversed([target, *target.parents][: len(target.relative_to(workplace.keys).parts)]):
        one.mkdir(mode=0o700, exist_ok=True)
    for path in source.iterdir():
        if not (target / path.name).exists():
            keys.save(target / path.name, path.read_bytes())
    sync_folder(target)
