"""Writing to the card's FAT partition, which is mounted read-only: rarely, in place, and as little as can be.

A power cut between two sectors is FAT's weakness. So it is writable only while something is written; a value that the box
takes is overwritten where it stands, byte for byte, without a new file, a new cluster or a changed length: there is the old
line or the new one, and no copy of a password stays behind in a cluster that nobody owns any more.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from edubox.errors import UnusablePath
from edubox.hardware.card.request import Request
from edubox.store.fat import overwrite, sync_disk

#: What stands in a line whose value the box has taken; the line that was there is always longer.
TAKEN = "# {name}: taken"
_SECONDS = 60


@contextlib.contextmanager
def writable(boot: Path) -> Iterator[None]:
    """Let the partition at *boot* be written meanwhile, if it is mounted read-only. Raises UnusablePath."""
    if not os.statvfs(boot).f_flag & os.ST_RDONLY:
        yield
        return
    _remount(boot, "rw")
    try:
        yield
        sync_disk(boot)
    finally:
        _remount(boot, "ro")


def _remount(boot: Path, how: str) -> None:
    command = ["mount", "-o", f"remount,{how}", str(boot)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnusablePath(path=boot, reason=str(error)) from None
    if done.returncode:
        raise UnusablePath(path=boot, reason=done.stderr.strip() or "it cannot be mounted again")


def without_taken(data: bytes, request: Request) -> bytes:
    """*data*, the file that *request* was read of, with every line that the box takes made a remark; of the same length."""
    for begin, remark in _remarks(request):
        data = data[:begin] + remark + data[begin + len(remark) :]
    return data


def take(path: Path, request: Request) -> None:
    """Do the same to the file *path*, in place: the sign of a remark first, so that half of a line is none. Raises OSError."""
    sign = len("#".encode(request.decoded.encoding))
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        for length in (sign, None):
            for begin, remark in _remarks(request):
                os.pwrite(handle, remark[:length], begin)
            os.fsync(handle)
    finally:
        os.close(handle)


def _remarks(request: Request) -> list[tuple[int, bytes]]:
    """What is to be written at which byte of the file."""
    decoded, spans, found = request.decoded, request.decoded.spans(), []
    blank = " ".encode(decoded.encoding)
    for line, key in request.taken:
        begin, end = (decoded.offset(place) for place in spans[line - 1])
        remark = TAKEN.format(name=key.rpartition(".")[2]).encode(decoded.encoding)
        found.append((begin, (remark + blank * (end - begin))[: end - begin]))
    return found


def write_text(path: Path, text: bytes) -> bool:
    """Make the small file *path* say *text* unless it does; whether it was written. Raises OSError."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == text:
            return False
    with writable(path.parent):
        overwrite(path, text)
    return True
