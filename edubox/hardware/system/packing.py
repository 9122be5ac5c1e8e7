"""A root image as a pack: the manifest of one file that bundles carry, however large it is.

Lessons leave files of 64 MiB and more out of bundles because a box builds lessons and nobody waits for a film to unpack.
A system is made once on a good computer, and a delta of it is what a school's line can carry: one or two per cent.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

from edubox.errors import BadImage, UnreadableSource
from edubox.pack.archive import BLOCK
from edubox.pack.canonical import nfc
from edubox.pack.edpack import write_edpack
from edubox.pack.manifest import SYSTEM_FILE, File, Item, Manifest, parse
from edubox.pack.media_types import UNKNOWN
from edubox.pack.names import check_part
from edubox.pack.pieces import PieceHasher

#: Where the superblock of ext4 says what it is, and what it says there.
_MAGIC_AT, _MAGIC = 1024 + 56, struct.pack("<H", 0xEF53)
Progress = Callable[[str, int, int], None]


def pack(root: Path, board: str, title: str, output: Path, progress: Progress = lambda *_: None) -> Manifest:
    """Write the pack *output* of the root image *root* of *board*; the same image gives the same bytes.

    *progress* gets (what, bytes done, bytes in all). Raises BadImage, BadIdentifier (*board*), BadManifest (*title*),
    UnreadableSource, NoRoom.
    """
    manifest = describe(root, board, title, progress)
    write_edpack(output, manifest, lambda file: _Shown(root, file.size, progress))
    return manifest


def describe(root: Path, board: str, title: str, progress: Progress = lambda *_: None) -> Manifest:
    """The manifest of the root image *root*; raises as ``pack`` does."""
    check_part(board)
    hasher = PieceHasher()
    try:
        with root.open("rb") as handle:
            handle.seek(_MAGIC_AT)
            if handle.read(len(_MAGIC)) != _MAGIC:
                raise BadImage(path=root, reason="it is no file system that a box starts from (ext4)")
            handle.seek(0)
            total = root.stat().st_size
            while block := handle.read(BLOCK):
                hasher.update(block)
                progress("reading", hasher.size, total)
    except OSError as error:
        raise UnreadableSource(path=root, reason=error.strerror) from None
    file = File(SYSTEM_FILE, hasher.sha256, hasher.size, UNKNOWN, pieces=hasher.pieces)
    toc = (Item(nfc(title), "file", SYSTEM_FILE),)
    return parse(Manifest(nfc(title), "und", toc, (file,), system=board).to_bytes())


class _Shown(io.FileIO):
    """The image as a file that tells how much of it was read: compressing it takes minutes."""

    def __init__(self, path: Path, total: int, progress: Progress) -> None:
        super().__init__(path)
        self._total, self._progress = total, progress

    def read(self, size: int | None = -1) -> bytes:
        """See FileIO."""
        data = super().read(-1 if size is None else size)
        self._progress("compressing", self.tell(), self._total)
        return data
