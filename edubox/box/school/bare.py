"""A picture without what the camera wrote into it: where it was taken, when, with which phone.

JPEG, PNG and WebP are lists of pieces; those that are not the picture stay behind, the others are copied as they are. Of a
JPEG's Exif only the way up is kept, in a piece of our own, or half of all photos would lie on their side. Nothing is
decoded: it costs a serving process no memory, and hostile pixels reach no decoder here.
"""

from __future__ import annotations

import mmap
import re
import struct
from pathlib import Path
from typing import BinaryIO

from edubox.errors import NotTaken

#: Pieces of a JPEG that belong to the picture: its sizes, tables and scans, JFIF, colours (APP2), Adobe's (APP14).
_JPEG_KEPT = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE1), 0xE2, 0xEE})
_PNG_DROPPED = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
#: In the flags of a WebP's VP8X: it has Exif, it has XMP.
_WEBP_FLAGS = 0x08 | 0x04
#: The end of a scan: a marker that is neither stuffing nor a restart.
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
_ICC, _EXIF = b"ICC_PROFILE\0", b"Exif\0\0"
_ORIENTATION, _SHORT = 0x0112, 3


def strip(source: Path, target: BinaryIO, media: str) -> None:
    """Copy the picture *source* of the type *media* to *target*, bare. Raises NotTaken: it is no whole picture."""
    with source.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}[media](data, target)
        except (struct.error, IndexError, ValueError):
            raise NotTaken(reason="damaged") from None


def _jpeg(data: mmap.mmap, out: BinaryIO) -> None:
    out.write(b"\xff\xd8")
    at, turned = 2, False
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise ValueError
        marker = data[at + 1]
        if marker == 0xD9:
            out.write(b"\xff\xd9")
            return  # what follows the picture may be a film, or another picture with everything in it
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise ValueError
        body = at + 4
        if marker == 0xE1 and not turned and data[body : body + 6] == _EXIF:
            way = _way_up(data[body + 6 : end])
            if way:
                out.write(_exif(way))
                turned = True
        elif marker in _JPEG_KEPT and (marker != 0xE2 or data[body : body + len(_ICC)] == _ICC):
            if marker == 0xDA:
                found = _MARKER.search(data, end)
                if found is None:
                    raise ValueError
                end = found.end() - 2
            out.write(data[at:end])
        at = end


def _way_up(exif: bytes) -> int:
    """The way up that *exif* (a TIFF) says, 2 to 8; 0 if it says none, or the usual one."""
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        (first,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, first)
        for number in range(min(count, 200)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * number)
            if (tag, kind) == (_ORIENTATION, _SHORT):
                return value if 2 <= value <= 8 else 0
    except (KeyError, struct.error):
        pass
    return 0


def _exif(way: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, way, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def _png(data: mmap.mmap, out: BinaryIO) -> None:
    out.write(data[:8])
    at = 8
    while True:
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise ValueError
        if kind not in _PNG_DROPPED:
            out.write(data[at:end])
        if kind == b"IEND":
            return
        at = end


def _webp(data: mmap.mmap, out: BinaryIO) -> None:
    begin, at, total = out.tell(), 12, 4
    out.write(data[:12])
    while at < len(data) - 8:
        (length,) = struct.unpack_from("<I", data, at + 4)
        kind, end = data[at : at + 4], at + 8 + length + (length & 1)
        if end > len(data):
            raise ValueError
        if kind in _WEBP_KEPT:
            piece = bytearray(data[at:end])
            if kind == b"VP8X":
                piece[8] &= ~_WEBP_FLAGS & 0xFF
            out.write(piece)
            total += len(piece)
        at = end
    out.seek(begin + 4)
    out.write(struct.pack("<I", total))
    out.seek(0, 2)
