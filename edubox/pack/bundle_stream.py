"""The byte level of bundles: NUMBERs, OBJECTs and the .xz stream around them (see ``bundle.py``).

Writing: numbers and bytes go in, compressed blocks go to the file while its hash and its pieces' hashes
are computed. Reading: the stream is inflated 64 KiB at a time, so the memory that a hostile stream can
take is the decoder's ``memlimit`` and one block, never what it claims to unpack to.
"""

from __future__ import annotations

import lzma
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

from edubox.errors import BadBundle
from edubox.pack.match import Copy
from edubox.pack.pieces import PieceHasher

BLOCK = 64 * 1024
#: A decoder for an 8 MiB dictionary needs about 9 MiB; a larger declared dictionary is refused.
MEMLIMIT = 16 * 1024 * 1024
# lc=4, pb=0 suit text, which is what bundles carry; measured 1–2 % smaller than the preset.
# One preset for all sizes: of 105 MB of a system, 6 instead of 9e makes 0.10 % more bytes in 54 instead of 57 CPU-s, 5 0.24 % more in 46, 4
# 0.85 % more in 53 (a shared machine; the presets 6 to 9 differ in their dictionary alone, which is 8 MiB here), lc=3, pb=2 0.05 % more.
FILTERS = [
    {
        "id": lzma.FILTER_LZMA2,
        "preset": 9 | lzma.PRESET_EXTREME,
        "dict_size": 8 << 20,
        "lc": 4,
        "lp": 0,
        "pb": 0,
    }
]

#: A stretch of the source: its begin and end, and how to read n bytes at an offset within it.
Span = tuple[int, int, Callable[[int, int], bytes]]


class BundleWriter:
    """Compresses into *out* and hashes what it writes."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._xz = lzma.LZMACompressor(lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, filters=FILTERS)
        self._hasher = PieceHasher()

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes as they are."""
        for start in range(0, len(data), BLOCK):
            self._emit(self._xz.compress(data[start : start + BLOCK]))

    def number(self, value: int) -> None:
        """Append an unsigned LEB128 number."""
        self.write(leb128(value))

    def object(self, content: bytes | memoryview, copies: Iterable[Copy], expected: int) -> None:
        """Append an OBJECT: its length and its turns."""
        self.number(len(content))
        done = 0
        for copy in copies:
            self.number(copy.at - done)
            self.write(content[done : copy.at])
            delta = copy.source - (expected + copy.at - done)
            self.write(leb128(copy.length) + leb128(delta * 2 if delta >= 0 else -delta * 2 - 1))
            done, expected = copy.at + copy.length, copy.source + copy.length
        if done < len(content):
            self.number(len(content) - done)
            self.write(content[done:])

    def new_object(self, size: int, blocks: Iterable[bytes]) -> None:
        """Append an OBJECT of *size* bytes that copies nothing: the bytes of ``object`` without the content in memory."""
        self.number(size)
        if size:
            self.number(size)
        for block in blocks:
            self.write(block)

    def finish(self) -> PieceHasher:
        """End the stream; the answer has the hashes and size of what was written."""
        self._emit(self._xz.flush())
        return self._hasher

    def _emit(self, data: bytes) -> None:
        self._out.write(data)
        self._hasher.update(data)


def leb128(value: int) -> bytes:
    """Unsigned LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class BundleReader:
    """Inflates *stream* as it is asked for; every fault of the bytes is a BadBundle."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._xz = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMLIMIT)
        self._buffer, self._at = b"", 0

    def exactly(self, count: int) -> bytes:
        """The next *count* bytes, at most BLOCK."""
        while len(self._buffer) - self._at < count:
            self._buffer = self._buffer[self._at :] + self._inflate()
            self._at = 0
        self._at += count
        return self._buffer[self._at - count : self._at]

    def number(self) -> int:
        """The next NUMBER."""
        value = shift = 0
        while True:
            byte = self.exactly(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 56:
                raise BadBundle(reason="a number in it is too large")

    def object(self, limit: int, source: Sequence[Span], expected: int) -> Iterator[bytes]:
        """The blocks of the next OBJECT, which may be at most *limit* bytes; *source* is sorted."""
        size = self.number()
        if size > limit:
            raise BadBundle(reason="it makes more bytes than was signed")
        begins = [span[0] for span in source]
        while size:
            inserted = self.number()
            if inserted > size:
                raise BadBundle(reason="it makes more bytes than was signed")
            size -= inserted
            expected += inserted
            while inserted:
                block = self.exactly(min(inserted, BLOCK))
                inserted -= len(block)
                yield block
            if not size:
                return
            length, zigzag = self.number(), self.number()
            at = expected + (zigzag >> 1 if zigzag & 1 == 0 else -(zigzag + 1 >> 1))
            span = source[bisect_right(begins, at) - 1] if source and at >= 0 else None
            if span is None or not 0 < length <= size or at + length > span[1]:
                raise BadBundle(reason="it copies from where nothing is")
            size -= length
            expected = at + length
            while at < expected:
                block = span[2](at - span[0], min(expected - at, BLOCK))
                at += len(block)
                yield block

    def end(self) -> None:
        """Raise BadBundle unless the stream ends here."""
        if self._at < len(self._buffer) or (not self._xz.eof and self._inflate(last=True)):
            raise BadBundle(reason="it goes on after its end")
        if self._xz.unused_data or self._stream.read(1):
            raise BadBundle(reason="something follows it")

    def _inflate(self, *, last: bool = False) -> bytes:
        try:
            while not self._xz.eof:
                data = self._stream.read(BLOCK) if self._xz.needs_input else b""
                if self._xz.needs_input and not data:
                    break
                if block := self._xz.decompress(data, BLOCK):
                    return block
        except lzma.LZMAError as error:
            raise BadBundle(reason=f"its compression is broken ({error})") from None
        if last and self._xz.eof:
            return b""
        raise BadBundle(reason="it ends too early")
