"""The image of a card: a file that is read at any place, unpacked first if it came compressed.

A compressed image is unpacked once, into a sparse file without a name: forty cards read it at forty paces, and unpacking it
forty times would keep any laptop busy. What matters of it is told by ``places``: everything, except partitions that are
empty in it, such as the second system's.
"""

from __future__ import annotations

import contextlib
import lzma
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from edubox.errors import BadInput, NotFound, UnreadableSource
from edubox.hardware.flash.device import BLOCK
from edubox.store.platform import full_disk_is_no_room

#: Bytes that are written and read at a time.
CHUNK = 1024 * 1024
ZEROS = bytes(CHUNK)
#: Bytes of the largest image that is unpacked.
LARGEST = 64 * 1024**3
_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Partition:
    """A primary partition of the image: its *kind* is the byte of the MBR, the rest bytes."""

    kind: int
    begin: int
    size: int


class Image:
    """The open image *path*. *file* is read at any place; *size* is rounded up to whole blocks, with zeros.

    Raises BadInput when it has no table of partitions.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self._file = path, file
        self._state = self._look()
        self.length = self._state[0]
        self.size = -(-self.length // BLOCK) * BLOCK
        self.partitions = self._partitions()

    def read_into(self, offset: int, into: memoryview) -> None:
        """Fill *into* from *offset*, with zeros beyond the end."""
        done = 0
        while done < len(into):
            got = os.preadv(self._file.fileno(), [into[done:]], offset + done)
            if not got:
                into[done:] = ZEROS[: len(into) - done]
                return
            done += got

    def read(self, offset: int, size: int) -> bytes:
        """*size* bytes at *offset*; zeros beyond the end."""
        data = bytearray(size)
        self.read_into(offset, memoryview(data))
        return bytes(data)

    @property
    def is_changed(self) -> bool:
        """Whether somebody has written to the file since it was opened."""
        return self._look() != self._state

    def _partitions(self) -> tuple[Partition, ...]:
        """The partitions that the image's MBR names, in its order. Raises BadInput when there is none."""
        head = self.read(0, _SECTOR)
        found = []
        for number in range(4):
            kind, begin, count = struct.unpack_from("<4xB3xII", head, 446 + 16 * number)
            if kind and count:
                found.append(Partition(kind, begin * _SECTOR, count * _SECTOR))
        if head[510:512] != b"\x55\xaa" or not found or found[0].begin < _SECTOR:
            raise BadInput(
                reason=f"{self.path.name} is not the image of a card: it has no table of partitions"
            )
        return tuple(found)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where to write: offsets of chunks, the first of all left out, which comes last.

        Of a partition that is empty in the image only the beginning is in it, so that nothing older is found there.
        """
        empty = [one for one in self.partitions if one.size > 2 * CHUNK and self._is_empty(one)]
        return tuple(
            offset
            for offset in range(CHUNK, self.size, CHUNK)
            if not any(
                one.begin + CHUNK <= offset and offset + CHUNK <= one.begin + one.size for one in empty
            )
        )

    def _is_empty(self, part: Partition) -> bool:
        end = min(part.begin + part.size, self.size)
        return all(
            self.read(offset, min(CHUNK, end - offset)) == ZEROS[: end - offset]
            for offset in range(part.begin, end, CHUNK)
        )

    def _look(self) -> tuple[int, int]:
        stat = os.fstat(self._file.fileno())
        return stat.st_size, stat.st_mtime_ns


@contextlib.contextmanager
def open_image(path: Path, show: Callable[[int], None] = lambda _: None) -> Iterator[Image]:
    """The image in the file *path*, unpacked if its name ends in .xz or .zst; *show* gets the bytes unpacked so far.

    Raises NotFound, UnreadableSource, BadInput (it is no image, or cannot be unpacked), NoRoom (to unpack it).
    """
    try:
        with contextlib.ExitStack() as stack:
            file: BinaryIO = stack.enter_context(path.open("rb"))
            if path.suffix in {".xz", ".zst"}:
                folder = Path(os.environ.get("TMPDIR") or "/var/tmp")  # noqa: S108 - a disk, where /tmp may be memory
                unpacked = stack.enter_context(tempfile.TemporaryFile(dir=folder))
                with full_disk_is_no_room(folder):
                    _unpack(path, unpacked, show)
                file = unpacked
            yield Image(path, file)
    except FileNotFoundError:
        raise NotFound(what=f"The image {path}") from None
    except (IsADirectoryError, PermissionError) as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None


def blocks(path: Path) -> Iterator[bytes]:
    """The bytes of the image in the file *path*, unpacked. Raises as ``open_image`` does."""
    packed = lzma.LZMAError, EOFError
    try:
        if path.suffix == ".xz":
            with lzma.open(path) as stream:
                yield from iter(lambda: stream.read(CHUNK), b"")
        elif path.suffix == ".zst":
            yield from _zstd(path)
        else:
            with path.open("rb") as plain:
                yield from iter(lambda: plain.read(CHUNK), b"")
    except packed:
        raise BadInput(reason=f"{path.name} is damaged and cannot be unpacked; copy it again") from None


def _unpack(path: Path, out: BinaryIO, show: Callable[[int], None]) -> None:
    done = 0
    for block in blocks(path):
        if block == ZEROS[: len(block)]:
            out.seek(len(block), os.SEEK_CUR)
        else:
            out.write(block)
        done += len(block)
        if done > LARGEST:
            raise BadInput(reason=f"{path.name} unpacks to more than {LARGEST // 1024**3} GB")
        show(done)
    out.truncate(done)
    out.flush()


def _zstd(path: Path) -> Iterator[bytes]:
    tool = shutil.which("zstd")
    if tool is None:
        raise BadInput(
            reason=f"{path.name} needs the program zstd, which is not here; install it, or take the .xz"
        )
    with subprocess.Popen(
        [tool, "-dcq", "--", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    ) as child:
        assert child.stdout is not None
        stream = child.stdout
        try:
            yield from iter(lambda: stream.read(CHUNK), b"")
        except GeneratorExit:
            child.kill()
            raise
    if child.returncode:
        raise BadInput(reason=f"{path.name} is damaged and cannot be unpacked; copy it again")
