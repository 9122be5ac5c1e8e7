"""A stream that only the recovery code opens, made by a box that does not hold the code.

The box has the public half of an X25519 key whose private half is made of the recovery code, and a secret
that the code gives too. Each stream has a key pair of its own: HKDF makes its AES-256-GCM key out of the two
keys' agreement and the secret, so that nobody else can read a stream, nor make one that the code would open.
Blocks of 64 KiB are numbered in their nonces and the last one is marked (the STREAM construction, as in age):
a stream that was cut, reordered, lengthened or altered anywhere does not open. ``docs/formats/backup.md`` has
the bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edubox.box.own.recovery import Secrets
from edubox.errors import BadBackup, WrongRecoveryCode

MAGIC = b"edubox backup 1\n"
BLOCK, _TAG, _KEY = 64 * 1024, 16, 32
#: AES-GCM's nonce: eleven bytes of the block's number, one that says whether it is the last.
_NUMBER = 11


class Sealer:
    """Write plain bytes in, sealed ones come out in *out*; ``close`` ends the stream."""

    def __init__(self, out: BinaryIO, backup_key: bytes, maker: bytes) -> None:
        ephemeral = X25519PrivateKey.generate()
        public = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(backup_key))
        self._cipher = _cipher(shared, maker, public, backup_key)
        self._out, self._waiting, self._number = out, bytearray(), 0
        out.write(MAGIC + backup_key + public)

    def write(self, data: bytes) -> int:
        """Take more plain bytes."""
        self._waiting += data
        while (
            len(self._waiting) > BLOCK
        ):  # the last block may be full, and is never empty but for an empty stream
            self._seal(bytes(self._waiting[:BLOCK]), last=False)
            del self._waiting[:BLOCK]
        return len(data)

    def close(self) -> None:
        """Seal what waits as the last block."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, block: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), block, None))
        self._number += 1


class Opened:
    """The plain bytes of the sealed stream in the file *path*, to be read once from begin to end."""

    def __init__(self, path: Path, stream: BinaryIO, secrets: Secrets) -> None:
        """Raises BadBackup (no backup of ours)."""
        self._path = path
        self._blocks = _blocks(path, stream, secrets)
        self._plain = memoryview(b"")

    def read(self, size: int) -> bytes:
        """At most *size* more bytes, none at the end. Raises WrongRecoveryCode, BadBackup."""
        if not self._plain:
            self._plain = memoryview(next(self._blocks, b""))
        data = bytes(self._plain[:size])
        self._plain = self._plain[size:]
        return data

    def drain(self) -> None:
        """Read to the end, which proves that the stream is whole. Raises as ``read``."""
        for _ in self._blocks:
            pass


def _blocks(path: Path, stream: BinaryIO, secrets: Secrets) -> Iterator[bytes]:
    head = stream.read(len(MAGIC) + 2 * _KEY)
    sealed_for, ephemeral = head[len(MAGIC) : -_KEY], head[-_KEY:]
    if not head.startswith(MAGIC) or len(head) != len(MAGIC) + 2 * _KEY:
        raise BadBackup(path=path, reason="it does not begin like one")
    if sealed_for != secrets.backup.public_key().public_bytes_raw():
        raise WrongRecoveryCode(what=path)
    try:
        shared = secrets.backup.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    except ValueError:
        raise BadBackup(path=path, reason="its key is none") from None
    cipher = _cipher(shared, secrets.maker, ephemeral, sealed_for)
    number, sealed = 0, stream.read(BLOCK + _TAG)
    while True:
        following = stream.read(BLOCK + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), sealed, None)
        except InvalidTag:
            raise BadBackup(path=path, reason="it is cut or damaged") from None
        if not following:
            return
        number, sealed = number + 1, following


def _cipher(shared: bytes, maker: bytes, ephemeral: bytes, backup_key: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, MAGIC + ephemeral + backup_key).derive(shared + maker))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER, "big") + bytes([last])
