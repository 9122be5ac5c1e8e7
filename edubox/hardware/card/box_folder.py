"""The box's data folder, as root sees it: its place belongs to root, what is in it to the box's own user.

Root never writes among files of that user, who could have put a link there: a child that has given up root's rights makes the
box in a folder of its own, and root only moves it to its place, whole.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import EduboxError, UnusablePath
from edubox.pack import levels
from edubox.pack.levels import Levels
from edubox.store.layout import DIRECTORY
from edubox.store.platform import sync_folder
from edubox.trust.directory import COUNTRY_FILE, MAX_COUNTRY_FILE
from edubox.trust.fetch import FolderFetch
from edubox.trust.named import read_named

#: The user who owns a box that was made from an image.
USER = "edubox"
#: In the data folder while people and what is theirs leave it: a cut in between is seen by the next start.
RESETTING = "resetting"
_MAKING = ".making"


@dataclass(frozen=True, slots=True)
class Owner:
    """A user and its group, by number."""

    user: int
    group: int


def owner() -> Owner | None:
    """Whose the box is to be; None when this process is not root, or there is no such user: then its own."""
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam(USER)
    except KeyError:
        return None
    return Owner(found.pw_uid, found.pw_gid)


def levels_in(data: Path) -> Levels | None:
    """The levels of the country of the box in *data*; None while it does not know them: before its first lessons."""
    try:
        found = read_named(data / "mirror", DIRECTORY).target(COUNTRY_FILE)
        return (
            None
            if found is None
            else levels.read(FolderFetch(data / "mirror").read(found.path, MAX_COUNTRY_FILE))
        )
    except EduboxError:
        return None


def become_owner(data: Path) -> None:
    """Give up root's rights for those of whoever owns *data*: what root would write there, its owner could not read."""
    found = os.stat(data)
    if os.geteuid() == 0 and found.st_uid != 0:
        os.setgroups([])
        os.setgid(found.st_gid)
        os.setuid(found.st_uid)


def prepare(data: Path, whose: Owner | None, make: Callable[[Path], None]) -> None:
    """Let *make* bring the box at *data* forward, or make it anew beside its place if there is none; it runs as *whose*.

    A cut leaves no box or a whole one. Raises what *make* raises, UnusablePath.
    """
    if (data / "keys" / "root.json").exists():
        give(data, whose)
        make(data)
        return
    making = data.with_name(_MAKING)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    try:
        give(making, whose)
        make(making / data.name)
        if (making / data.name).is_symlink() or not (making / data.name).is_dir():
            raise UnusablePath(path=making / data.name, reason="it is no folder")
        sync_folder(making)
        (making / data.name).replace(data)
        sync_folder(data.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def give(folder: Path, whose: Owner | None) -> None:
    """Let *folder* and all in it belong to *whose* (None: as it is), itself last: cut in between, it is done again."""
    if whose is None or os.stat(folder).st_uid == whose.user:
        return
    for place, folders, files in os.walk(folder, topdown=False):
        for name in (*folders, *files):
            os.chown(os.path.join(place, name), whose.user, whose.group, follow_symlinks=False)
    os.chown(folder, whose.user, whose.group)
    sync_folder(folder)
