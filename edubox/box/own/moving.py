"""A box that comes out of a backup takes the place of the fresh one that a new card begins with."""

from __future__ import annotations

import shutil
from pathlib import Path

from edubox.box.accounts import people
from edubox.box.own import identity
from edubox.box.own.repository import listed
from edubox.box.school.database import SchoolFile
from edubox.errors import AlreadyExists, NotFound
from edubox.store.lock import lock
from edubox.store.platform import sync_folder

_OLD = ".before-arriving"


def ensure_fresh(data: Path) -> None:
    """Raise AlreadyExists if somebody has begun to work with the box in *data*: nothing of theirs may be replaced."""
    try:
        own = identity.read(data)
    except NotFound:
        return
    if people.has_administrator(SchoolFile(data)) or listed(data / "mirror", own.prefix):
        raise AlreadyExists(path=data)


def exchange(arrived: Path, data: Path) -> None:
    """Put the box *arrived* in the place of *data*, beside which it lies. Cut in between, both are there still. Raises Busy."""
    old = data.with_name(_OLD)
    shutil.rmtree(old, ignore_errors=True)
    if data.exists():
        with lock(data / ".lock"):
            data.rename(old)
    arrived.rename(data)
    sync_folder(data.parent)
    shutil.rmtree(old, ignore_errors=True)
