"""A country's folder: made once, given publishers, and kept fresh.

``DIR/mirror`` is what the world sees. ``DIR/keys`` holds, wrapped with the passphrase, ``root`` and ``targets`` of
the directory, ``authorities/<a>`` and ``publishers/<a>/<n>/root`` and ``…/writer``; ``DIR/keys/online`` holds
``snapshot`` and ``timestamp`` unwrapped, the only keys that the hub needs. ``DIR/locks`` has one lock a repository.
A country appears in one rename, when everything in it is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from edubox.errors import AlreadyExists, BadInput
from edubox.pack import canonical
from edubox.pack.names import check_publisher
from edubox.publishing import country_file
from edubox.publishing.workplace import Workplace, release
from edubox.store.layout import metadata_path
from edubox.store.platform import full_disk_is_no_room, make_folder, sync_folder
from edubox.trust import directory, keys, publisher
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import check_label, record_name

#: The directory's online signatures are renewed when less than this is left of their 30 days.
RENEW_WITHIN = timedelta(days=directory.ONLINE_DAYS / 2)


def create(folder: Path, name: str, described: Mapping[str, Any], passphrase: str, now: datetime) -> None:
    """Make the country *name* in the new or empty *folder*. *now* is UTC.

    *described* is a country file as TOML gives it. Raises BadInput (the country file),
    AlreadyExists, NoRoom; then *folder* is what it was.
    """
    published = country_file.to_bytes(described, name)
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AlreadyExists(path=folder)
    with full_disk_is_no_room(folder.parent):
        make_folder(folder.parent)
        beside = folder.with_name(f".{folder.name[:100]}.new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        try:
            workplace = Workplace.beside(beside / "mirror")
            (beside / "mirror").mkdir()
            (beside / "locks").mkdir()
            signers = {}
            for role in ("root", "targets"):
                new_key(workplace, role, passphrase)
                signers[role] = [workplace.signer(role, passphrase)]
            for role in ("snapshot", "timestamp"):
                new_key(workplace, f"online/{role}", None)
                signers[role] = [workplace.signer(f"online/{role}")]
            files = directory.create(signers, published, now)
            release(workplace.mirror, directory.PREFIX, files, {directory.COUNTRY_FILE: published}, now)
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        sync_folder(folder.parent)


def describe(folder: Path, described: Mapping[str, Any], passphrase: str, now: datetime) -> bool:
    """Replace the country file of the country in *folder* by *described*; says whether that changed anything.

    Its id and its name stay. *now* is UTC. Raises BadInput (the country file), NotFound (no country there),
    WrongPassphrase, NotTrusted, NoRoom, Busy.
    """
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        old = canonical.read(listed.country_file(), what="the country file")
        published = country_file.to_bytes(described, next(iter(old["name"].values())))
        if described.get("id") != old["id"]:
            raise BadInput(reason=f"the country file: its id is {old['id']}, and a country keeps its id")
        if published == listed.country_file():
            return False
        listed.describe(published, [workplace.signer("targets", passphrase)], now)
        release_directory(workplace, listed, {directory.COUNTRY_FILE: published}, now)
    return True


def add_publisher(
    folder: Path, publisher_id: str, label: str, passphrase: str, now: datetime, kind: str = "ministry"
) -> None:
    """Make the keys and the repository of ``<authority>/<name>`` and enter it in the directory of *folder*.

    *label* is the name to show, *kind* a tier of the country file; an authority that is new is entered too. A run
    that was cut is continued: its keys are taken up again. Raises BadIdentifier, BadInput (*kind*), AlreadyExists
    (the directory lists it), NotFound (no country there), WrongPassphrase, NotTrusted, NoRoom, Busy.
    """
    authority, _ = check_publisher(publisher_id)
    prefix = publisher.prefix(publisher_id)
    check_label(label)
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        tiers = country_file.tiers(canonical.read(listed.country_file(), what="the country file"))
        if kind not in tiers:
            raise BadInput(reason=f"{kind!r} is no tier of this country; it has {', '.join(tiers)}")
        if listed.record(publisher_id) is not None:
            raise AlreadyExists(path=publisher_id)
        # First the key that has to fit, so that a wrong passphrase leaves nothing behind.
        ministry = workplace.signer("targets", passphrase)
        for name in (f"authorities/{authority}", f"{prefix}/root", f"{prefix}/writer"):
            if not (workplace.keys / name).exists():
                new_key(workplace, name, passphrase)
        authority_key = workplace.signer(f"authorities/{authority}", passphrase)
        # Nobody looks for this repository before the directory has its record.
        if not (workplace.mirror / metadata_path(prefix, "timestamp")).exists():
            root, writer = (workplace.signer(f"{prefix}/{role}", passphrase) for role in ("root", "writer"))
            shutil.rmtree(workplace.mirror / prefix, ignore_errors=True)
            release(
                workplace.mirror, prefix, publisher.create(publisher_id, kind, root, writer, now), {}, now
            )
        record = publisher.describe(FolderFetch(workplace.mirror), publisher_id, label, kind)
        if authority not in listed.authorities():
            listed.add_authority(authority, [ministry], authority_key, now)
        listed.enter(record, authority_key, now)
        release_directory(workplace, listed, {record_name(publisher_id): record.to_bytes()}, now)


def renew(folder: Path, now: datetime) -> bool:
    """Sign the directory's snapshot and timestamp again if they end within 15 days; says whether it did.

    For whoever serves the mirror, once an hour: reads one file when there is nothing to do, but imports TUF, so call
    it in a process that ends. *folder* is the country's, with ``keys/online``; *now* is UTC. Raises NotFound (no
    directory, no keys), NotTrusted (the mirror holds something that these keys did not sign), NoRoom, Busy.
    """
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        if listed.expires() - now > RENEW_WITHIN:
            return False
        release_directory(workplace, listed, {}, now)
    return True


def release_directory(
    workplace: Workplace, listed: directory.Directory, changed: Mapping[str, bytes], now: datetime
) -> None:
    """Sign and publish the changes of *listed*, among them the targets *changed* (name → bytes).

    The lock of the directory's repository is held. Raises NotFound (no keys), NotTrusted, NoRoom.
    """
    snapshot, timestamp = (workplace.signer(f"online/{role}") for role in ("snapshot", "timestamp"))
    files = listed.release(snapshot, timestamp, now)
    release(workplace.mirror, directory.PREFIX, files, changed, now)


def new_key(workplace: Workplace, name: str, passphrase: str | None) -> None:
    """Make the key file *name* below the keys' folder, plain if there is no *passphrase*. Raises AlreadyExists."""
    path = workplace.keys / name
    # Readable by nobody else from the first folder on, whatever the umask.
    for one in reversed([parent for parent in path.parents if parent.is_relative_to(workplace.keys)]):
        one.mkdir(mode=0o700, exist_ok=True)
    keys.save(path, keys.dump(keys.generate(), passphrase))
    sync_folder(path.parent)
