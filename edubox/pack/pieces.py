"""Hashing bytes as they pass: SHA-256 of the whole and of every 4 MiB piece.

A piece is the unit of resume, of source and of blame: a bad one is fetched again alone.
"""

from __future__ import annotations

import hashlib

from edubox.pack.manifest import PIECE, PIECES_ABOVE


class PieceHasher:
    """Feed it with ``update``; ``size`` is in bytes."""

    def __init__(self) -> None:
        self.size = 0
        self._whole, self._piece = hashlib.sha256(), hashlib.sha256()
        self._pieces: list[str] = []

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self._whole.update(data)
        while data:
            part = data[: PIECE - self.size % PIECE]
            self._piece.update(part)
            self.size += len(part)
            data = data[len(part) :]
            if self.size % PIECE == 0:
                self._pieces.append(self._piece.hexdigest())
                self._piece = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Hash of all bytes so far."""
        return self._whole.hexdigest()

    @property
    def pieces(self) -> tuple[str, ...]:
        """The pieces that a manifest or index lists: none for sizes up to 8 MiB."""
        if self.size <= PIECES_ABOVE:
            return ()
        return (*self._pieces, self._piece.hexdigest()) if self.size % PIECE else tuple(self._pieces)
