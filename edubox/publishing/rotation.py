"""New keys for a country whose root is one key: the yearly change, and the answer to a key that somebody may have.

New keys wait in ``keys/rotating`` until the new root is published, which is one file, and then take the place of the
old ones. A run that was cut is run again: keys that the newest root names are put in their place, others are thrown
away. Root keys that several people hold are signed with in a ceremony, not here.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from edubox.errors import BadInput, NotFound, NotTrusted, WrongPassphrase
from edubox.publishing.country import new_key
from edubox.publishing.workplace import Workplace, release
from edubox.store.platform import sync_folder
from edubox.trust import directory
from edubox.trust.fetch import FolderFetch

#: Role → its key file below the keys' folder.
FILES = {
    "root": "root", "targets": "targets", "snapshot": "online/snapshot", "timestamp": "online/timestamp",
}  # fmt: skip
NEW = "rotating"


def rotate_root(folder: Path, roles: Collection[str], passphrase: str, now: datetime) -> int:
    """Give *roles* of the directory in *folder* new keys, and return the number of the new root.

    With no roles the root is signed again and lasts 3 more years. *now* is UTC. Raises BadInput (no such role, or
    several people hold the root), NotFound (no country or key), WrongPassphrase, NotTrusted, NoRoom, Busy.
    """
    if not FILES.keys() >= set(roles):
        raise BadInput(reason=f"the roles of a directory are {', '.join(FILES)}")
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        if len(listed.root_keys("root")) > 1:
            raise BadInput(reason="several people hold the root of this country, and all of them must sign")
        if settled(workplace, listed, passphrase):
            return listed.root_version
        for role in roles:
            new_key(workplace, f"{NEW}/{FILES[role]}", None if "/" in FILES[role] else passphrase)
        old = {role: [workplace.signer(name, passphrase)] for role, name in FILES.items()}
        new = {role: [workplace.signer(f"{NEW}/{FILES[role]}", passphrase)] for role in roles}
        files = listed.rotate_root(old, new, now)
        release(workplace.mirror, directory.PREFIX, files, {}, now)
        settled(workplace, listed, passphrase)
        return listed.root_version


def settled(workplace: Workplace, listed: directory.Directory, passphrase: str) -> bool:
    """Put waiting keys in their place if the newest root names them, and throw them away if not; say which."""
    waiting = {}
    for role, name in FILES.items():
        try:
            key = workplace.signer(f"{NEW}/{name}", passphrase).public_key.keyid
        except WrongPassphrase:
            raise  # it may be the only key that fits
        except (NotFound, NotTrusted):
            continue  # none, or half a key: nothing was signed with it
        if key in listed.root_keys(role):
            waiting[role] = name
    for name in waiting.values():
        (workplace.keys / NEW / name).replace(workplace.keys / name)
        sync_folder((workplace.keys / name).parent)
    shutil.rmtree(workplace.keys / NEW, ignore_errors=True)
    return bool(waiting)
