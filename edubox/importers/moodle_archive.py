"""What lies in a Moodle backup: a tar.gz, a zip, or a folder somebody unpacked; told by its bytes, never by its name.

Members are given one by one, in the archive's order, and only those that are asked for are ever read further than their
header: a backup holds a school's users. Nothing here writes to the disk. ``tarfile`` parses the headers, but not the
archive: it would take the length of an extended header on trust and that much memory.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edubox.errors import BadArchive, Bomb
from edubox.importers.notices import Notice
from edubox.pack.archive import BLOCK, open_archive, open_member, open_regular
from edubox.pack.opening import MAX_RATIO, MAX_TOTAL, RATIO_ABOVE

DESCRIPTION = "moodle_backup.xml"
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_TAR_BLOCK = tarfile.BLOCKSIZE
#: Members that are looked at, and bytes of a header that gives a long name.
_MAX_MEMBERS, _MAX_HEADER = 400_000, 64 * 1024
_PAX_PATH = re.compile(rb"\d{1,6} path=([^\n]{1,4096})\n")
#: Names that only a backup has, or an archive with one inside; of a damaged one not all can be seen.
_OF_BACKUP = re.compile(
    r"(?:\A|/)(?:moodle_backup\.(?:xml|log)|\.archive_index|users\.xml|activities/[^/]{1,80}/[a-z_]{1,40}\.xml|[^/]{0,250}\.mbz)\Z"
)
_DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)


class Stream(Protocol):
    """Bytes of one member."""

    def read(self, size: int, /) -> bytes:
        """At most *size* bytes more, none at the end."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive; *open* gives its bytes, once, before the next member is asked for."""

    name: str
    size: int
    open: Callable[[], Stream]


def kind(location: Path) -> str:
    """``tar`` or ``zip`` if the file begins as one, else nothing. Raises UnreadableSource."""
    with open_regular(location) as file:
        start = file.read(4)
    return "tar" if start.startswith(_GZIP) else "zip" if start == _ZIP else ""


def members(location: Path) -> Iterator[Member]:
    """The files in the archive at *location*, none if it is no archive. Raises UnreadableSource, BadArchive or Bomb."""
    of_kind = kind(location)
    if of_kind == "zip":
        yield from _of_zip(location)
    elif of_kind == "tar":
        yield from _of_tar(location)


def holds_backup(location: Path) -> bool:
    """Whether the archive is a Moodle backup, or holds one; a damaged one is what it could be seen to be."""
    try:
        return any(_tells(member.name) for member in members(location))
    except (BadArchive, Bomb):
        return False


def _tells(name: str) -> bool:
    return _OF_BACKUP.search(name.lower()) is not None


def _of_zip(location: Path) -> Iterator[Member]:
    with open_archive(location) as archive:
        for member in archive.infolist():
            if not member.filename.endswith("/"):  # is_dir() fails on a member without a name
                yield Member(
                    _clean(member.filename),
                    member.file_size,
                    lambda member=member: open_member(archive, member, location.name),  # type: ignore[misc]
                )


def _of_tar(location: Path) -> Iterator[Member]:
    limit = min(MAX_TOTAL, max(RATIO_ABOVE, MAX_RATIO * location.stat().st_size))
    with open_regular(location) as file, gzip.GzipFile(fileobj=file) as inflated:
        yield from _headers(_Counted(inflated, limit, location.name))


def _headers(stream: _Counted) -> Iterator[Member]:
    """The regular files of a tar. Links, devices and what else is no file are passed over."""
    long_name = ""
    for _ in range(_MAX_MEMBERS):
        block = stream.read(_TAR_BLOCK)
        if not block.strip(b"\0"):
            return
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except tarfile.HeaderError:
            raise stream.damaged() from None
        if header.size < 0:
            raise stream.damaged()
        content = _Part(stream, header.size)
        if header.type in {tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE}:
            long_name = _long_name(header.type, content.read(_MAX_HEADER))
        else:
            if header.isreg():
                yield Member(_clean(long_name or header.name), header.size, lambda content=content: content)  # type: ignore[misc]
            long_name = ""
        content.skip()


def _long_name(type_: bytes, data: bytes) -> str:
    if type_ == tarfile.XHDTYPE:
        found = _PAX_PATH.search(data)
        data = found[1] if found else b""
    return data.rstrip(b"\0").decode("utf-8", "replace")


def _clean(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")


class _Counted:
    """An inflated stream that ends with Bomb when it gives more than *room* bytes."""

    def __init__(self, stream: gzip.GzipFile, room: int, name: str) -> None:
        self._stream, self._room, self._name = stream, room, name

    def read(self, size: int) -> bytes:
        """At most *size* bytes more. Raises BadArchive or Bomb, to whoever reads."""
        try:
            data = self._stream.read(size)
        except _DAMAGED:
            raise self.damaged() from None
        self._room -= len(data)
        if self._room < 0:
            raise Bomb(path=self._name, reason="it inflates too far")
        return data

    def damaged(self) -> BadArchive:
        """The error for bytes that are no archive, or end too early."""
        return BadArchive(path=self._name, reason=Notice("it ends too early"))


class _Part:
    """The next *size* bytes of a tar, and the zeros that fill its last block."""

    def __init__(self, stream: _Counted, size: int) -> None:
        self._stream, self._left = stream, size
        self._filling = -size % _TAR_BLOCK

    def read(self, size: int, /) -> bytes:
        """At most *size* bytes more."""
        data = self._stream.read(min(size, self._left))
        if self._left and not data:
            raise self._stream.damaged()
        self._left -= len(data)
        return data

    def skip(self) -> None:
        """Go on to the next header."""
        left = self._left + self._filling
        while left > 0:
            data = self._stream.read(min(left, BLOCK))
            if not data and left > self._filling:
                raise self._stream.damaged()
            if not data:
                return
            left -= len(data)
