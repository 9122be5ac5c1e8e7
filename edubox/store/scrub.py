"""Reading the card before a class does: every stored file against the hash that names it, a stretch at a time.

Cards lose bits without saying so. A scrub reads kept bundles, objects, the files of trees that are copies of
their object and not links to it, and compressed twins, each in the order of names, and goes on at the next
call where the last one ended. Reading needs no lock, since a file with its final name never changes. What is
bad is read again under the data folder's lock, then taken away with all its names, so that pupils never get
it again; the next synchronisation brings it back. A worn card that cannot read a file counts as bad; one that
can read nothing is left alone and said to be failing.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from edubox.errors import FailingCard
from edubox.store.layout import BUNDLES, OBJECTS, STAFF
from edubox.store.lock import PATIENCE, lock
from edubox.store.platform import link_or_copy
from edubox.store.scrub_record import CHANGED, UNREADABLE, Damage, read_record, write_record
from edubox.store.twins import twin

#: Sorted by name, which is the order of reading: a twin is remade from an object that was read before.
REALMS = (
    f"mirror/{BUNDLES}", f"mirror/{OBJECTS}", f"mirror/{STAFF}/{BUNDLES}", f"mirror/{STAFF}/{OBJECTS}", "site", "twins",
)  # fmt: skip
_OBJECTS, _SITE, _TWINS = REALMS[1], *REALMS[-2:]
#: Seconds between two writings of the record: what a pulled plug costs.
_SAVE_EVERY = 10.0
#: So many unreadable files one after the other are no worn spot but a card that fails or is half out of its slot.
_FAILING = 10
#: What the kernel says of bytes that it cannot read back.
_WORN = {errno.EIO, errno.EBADMSG, errno.EREMOTEIO, errno.ENODATA, errno.EUCLEAN}
_BLOCK = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
#: Path → SHA-256 of a version's files; None when nobody can say.
Contents = Callable[[str], Mapping[str, str] | None]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file to read: its *path* in the data folder, and the hash of its bytes, unpacked first if it is *packed*."""

    path: str
    sha256: str
    packed: bool = False


@dataclass(slots=True)
class Outcome:
    """What one call read; *complete* says whether it came to the end of the card."""

    files: int
    size: int
    damaged: list[Damage]
    complete: bool


def scrub(
    data: Path, contents: Contents, clock: Callable[[], float], wall: Callable[[], float],
    stop: Callable[[], bool] = lambda: False, show: Callable[[str], None] = lambda _: None, patience: float = PATIENCE,
) -> Outcome:  # fmt: skip
    """Read on from where the last call ended until *stop*, which is asked after each file.

    *contents* tells what a tree should hold; *clock* runs, in seconds; *wall* is the time of day, for the
    record; *show* gets the path of each file before it is read; *patience* is how many seconds to wait for
    the lock. Raises Busy (a bad file could not be taken away while another process works; the next call
    begins with it), FailingCard, NoRoom.
    """
    with lock(data / "staging" / "scrub.lock", 0):
        record = read_record(data)
        outcome = Outcome(0, 0, [], complete=False)
        if not record.cursor:
            record.began, record.files, record.size = int(wall()), 0, 0
        saved = clock()
        unreadable = 0
        try:
            for stored in walk(data, record.cursor, contents):
                show(stored.path)
                size, why = _look(data, stored)
                unreadable = unreadable + 1 if why == UNREADABLE else 0
                if unreadable >= _FAILING:
                    raise FailingCard(path=data)
                if why:
                    with lock(data / ".lock", patience):
                        why = _take_away_if_bad(data, stored)
                if why:
                    found = Damage(stored.path, why, int(wall()))
                    record.damaged = [one for one in record.damaged if one.path != found.path] + [found]
                    outcome.damaged.append(found)
                record.cursor = stored.path
                record.files, record.size = record.files + 1, record.size + size
                outcome.files, outcome.size = outcome.files + 1, outcome.size + size
                now = clock()
                if why or now - saved >= _SAVE_EVERY:
                    saved = now
                    write_record(data, record)
                if stop():
                    break
            else:
                outcome.complete = True
                record.end_round(int(wall()))
        finally:
            write_record(data, record)
    return outcome


def walk(data: Path, after: str, contents: Contents) -> Iterator[Stored]:
    """Every file whose bytes only a hash vouches for, in order, behind the one at *after*."""
    realm_before, shelf_before, name_before = _parts(after)
    for realm in REALMS:
        if realm < realm_before:
            continue
        for shelf in _names(data / realm):
            if (realm, shelf) < (realm_before, shelf_before):
                continue
            on_shelf = _tree(data, shelf, contents) if realm == _SITE else _shelf(data, realm, shelf)
            for name, stored in on_shelf:
                if (realm, shelf, name) > (realm_before, shelf_before, name_before):
                    yield stored


def _parts(path: str) -> tuple[str, str, str]:
    for realm in REALMS:
        if path.startswith(f"{realm}/"):
            shelf, _, name = path.removeprefix(f"{realm}/").partition("/")
            return realm, shelf, name
    return "", "", ""


def _names(folder: Path) -> list[str]:
    """What is in *folder* under a final name, sorted; nothing when it is no folder."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _shelf(data: Path, realm: str, shelf: str) -> Iterator[tuple[str, Stored]]:
    for name in _names(data / realm / shelf):
        if _SHA256.match(name):
            yield name, Stored(f"{realm}/{shelf}/{name}", name, packed=realm == _TWINS)


def _tree(data: Path, manifest: str, contents: Contents) -> Iterator[tuple[str, Stored]]:
    """The files of a tree that are not their object or twin itself, which has its own turn."""
    files = contents(manifest) or {}
    listed = [(path, sha256, _OBJECTS) for path, sha256 in files.items()]
    listed += [(f"{path}.gz", sha256, _TWINS) for path, sha256 in files.items() if f"{path}.gz" not in files]
    for path, sha256, realm in sorted(listed):
        there = _inode(data / _SITE / manifest / path)
        if there is not None and there != _inode(data / realm / sha256[:2] / sha256):
            yield path, Stored(f"{_SITE}/{manifest}/{path}", sha256, packed=realm == _TWINS)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


# --- reading ---------------------------------------------------------------------------------------------


def _look(data: Path, stored: Stored) -> tuple[int, str]:
    """Bytes read, and what is wrong with them: nothing (also for a file that has left meanwhile), CHANGED, UNREADABLE."""
    try:
        # A link that somebody put there is not what was stored.
        handle = os.open(data / stored.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return 0, ""
    except OSError as error:
        if error.errno in _WORN:
            return 0, UNREADABLE
        if error.errno == errno.ELOOP:
            return 0, CHANGED
        raise
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        return 0, ""  # nothing that was ever stored, and nothing that is ever served
    with open(handle, "rb") as file:
        try:
            good = _hash(file, packed=stored.packed) == stored.sha256
        except (gzip.BadGzipFile, EOFError, zlib.error):
            good = False
        except OSError as error:
            if error.errno not in _WORN:
                raise
            return 0, UNREADABLE
    return status.st_size, "" if good else CHANGED


def _hash(file: BinaryIO, *, packed: bool) -> str:
    """SHA-256 of what the card itself holds, leaving the pages of memory to those that pupils read."""
    digest = hashlib.sha256()
    _forget(file)
    source = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file
    while block := source.read(_BLOCK):
        digest.update(block)
        _forget(file)
    return digest.hexdigest()


def _forget(file: BinaryIO) -> None:
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


# --- taking away -----------------------------------------------------------------------------------------


def _take_away_if_bad(data: Path, stored: Stored) -> str:
    """Read the file once more, and take it away if it is bad: another process may have replaced it."""
    why = _look(data, stored)[1]
    if why:
        if stored.path.startswith(f"{_SITE}/"):
            _unlink(data / stored.path)
            if not stored.packed:
                _unlink(data / f"{stored.path}.gz")
        else:
            _take_away(data, stored)
        os.sync()
    return why


def _take_away(data: Path, stored: Stored) -> None:
    """Take away a bundle, an object or a twin, and every name that shares its bytes or was made from them.

    The file goes first: if the plug is pulled now, its names in trees are copies for the next round to read,
    and no synchronisation takes them for whole.
    """
    doomed = [data / stored.path]
    made = data / _TWINS / stored.sha256[:2] / stored.sha256
    if stored.path.startswith(f"{_OBJECTS}/"):
        doomed.append(made)
    inodes = {inode for path in doomed if (inode := _inode(path)) is not None}
    for path in doomed:
        _unlink(path)
    names = [path for path in _all_files(data / _SITE) if _inode(path) in inodes]
    for name in names:
        _unlink(name)
        if stored.path.startswith(f"{_OBJECTS}/"):
            _unlink(Path(f"{name}.gz"))
    plain = Stored(f"{_OBJECTS}/{stored.sha256[:2]}/{stored.sha256}", stored.sha256)
    if stored.packed and (data / plain.path).exists() and not _look(data, plain)[1]:
        remade = twin(data / _TWINS, stored.sha256, data / plain.path)
        for name in names if remade is not None else ():
            link_or_copy(made, name)


def _all_files(folder: Path) -> Iterator[Path]:
    for where, _, files in os.walk(folder):
        for name in files:
            yield Path(where, name)


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
