"""A mirror in zip parts, read where they lie: what a phone or a stick carried here, from whoever gave it.

A part is a zip whose members are stored, each a stretch of a file of the mirror, called by its path or
``<path>@<offset>`` (docs/formats/courier.md). A zip is a stranger's: its list of members is read once, within
limits, and only says where bytes lie; what they are worth the signatures say. Nothing is ever written by a
name in it. The first of two members with one name counts. A part is opened for each question and kept by
nobody, so a stick may be pulled between two.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from edubox.errors import (
    BadArchive,
    BadInput,
    HashMismatch,
    InOtherParts,
    MissingFile,
    NotFound,
    NotTrusted,
    OtherCountry,
    Unreachable,
)  # fmt: skip
from edubox.pack.archive import open_archive
from edubox.store.layout import BUNDLES, DIRECTORY, OBJECTS, metadata_path
from edubox.sync.fetching.sources import BLOCK, COURIER
from edubox.sync.pinned import root_path

#: Bytes of the largest part: what phones, mail and FAT carry.
PART_SIZE = 500_000_000
#: Limits of one part, and for members of all that are read at once: members, bytes of its list of members and of a name. Reading the list takes some 30 MiB at most.
MAX_ENTRIES, MAX_DIRECTORY, LONGEST_NAME = 30_000, 8 * 1024 * 1024, 512
#: Parts of one courier: 32 GB of lessons.
MAX_PARTS = 64
#: What ends the name of a stretch that is not a whole file.
_OFFSET = re.compile(r"(.+)@(0|[1-9][0-9]{0,15})\Z", re.ASCII | re.DOTALL)
#: A member's own header: signature, 22 bytes that the list said better, lengths of its name and extra field.
_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of *part*: its header is at byte *header*, and *size* stored bytes follow, whose CRC-32 is *crc*."""

    name: str
    part: Path
    header: int
    size: int
    crc: int


def members(part: Path) -> list[Member]:
    """The members of one part, in its order; folders are passed over.

    Raises UnreadableSource, BadArchive (no zip, compressed, encrypted, too many or odd names), Bomb (too long a list).
    """
    with open_archive(part, MAX_DIRECTORY) as archive:
        listed = [one for one in archive.infolist() if not one.filename.endswith("/")]
        end = archive.start_dir
    if len(listed) > MAX_ENTRIES:
        raise BadArchive(path=part.name, reason=f"it has more than {MAX_ENTRIES} members")
    return [_member(part, one, end) for one in listed]


def _member(part: Path, listed: zipfile.ZipInfo, end: int) -> Member:
    """*listed*, if it is one that we read; members lie before byte *end*."""
    name = listed.filename
    if name != listed.orig_filename or len(name) > LONGEST_NAME:
        raise BadArchive(path=part.name, reason="a name in it is too long or holds a NUL")
    if listed.flag_bits & 0x1:
        raise BadArchive(path=part.name, reason="it is closed with a password")
    if listed.compress_type != zipfile.ZIP_STORED or listed.compress_size != listed.file_size:
        raise BadArchive(path=part.name, reason="its members must be stored, not compressed")
    if not 0 <= listed.header_offset <= end - _HEADER.size - listed.file_size:
        raise BadArchive(path=part.name, reason="a member of it lies where none can be")
    return Member(name, part, listed.header_offset, listed.file_size, listed.CRC)


class CourierSource:
    """The *parts* of a courier, any of them in any order: see ``sources.Source``.

    Raises BadInput (too many parts, or members in them), and for a part that is none what ``members`` raises.
    """

    kind = COURIER

    def __init__(self, parts: Sequence[Path]) -> None:
        if not 0 < len(parts) <= MAX_PARTS:
            raise BadInput(reason=f"1 to {MAX_PARTS} parts can be read at once")
        others = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
        self.name = f"{parts[0].name}{others}"
        #: *lesson_bytes*: those received that are no metadata.
        self.received = self.requests = self.lesson_bytes = 0
        #: Distinct members that are kept in mind.
        self.entries = 0
        self._whole: dict[str, Member] = {}
        stretches: dict[str, dict[int, Member]] = {}
        for part in parts:
            for member in members(part):
                match = _OFFSET.match(member.name)
                if match is None:
                    first = self._whole.setdefault(member.name, member)
                else:
                    first = stretches.setdefault(match[1], {}).setdefault(int(match[2]), member)
                self.entries += first is member
                if self.entries > MAX_ENTRIES:
                    raise BadInput(
                        reason=f"together these parts list more than {MAX_ENTRIES} files: bring fewer at once"
                    )
        #: Path → where its stretches begin, in order.
        self._stretches = {
            path: sorted(found.items(), key=itemgetter(0)) for path, found in stretches.items()
        }

    def check_country(self, root: bytes) -> None:
        """Raise OtherCountry unless this courier begins with *root*, the bytes of the root that the box pins.

        Raises NotFound when it holds no directory at all, and as ``read``. A check for a clear word early:
        whether it is worth anything, signatures say.
        """
        path = root_path(root)
        if metadata_path(DIRECTORY, "timestamp") not in self._whole:
            raise NotFound(what=f"A courier in {self.name}")
        try:
            same = self.read(path, len(root)) == root
        except (MissingFile, NotTrusted):
            same = False
        if not same:
            raise OtherCountry(source=self.name)

    def read(self, path: str, limit: int) -> bytes:
        """See ``trust.fetch.Fetch``. What is read so is small, and never split."""
        self.requests += 1
        member = self._whole.get(path)
        if member is None:
            raise InOtherParts(source=self.name, path=path)
        if member.size > limit:
            raise NotTrusted(reason=f"{path} is larger than {limit} bytes")
        data = b"".join(self._bytes(member, 0, member.size))
        self._count(path, len(data))
        return data

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:
        """See ``sources.Source``. Raises InOtherParts where the parts that are here have a gap."""
        self.requests += 1
        whole = self._whole.get(path)
        if whole is not None and whole.size != size:
            raise HashMismatch(what=f"{path} from {self.name}")
        stretches = self._stretches.get(path, []) if whole is None else [(0, whole)]
        while begin < end:
            number = bisect_right(stretches, begin, key=itemgetter(0)) - 1
            if number < 0 or begin >= stretches[number][0] + stretches[number][1].size:
                raise InOtherParts(source=self.name, path=path)
            first, member = stretches[number]
            for block in self._bytes(member, begin - first, min(end - first, member.size)):
                begin += len(block)
                self._count(path, len(block))
                yield block

    def _count(self, path: str, size: int) -> None:
        self.received += size
        if path.startswith((f"{BUNDLES}/", f"{OBJECTS}/")):
            self.lesson_bytes += size

    def _bytes(self, member: Member, begin: int, end: int) -> Iterator[bytes]:
        """The bytes *begin* to *end* of *member*."""
        with self._opened(member.part) as handle:
            place = self._data(handle, member) + begin
            end += place - begin
            while place < end:
                block = os.pread(handle, min(BLOCK, end - place), place)
                if not block:
                    raise Unreachable(source=self.name, reason="a part of it became shorter")
                place += len(block)
                yield block

    def _data(self, handle: int, member: Member) -> int:
        """Where the bytes of *member* begin, behind its own header."""
        head = os.pread(handle, _HEADER.size, member.header)
        if len(head) == _HEADER.size:
            signature, name_length, extra_length = _HEADER.unpack(head)
            name = os.pread(handle, name_length, member.header + _HEADER.size)
            if signature == _SIGNATURE and name == member.name.encode("utf-8", "replace"):
                return member.header + _HEADER.size + int(name_length) + int(extra_length)
        raise Unreachable(source=self.name, reason="a part of it is damaged")

    @contextmanager
    def _opened(self, part: Path) -> Iterator[int]:
        """A descriptor of *part*; whatever the disk then refuses is Unreachable."""
        try:
            handle = os.open(part, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise Unreachable(source=self.name, reason=error.strerror or "it cannot be read") from None
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreachable(source=self.name, reason="a part of it is no file any more")
            yield handle
        except OSError as error:  # a stick that is pulled out
            raise Unreachable(source=self.name, reason=error.strerror or "reading failed") from None
        finally:
            os.close(handle)
