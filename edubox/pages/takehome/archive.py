"""The zip of a lesson, for computers: ``index.html`` with its contents, and its files as they are in ``files/``.

What a class shares is the air, and what a box lacks is a processor: texts lie in the tree with gzip twins already, and a
gzip file is the same deflate stream that a zip holds (RFC 1952 §2.3, APPNOTE 4.4.5), so the zip is compressed without
compressing anything. Everything else is stored. The same lesson is the same zip everywhere.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edubox.pages.takehome.assembly import Assembly, Piece, Span

#: Bytes of the largest zip: a telephone's card (FAT) holds no file of 4 GiB, and no child carries more.
MOST = 2_000_000_000
#: Names in a zip without the extensions of large ones (APPNOTE 4.4.22).
MOST_FILES = 65_000
FOLDER = "files"
_BLOCK = 1024 * 1024
_STORED, _DEFLATED = 0, 8
_UTF8 = 0x800
#: 1 January 1980, the earliest that a zip can say: a lesson's date is in its description.
_DAY = 0x21
#: RFC 1952 §2.3: ten bytes before the stream when no name and no comment is written, then CRC-32 and size.
_GZIP_HEAD, _GZIP_TAIL = 10, 8


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    method: int
    crc: int
    packed: int
    size: int
    content: Piece

    def fields(self) -> bytes:
        """What the header before the content and the list at the end both say."""
        return struct.pack(
            "<HHHHHLLLHH", 20, _UTF8, self.method, 0, _DAY, self.crc, self.packed, self.size, len(self.name), 0
        )  # fmt: skip


def files(tree: Path, without: str = "") -> dict[str, Path | None]:
    """Path → gzip twin of every file of the lesson in *tree*, sorted; not of *without*, the original it was made from."""
    found = {
        os.path.relpath(os.path.join(folder, name), tree)
        for folder, _, names in os.walk(tree)
        for name in names
    }
    # A manifest has no file x.gz beside x: what is called so is its twin.
    plain = sorted(path for path in found if not (path.endswith(".gz") and path[:-3] in found))
    return {path: tree / f"{path}.gz" if f"{path}.gz" in found else None for path in plain if path != without}


def sums(tree: Path, without: str = "") -> dict[str, int]:
    """Path → CRC-32 of the files that have no twin, which would say it. Reads all of them. Raises OSError."""
    return {path: _crc(tree / path) for path, twin in files(tree, without).items() if twin is None}


def archive(index: bytes, tree: Path, known: Mapping[str, int], without: str = "") -> Assembly | None:
    """The zip of *index* (the page that begins it) and the files in *tree*, whose ``sums`` are *known*.

    None if it would be too large, or a file is not the one whose sum is known (something has just arrived or left).
    """
    listed = files(tree, without)
    if len(listed) > MOST_FILES:
        return None
    try:
        entries = [_Entry(b"index.html", _STORED, zlib.crc32(index), len(index), len(index), index)]
        entries += [_entry(tree / path, path, twin, known) for path, twin in listed.items()]
    except (OSError, KeyError):
        return None
    if sum(entry.packed + 2 * len(entry.name) + 100 for entry in entries) > MOST:
        return None
    return Assembly(_pieces(entries))


def _pieces(entries: list[_Entry]) -> Iterator[Piece]:
    at, listed = 0, bytearray()
    for entry in entries:
        head = b"PK\3\4" + entry.fields() + entry.name
        yield head
        yield entry.content
        # Made by 3.0 on Unix, a plain file that everybody may read.
        listed += b"PK\1\2" + struct.pack("<H", 0x31E) + entry.fields()
        listed += struct.pack("<HHHLL", 0, 0, 0, 0o100644 << 16, at) + entry.name
        at += len(head) + entry.packed
    yield bytes(listed)
    count = len(entries)
    yield b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, count, count, len(listed), at, 0)


def _entry(plain: Path, path: str, twin: Path | None, known: Mapping[str, int]) -> _Entry:
    name, size = f"{FOLDER}/{path}".encode(), plain.stat().st_size
    if twin is None:
        return _Entry(name, _STORED, known[path], size, size, Span(plain, 0, size))
    whole = twin.stat().st_size
    with twin.open("rb") as handle:
        head = handle.read(_GZIP_HEAD)
        handle.seek(whole - _GZIP_TAIL)
        crc, said = struct.unpack("<LL", handle.read(_GZIP_TAIL))
    if head[:4] != b"\x1f\x8b\x08\0" or said != size & 0xFFFFFFFF:
        raise OSError(f"{twin.name} is no twin of ours")
    packed = whole - _GZIP_HEAD - _GZIP_TAIL
    return _Entry(name, _DEFLATED, crc, packed, size, Span(twin, _GZIP_HEAD, packed))


def _crc(path: Path) -> int:
    found = 0
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            found = zlib.crc32(block, found)
    return found
