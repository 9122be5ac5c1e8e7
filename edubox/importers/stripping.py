"""Pictures without a word about who took them, where and when; their pixels stay bit for bit.

``stripped`` walks the parts of a JPEG, PNG, WebP or GIF and leaves out EXIF (place, owner, a small second picture),
XMP, IPTC and comments. How the camera was held is kept, as an EXIF of that one field. A picture whose parts cannot be
walked to its end is given as it is by nobody: the caller re-encodes or refuses it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_ORIENTATION = 0x0112
#: JPEG: APP0 (JFIF), APP2 (colour profile, but for other pictures within) and APP14 (Adobe's colours) are kept.
_SCAN, _END = 0xDA, 0xD9
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DROPPED = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"dSIG"})
_WEBP_DROPPED = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0xFF ^ 0x0C  # VP8X says whether EXIF and XMP follow


class Malformed(ValueError):
    """A picture whose parts cannot be walked."""


def stripped(data: bytes) -> bytes | None:
    """The picture *data* without metadata; None if it is no JPEG, PNG, WebP or GIF, or a malformed one."""
    try:
        if data[:2] == b"\xff\xd8":
            return b"".join(_jpeg(data))
        if data[:8] == _PNG:
            return b"".join(_png(data))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:6] in {b"GIF87a", b"GIF89a"}:
            return b"".join(_gif(data))
    except (Malformed, IndexError, struct.error):
        pass
    return None


def orientation(exif: bytes) -> int:
    """How the camera was held, 1 to 8, from EXIF data without its ``Exif`` mark; 1 if that is not said."""
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        (offset,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, offset)
        for number in range(min(count, 500)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, offset + 2 + 12 * number)
            if tag == _ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except (KeyError, struct.error):
        pass
    return 1


def _minimal(turn: int) -> bytes:
    """EXIF data that says how the camera was held, and nothing else."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, turn, 0, 0)


def _jpeg(data: bytes) -> Iterator[bytes]:
    yield data[:2]
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            raise Malformed
        while data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if marker == _END:
            yield data[at : at + 2]  # what follows is a second picture, or a film
            return
        if marker in _BARE:
            yield data[at : at + 2]
            at += 2
            continue
        (size,) = struct.unpack_from(">H", data, at + 2)
        segment = data[at : at + 2 + size]
        if size < 2 or len(segment) < 2 + size:
            raise Malformed
        body = segment[4:]
        if marker == 0xE1 and body[:6] == b"Exif\0\0" and (turn := orientation(body[6:])) != 1:
            kept = b"Exif\0\0" + _minimal(turn)
            yield struct.pack(">BBH", 0xFF, 0xE1, len(kept) + 2) + kept
        elif not (0xE1 <= marker <= 0xEF or marker == 0xFE) or marker == 0xEE or body[:11] == b"ICC_PROFILE":
            yield segment
        at += 2 + size
        if marker == _SCAN:
            end = _scan_end(data, at)
            yield data[at:end]
            at = end


def _scan_end(data: bytes, at: int) -> int:
    """Where the pixels that begin *at* end: at the next marker that is no restart and no stuffed byte."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        following = data[at + 1]
        if following not in {0, 0xFF, *range(0xD0, 0xD8)}:
            return at
        at += 1 if following == 0xFF else 2
    return len(data)  # cut short: browsers show what there is


def _png(data: bytes) -> Iterator[bytes]:
    yield _PNG
    at = 8
    kind = b""
    while kind != b"IEND" and at + 8 <= len(data):  # cut short: browsers show what there is
        (size,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 12 + size
        if kind not in _PNG_DROPPED:
            yield data[at:end]
        at = end


def _webp(data: bytes) -> bytes:
    kept: list[bytes] = []
    at, last = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= last:
        kind, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        end = at + 8 + size + (size & 1)
        if end > len(data) + 1:
            raise Malformed
        chunk = data[at:end]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & _WEBP_FLAGS]) + chunk[9:]
        if kind not in _WEBP_DROPPED:
            kept.append(chunk)
        at = end
    if not kept:
        raise Malformed
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif(data: bytes) -> Iterator[bytes]:
    flags = data[10]
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    yield data[:at]
    while True:
        kind = data[at]
        if kind == 0x3B:
            yield b";"
            return
        if kind == 0x2C:
            own = data[at + 9]
            end = _blocks_end(data, at + 11 + (3 << ((own & 7) + 1) if own & 0x80 else 0))
            yield data[at:end]
        elif kind == 0x21:
            end = _blocks_end(data, at + 2)
            looping = data[at + 1] == 0xFF and data[at + 3 : at + 14] in {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
            if data[at + 1] == 0xF9 or looping:
                yield data[at:end]
        else:
            raise Malformed
        at = end


def _blocks_end(data: bytes, at: int) -> int:
    while size := data[at]:
        at += 1 + size
    return at + 1
