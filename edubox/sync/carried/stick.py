"""A USB stick that carries our folder: how it is known, read, and made.

The folder ``edubox`` of a stick is a mirror like any other, and ``wants/`` in it holds the want lists of the
boxes that it passed. A stick is ours when that folder has the root of our country, byte for byte; any other
stick is read no further and never written. Nothing on a stick is executed, and no link on it is followed.
``timestamp.json``, the only file that changes in place, has a copy of its predecessor beside it: a stick is
two sources, and signatures say which of them holds.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from edubox.errors import (
    AlreadyExists,
    EduboxError,
    MissingFile,
    NotFound,
    NotOurStick,
    NotTrusted,
    Unreachable,
    UnreadableSource,
)
from edubox.store.fat import PREVIOUS, New, clear, pulled_is_unreachable, write_all
from edubox.store.layout import BUNDLES, DIRECTORY, OBJECTS, PUBLISHERS
from edubox.sync.carried.wants import MAX_WANT, WANTS, Want, parse
from edubox.sync.fetching.sources import STICK, FolderSource, Source
from edubox.sync.pinned import root_path
from edubox.trust.fetch import FolderFetch

#: Our folder on a stick.
FOLDER = "edubox"
_NAMES = {DIRECTORY, PUBLISHERS, BUNDLES, OBJECTS, WANTS}
_MAX_ROOT = 512_000
#: Names in ``wants/`` that are looked at, and bytes of want lists that are read in one exchange.
_MOST_NAMES, _MOST_BYTES = 2_000, 8 * 1024 * 1024


class StickSource(FolderSource):
    """The mirror on the stick mounted at *mount*; with *previous*, as its timestamps were before the last writing."""

    def __init__(self, mount: Path, previous: bool = False) -> None:
        super().__init__(mount / FOLDER, STICK)
        self._previous = previous

    def read(self, path: str, limit: int) -> bytes:
        """See Source."""
        if self._previous and path.endswith("/timestamp.json"):
            path += PREVIOUS
        return super().read(path, limit)


def sources_of(mount: Path) -> list[Source]:
    """The two sources that a stick is."""
    return [StickSource(mount), StickSource(mount, previous=True)]


def carries_our_folder(mount: Path) -> bool:
    """Whether the folder *mount* has a folder of ours with a directory in it, whatever its country."""
    try:
        return (mount / FOLDER / DIRECTORY).is_dir() and not (mount / FOLDER).is_symlink()
    except OSError:
        return False


def recognise(mount: Path, root: bytes) -> Path:
    """Our folder on the stick at *mount*, which belongs to the country that *root* (the bytes of its pinned root) says.

    Raises NotOurStick, Unreachable.
    """
    if not mount.is_dir():
        raise Unreachable(source=mount, reason="there is no such folder now")
    path = root_path(root)
    try:
        found = FolderFetch(mount).read(f"{FOLDER}/{path}", _MAX_ROOT)
    except (MissingFile, NotTrusted):  # none, or a file that is no root
        raise NotOurStick(path=mount, reason="it has no folder of this country") from None
    if found != root:
        raise NotOurStick(path=mount, reason="its folder belongs to another country")
    return mount / FOLDER


def make(mount: Path, root: bytes) -> Path:
    """Put our folder on a stick that has none, for the country of *root*; one that is there already is left as it is.

    Raises NotOurStick (another country's), AlreadyExists (the name is taken), Unreachable, UnusablePath, NoRoom.
    """
    try:
        return recognise(mount, root)
    except NotOurStick:
        pass
    folder = mount / FOLDER
    with pulled_is_unreachable(mount):
        if os.path.lexists(folder):
            if (
                folder.is_symlink()
                or not folder.is_dir()
                or {name.lower() for name in os.listdir(folder)} - _NAMES
            ):
                raise AlreadyExists(path=folder)
            _check_no_root(mount)
        clear(folder)
        for name in sorted(_NAMES):
            (folder / name).mkdir(parents=True, exist_ok=True)
        write_all(folder, [New.of(root_path(root), root)])
    return folder


def wants_on(folder: Path) -> list[Want]:
    """The want lists in *folder*, ours on a stick; what is none is passed over, and so is what is too much."""
    fetch, wants, room = FolderFetch(folder), [], _MOST_BYTES
    try:
        names = sorted(path.name.lower() for path in islice((folder / WANTS).iterdir(), _MOST_NAMES))
    except OSError:
        return []
    for name in names:
        if not name.endswith(".json") or room <= 0:
            continue
        try:
            data = fetch.read(f"{WANTS}/{name}", MAX_WANT)
            room -= len(data)
            want = parse(data)
        except EduboxError:
            continue
        if want.path == f"{WANTS}/{name}":
            wants.append(want)
    return wants


def put_want(folder: Path, want: Want) -> None:
    """Leave *want* in *folder*, ours on a stick, in place of the box's earlier one. Raises OSError."""
    data = want.to_bytes()
    try:
        if FolderFetch(folder).read(want.path, MAX_WANT) == data:
            return
    except EduboxError:
        pass
    write_all(folder, [New.of(want.path, data)])


def first_root(mirror: Path) -> bytes:
    """The oldest root of the directory in the folder *mirror*, which boxes pin. Raises NotFound, UnreadableSource."""
    folder = mirror / DIRECTORY / "metadata"
    try:
        roots = {int(path.name.split(".")[0]): path for path in folder.glob("[0-9]*.root.json")}
        return roots[min(roots)].read_bytes()
    except ValueError:
        raise NotFound(what=f"A country's directory in {mirror}") from None
    except OSError as error:
        raise UnreadableSource(path=mirror, reason=error.strerror) from None


def _check_no_root(mount: Path) -> None:
    """Raise NotOurStick if the folder is any country's: a preparation that was cut has left no root."""
    try:
        names = os.listdir(mount / FOLDER / DIRECTORY / "metadata")
    except FileNotFoundError:
        return
    if any(name.lower().endswith(".json") for name in names):
        raise NotOurStick(path=mount, reason="its folder belongs to another country")
