"""A file that nobody wrote: pieces of memory and of other files, read as one.

Its length is known at once and any byte can be found, so a server answers ranges of it as of any file, and hands it to the
loop that sends files (``wsgi.file_wrapper`` asks for ``read``, ``seek`` and ``tell``).
"""

from __future__ import annotations

import binascii
import io
import os
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO


@dataclass(frozen=True, slots=True)
class Span:
    """*size* bytes of the file *path* from *begin* on."""

    path: Path
    begin: int
    size: int

    @property
    def length(self) -> int:
        """Bytes that it becomes."""
        return self.size


@dataclass(frozen=True, slots=True)
class Base64:
    """The file *path* of *size* bytes, written in letters."""

    path: Path
    size: int

    @property
    def length(self) -> int:
        """Bytes that it becomes."""
        return -(-self.size // 3) * 4


Piece = bytes | Span | Base64


def length(piece: Piece) -> int:
    """Bytes that *piece* becomes."""
    return len(piece) if isinstance(piece, bytes) else piece.length


class Assembly:
    """All *pieces*, one after the other; ``open`` reads them."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = [piece for piece in pieces if length(piece)]
        self._ends = list(accumulate(length(piece) for piece in self._pieces))

    @property
    def length(self) -> int:
        """Bytes of all."""
        return self._ends[-1] if self._ends else 0

    @property
    def held(self) -> int:
        """Bytes of memory that its pieces hold, however often one of them comes."""
        return sum({id(piece): len(piece) for piece in self._pieces if isinstance(piece, bytes)}.values())

    def open(self) -> Reader:
        """A reader of its own, at the beginning."""
        return Reader(self)

    def at(self, position: int) -> tuple[Piece, int]:
        """The piece with the byte at *position*, which must be below the length, and where in it that is."""
        number = bisect_right(self._ends, position)
        begin = self._ends[number - 1] if number else 0
        return self._pieces[number], position - begin


class Reader(io.RawIOBase):
    """An assembly as an open file. Raises OSError when a file of it has become shorter or is gone."""

    def __init__(self, assembly: Assembly) -> None:
        super().__init__()
        self._assembly, self._position = assembly, 0
        self._file: tuple[Path, BinaryIO] | None = None

    def readable(self) -> bool:
        """See io."""
        return True

    def seekable(self) -> bool:
        """See io."""
        return True

    def tell(self) -> int:
        """See io."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See io."""
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._assembly.length}[whence]
        self._position = max(begin + offset, 0)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """See io; it fills *buffer* unless the end comes first, since servers count on it."""
        done = 0
        while done < len(buffer) and self._position < self._assembly.length:
            block = self._block(len(buffer) - done)
            buffer[done : done + len(block)] = block
            done += len(block)
            self._position += len(block)
        return done

    def close(self) -> None:
        """See io."""
        self._let_go()
        super().close()

    def _block(self, most: int) -> bytes:
        """Some bytes at the position, at least one."""
        piece, at = self._assembly.at(self._position)
        if isinstance(piece, bytes):
            return piece[at : at + most]
        if isinstance(piece, Span):
            return self._read(piece.path, piece.begin + at, min(most, piece.size - at))
        # Four letters say three bytes: read whole groups, and cut what was not asked for.
        group = at // 4
        wanted = -(-(at % 4 + most) // 4)
        plain = self._read(piece.path, group * 3, min(wanted * 3, piece.size - group * 3))
        return binascii.b2a_base64(plain, newline=False)[at % 4 : at % 4 + most]

    def _read(self, path: Path, begin: int, size: int) -> bytes:
        if self._file is None or self._file[0] != path:
            self._let_go()
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            self._file = (path, os.fdopen(handle, "rb", buffering=0))
        data = os.pread(self._file[1].fileno(), size, begin)
        if len(data) != size:
            raise OSError(f"{path.name} is shorter than it was")
        return data

    def _let_go(self) -> None:
        if self._file is not None:
            self._file[1].close()
            self._file = None
