"""The ZIM format, read from a file that anybody may have made: every number in it is checked before it is followed.

A header leads to three lists: media types, entries (sorted by address) and clusters. An entry is a redirect, or names a blob
of a cluster; a cluster is a list of offsets and the blobs behind it, plain or packed with xz or zstd. Versions 5 and 6 are
read, with the old name spaces (articles ``A``, pictures ``I``, styles ``-``) and the new one (``C`` for all content).
Clusters are read once, from their beginning, in pieces: no lie about a size costs memory.
"""

from __future__ import annotations

import itertools
import lzma
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from edubox.errors import BadArchive
from edubox.importers.notices import Notice
from edubox.pack.archive import BLOCK

_MAGIC, _VERSIONS = 72173914, (5, 6)
_HEADER = struct.Struct("<IHH16sIIQQQQIIQ")
_NONE = 0xFFFFFFFF
_REDIRECT, _LINK, _DELETED = 0xFFFF, 0xFFFE, 0xFFFD
#: Entries of one archive, blobs of one cluster, bytes of one entry and of the list of types.
MAX_ENTRIES, _MAX_BLOBS, _MAX_ENTRY, _MAX_TYPES = 400_000, 500_000, 8192, 64 * 1024
#: Memory that unpacking may take: what the strongest settings of the usual writer need, and no more.
_MEMORY = 96 * 1024 * 1024
_EXTENDED, _XZ, _ZSTD = 0x10, 4, 5


@dataclass(frozen=True, slots=True)
class ZimEntry:
    """One entry: a blob of a *cluster* with its media *type*, or a *redirect* to the entry of that number."""

    space: str
    url: str
    type: str = ""
    cluster: int = 0
    blob: int = 0
    redirect: int | None = None


@dataclass(slots=True)
class Zim:
    """An opened archive: all its *entries*, the number of the one it begins with, and where its clusters lie."""

    file: BinaryIO
    name: str
    size: int
    entries: list[ZimEntry] = field(default_factory=list)
    clusters: list[int] = field(default_factory=list)
    main: int | None = None
    #: Whether all content lies in the space ``C``.
    new: bool = False


class _Inflated(Protocol):
    def read(self, size: int, /) -> bytes: ...


def open_zim(file: BinaryIO, name: str, size: int) -> Zim:
    """Read the lists of the archive in *file*, of *size* bytes. Raises BadArchive."""
    zim = Zim(file, name, size)
    head = _at(zim, 0, _HEADER.size)
    magic, major, minor, _, count, clusters, urls, _, cluster_list, types, main, _, _ = _HEADER.unpack(head)
    if magic != _MAGIC or major not in _VERSIONS:
        raise _damaged(zim)
    if count > MAX_ENTRIES:
        raise BadArchive(
            path=name, reason=Notice("it holds more than %(number)s pages and pictures", number=MAX_ENTRIES)
        )
    zim.new = major == _VERSIONS[1] and minor >= 1
    zim.main = main if main < count else None
    zim.clusters = _pointers(zim, cluster_list, clusters)
    media = _types(zim, types)
    zim.entries = [_entry(zim, at, media) for at in _pointers(zim, urls, count)]
    return zim


def blobs(zim: Zim, cluster: int, wanted: set[int]) -> Iterator[tuple[int, Iterator[bytes]]]:
    """The *wanted* blobs of a cluster in its order, each in pieces. Raises BadArchive."""
    stream, width = _opened(zim, cluster)
    kind = "<Q" if width == 8 else "<I"
    (first,) = struct.unpack(kind, _exactly(zim, stream, width))
    count = first // width - 1
    if not 0 <= count <= _MAX_BLOBS or first % width:
        raise _damaged(zim)
    rest = _exactly(zim, stream, first - width)
    offsets = [first, *(one for (one,) in struct.iter_unpack(kind, rest))]
    last = max(wanted, default=-1)
    for number, (start, end) in enumerate(itertools.pairwise(offsets)):
        if end < start:
            raise _damaged(zim)
        if number > last:
            return
        pieces = _pieces(zim, stream, end - start)
        if number in wanted:
            yield number, pieces
        for _ in pieces:
            pass  # what was not read of it
    if last >= count:
        raise _damaged(zim)


def _entry(zim: Zim, at: int, media: list[str]) -> ZimEntry:
    data = _at(zim, at, min(_MAX_ENTRY, zim.size - at) if 0 <= at < zim.size else 1)
    if len(data) < 16:
        raise _damaged(zim)
    kind, _, space, _, third, blob = struct.unpack_from("<HBcIII", data)
    start = 12 if kind == _REDIRECT else 16
    url, mark, _ = data[start:].partition(b"\0")
    if not mark:
        raise _damaged(zim)
    address = url.decode("utf-8", "replace")
    letter = space.decode("ascii", "replace")
    if kind == _REDIRECT:
        return ZimEntry(letter, address, redirect=third)
    if kind in {_LINK, _DELETED}:
        return ZimEntry(letter, address, redirect=_NONE)
    if kind >= len(media) or third >= len(zim.clusters):
        raise _damaged(zim)
    return ZimEntry(letter, address, media[kind], third, blob)


def _types(zim: Zim, at: int) -> list[str]:
    found: list[str] = []
    data = _at(zim, at, max(1, min(_MAX_TYPES, zim.size - at)))
    for one in data.split(b"\0"):
        if not one:
            return found
        found.append(one.decode("utf-8", "replace"))
    raise _damaged(zim)


def _pointers(zim: Zim, at: int, count: int) -> list[int]:
    return [one for (one,) in struct.iter_unpack("<Q", _at(zim, at, count * 8))]


def _at(zim: Zim, at: int, size: int) -> bytes:
    """The *size* bytes from *at*, which must be in the file."""
    if at < 0 or size < 0 or at + size > zim.size:
        raise _damaged(zim)
    zim.file.seek(at)
    return zim.file.read(size)


def _opened(zim: Zim, cluster: int) -> tuple[_Inflated, int]:
    """The unpacked bytes of a cluster, and how many bytes an offset in it has."""
    at = zim.clusters[cluster]
    (info,) = _at(zim, at, 1)
    packing = info & 0x0F
    width = 8 if info & _EXTENDED else 4
    if packing in {0, 1}:
        return zim.file, width
    if packing == _XZ:
        return _Xz(zim), width
    if packing == _ZSTD:
        return _Zstd(zim), width
    raise BadArchive(path=zim.name, reason=Notice("it is packed in a way that is no longer in use"))


class _Xz:
    """Bytes out of xz, no more at a time than are asked for."""

    def __init__(self, zim: Zim) -> None:
        self._zim, self._unpacker = zim, lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)

    def read(self, size: int, /) -> bytes:
        try:
            while not self._unpacker.eof:
                packed = self._zim.file.read(BLOCK) if self._unpacker.needs_input else b""
                data = self._unpacker.decompress(packed, size)
                if data or (self._unpacker.needs_input and not packed):
                    return data
        except lzma.LZMAError:
            raise _damaged(self._zim) from None
        return b""


class _Zstd:
    """Bytes out of zstd, by the library of the extra ``importers``."""

    def __init__(self, zim: Zim) -> None:
        self._zim = zim
        try:
            import zstandard
        except ImportError:
            reason = Notice(
                "it is packed with zstd, and this edubox was installed without the extra “importers”"
            )
            raise BadArchive(path=zim.name, reason=reason) from None
        self._fault = zstandard.ZstdError
        unpacker = zstandard.ZstdDecompressor(max_window_size=_MEMORY // 3)
        self._stream = unpacker.stream_reader(zim.file, closefd=False)

    def read(self, size: int, /) -> bytes:
        try:
            return self._stream.read(size)
        except self._fault:
            raise _damaged(self._zim) from None


def _exactly(zim: Zim, stream: _Inflated, size: int) -> bytes:
    return b"".join(_pieces(zim, stream, size))


def _pieces(zim: Zim, stream: _Inflated, size: int) -> Iterator[bytes]:
    while size > 0:
        data = stream.read(min(size, BLOCK))
        if not data:
            raise _damaged(zim)
        size -= len(data)
        yield data


def _damaged(zim: Zim) -> BadArchive:
    return BadArchive(path=zim.name, reason=Notice("it is damaged"))
