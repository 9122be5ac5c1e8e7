"""A part of a courier as a file that is nowhere: a zip whose bytes are made where they are read.

Where each member begins follows from names and sizes alone; only the checksums in a zip's headers need the members' bytes. They
are taken once, before the first byte leaves, and remembered: a file called by its hash never changes. So the server sends a part,
or any range of it, as it sends a file, in its loop and without a thread for each phone that is slow.
"""

from __future__ import annotations

import bisect
import io
import struct
import threading
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from edubox.errors import Unreachable
from edubox.sync.carried.courier import Stretch, size_of
from edubox.trust.fetch import open_inside

#: Checksums that are remembered (they take some 200 bytes each), parts that are summed at once and that wait for it.
REMEMBERED, AT_ONCE, WAITING = 100_000, 2, 4
_BLOCK = 1024 * 1024
_CENTRAL, _END = struct.Struct("<4s4B4HL2L5H2L"), struct.Struct("<4s4H2LH")


class Sums:
    """The CRC-32 of members of parts of the mirror in the folder *mirror*."""

    def __init__(self, mirror: Path) -> None:
        self._mirror = mirror
        self._known: OrderedDict[tuple[str, int, int], int] = OrderedDict()
        self._lock = threading.Lock()
        self._turn, self._queue = threading.Semaphore(AT_ONCE), threading.BoundedSemaphore(AT_ONCE + WAITING)

    def of(self, part: Sequence[Stretch], patience: float) -> list[int] | None:
        """Those of *part*; None when too many others wait, or for *patience* seconds. Raises Unreachable."""
        if None not in (known := [self._look(one) for one in part]):
            return [one for one in known if one is not None]
        if not self._queue.acquire(blocking=False):
            return None
        try:
            if not self._turn.acquire(timeout=patience):
                return None
            try:
                return [self._sum(one) for one in part]
            finally:
                self._turn.release()
        finally:
            self._queue.release()

    def _look(self, one: Stretch) -> int | None:
        if one.data is not None:
            return zlib.crc32(one.data)
        key = (one.path, one.begin, one.size)
        with self._lock:
            if key not in self._known:
                return None
            self._known.move_to_end(key)
            return self._known[key]

    def _sum(self, one: Stretch) -> int:
        if (known := self._look(one)) is not None:
            return known
        sum_, left = 0, one.size
        try:
            with open_inside(self._mirror, one.path) as handle:
                handle.seek(one.begin)
                while left and (block := handle.read(min(_BLOCK, left))):
                    sum_, left = zlib.crc32(block, sum_), left - len(block)
        except OSError as error:
            raise Unreachable(source=self._mirror, reason=error.strerror or "reading failed") from None
        if left:
            raise Unreachable(source=self._mirror, reason=f"{one.path} became shorter")
        with self._lock:
            self._known[one.path, one.begin, one.size] = sum_
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return sum_


class Part(io.RawIOBase):
    """*part* of the mirror in *mirror* as a file to read and to seek in; *sums* are the CRC-32 of its members."""

    def __init__(self, mirror: Path, part: Sequence[Stretch], sums: Sequence[int]) -> None:
        super().__init__()
        self._mirror, self._at = mirror, 0
        self._name = ""
        self._file: BinaryIO | None = None
        self._begins: list[int] = []
        self._pieces: list[bytes | Stretch] = []
        self._size, central = 0, []
        for one, sum_ in zip(part, sums, strict=True):
            member = _member(one, sum_)
            central.append(_listed(member, self._size))
            self._add(member.FileHeader(zip64=False))
            self._add(one if one.data is None else one.data)
        listing, begin = b"".join(central), self._size
        self._add(listing + _END.pack(b"PK\5\6", 0, 0, len(part), len(part), len(listing), begin, 0))
        assert self._size == size_of(part)

    def readable(self) -> bool:
        """See ``io``."""
        return True

    def seekable(self) -> bool:
        """See ``io``."""
        return True

    def tell(self) -> int:
        """See ``io``."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See ``io``."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """See ``io``; never beyond the piece that is read, and never short of one: the server has promised the bytes. Raises OSError."""
        if self._at >= self._size or not len(buffer):
            return 0
        number = bisect.bisect_right(self._begins, self._at) - 1
        piece, inside = self._pieces[number], self._at - self._begins[number]
        if isinstance(piece, bytes):
            block = piece[inside : inside + len(buffer)]
        else:
            handle = self._handle(piece.path)
            handle.seek(piece.begin + inside)
            block = handle.read(min(len(buffer), piece.size - inside))
        if not block:
            raise OSError("a file of the mirror became shorter")
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)

    def close(self) -> None:
        """See ``io``."""
        if self._file is not None:
            self._file.close()
        super().close()

    def _handle(self, path: str) -> BinaryIO:
        if self._file is None or self._name != path:
            if self._file is not None:
                self._file.close()
            try:
                self._name, self._file = path, open_inside(self._mirror, path)
            except Unreachable as error:
                raise OSError(str(error)) from None
        return self._file

    def _add(self, piece: bytes | Stretch) -> None:
        size = len(piece) if isinstance(piece, bytes) else piece.size
        if size:
            self._begins.append(self._size)
            self._pieces.append(piece)
            self._size += size


def _member(one: Stretch, sum_: int) -> zipfile.ZipInfo:
    """As ``sync.carried.courier`` describes it: nothing depends on the day or the machine."""
    member = zipfile.ZipInfo(one.name)
    member.create_system, member.external_attr = 3, 0o644 << 16
    member.file_size = member.compress_size = one.size
    member.CRC = sum_
    return member


def _listed(member: zipfile.ZipInfo, begin: int) -> bytes:
    """The line of *member*, which begins at *begin*, in the zip's list (APPNOTE 4.3.12)."""
    name = member.filename.encode("ascii")  # the names of a mirror's files have no other characters
    year, month, day, hour, minute, second = member.date_time
    date, moment = (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
    return _CENTRAL.pack(
        b"PK\1\2", member.create_version, member.create_system, member.extract_version, 0, 0, member.compress_type, moment, date,
        member.CRC, member.compress_size, member.file_size, len(name), 0, 0, 0, 0, member.external_attr, begin,
    ) + name  # fmt: skip
