"""The one line between the box and the system: ``poweroff``, ``restart``, ``update`` or ``clock <seconds since 1970>``."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from edubox.store.platform import write_atomic

#: Where the desk leaves a request. The system makes it at start-up, for the user of the box.
FOLDER = Path("/run/edubox/ask")
NAME = "request"
POWEROFF, RESTART, CLOCK = "poweroff", "restart", "clock"
#: To start again if a newer system waits for that; nobody asks it but the box itself, at night.
UPDATE = "update"
#: Bytes of the longest line that is read.
LONGEST = 32
_LINE = re.compile(rb"(poweroff|restart|update)|clock ([1-9][0-9]{8,10})")


@dataclass(frozen=True, slots=True)
class Request:
    """*word* is one of the four above; *seconds* since 1970 belong to CLOCK."""

    word: str
    seconds: int = 0


def is_heard(folder: Path) -> bool:
    """Whether somebody listens at *folder*."""
    return folder.is_dir() and os.access(folder, os.W_OK)


def put(folder: Path, request: Request) -> None:
    """Ask. A request that nobody has read is replaced. Raises NoRoom, OSError."""
    line = f"{CLOCK} {request.seconds}" if request.word == CLOCK else request.word
    write_atomic(folder / NAME, line.encode(), 0o600)


def take(folder: Path) -> Request | None:
    """Read the request in *folder* and remove it; None if there is none, or none of the box's own user.

    No link is followed, nothing but a small file of the folder's owner is read, and no read waits.
    """
    try:
        where = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        line = _line(where)
        try:
            os.unlink(NAME, dir_fd=where)
        except OSError:
            return None  # a folder of that name, or a system that cannot forget: never done twice
        return _parse(line)
    finally:
        os.close(where)


def _line(where: int) -> bytes:
    """What the file says, in the open folder *where*; nothing if it may not be read."""
    try:
        handle = os.open(NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=where)
    except OSError:
        return b""
    try:
        found, around = os.fstat(handle), os.fstat(where)
        ours = stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_uid == around.st_uid
        private = not around.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        return os.read(handle, LONGEST + 1) if ours and private and found.st_size <= LONGEST else b""
    except OSError:
        return b""
    finally:
        os.close(handle)


def _parse(line: bytes) -> Request | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    return Request(CLOCK, int(found[2])) if found[2] else Request(found[1].decode())
