"""Ed25519 keys: made here, kept in small files, wrapped with a passphrase or, for online roles, not.

A wrapped key is JSON: scrypt (RFC 7914) turns the passphrase into the key of AES-256-GCM (NIST SP 800-38D), which
carries the 32 bytes of the private key; its header is authenticated too. PKCS#8's own wrapping in ``cryptography``
is 2,048 rounds of PBKDF2, too few for a key that may lie on a stick for years.
"""

from __future__ import annotations

import base64
import json
import os
import unicodedata
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from securesystemslib.signer import CryptoSigner, Signer

from edubox.errors import AlreadyExists, NotFound, NotTrusted, UnreadableSource, WrongPassphrase

#: scrypt: N, r, p of RFC 7914; 64 MiB and about 0.2 s on a Raspberry Pi 4.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**16, 8, 1
#: Refuse a file that asks for more than 256 MiB: it was not written by us, and a box has 512.
MAX_SCRYPT_N = 2**18
_MAX_FILE = 4096


def generate() -> Ed25519PrivateKey:
    """A new private key from the operating system's random numbers."""
    return Ed25519PrivateKey.generate()


def signer(key: Ed25519PrivateKey) -> Signer:
    """What signs with *key*; its key id is computed from the public key, never taken from a file."""
    return CryptoSigner(key)


def dump(key: Ed25519PrivateKey, passphrase: str | None) -> bytes:
    """The file of *key*, wrapped with *passphrase*, or plain if there is none (online roles)."""
    raw = key.private_bytes_raw()
    if passphrase is None:
        return _json({"format": 1, "key": _text(raw)})
    salt, nonce = os.urandom(16), os.urandom(12)
    header = {
        "format": 1, "kdf": "scrypt", "n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P, "salt": _text(salt),
        "cipher": "aes-256-gcm", "nonce": _text(nonce),
    }  # fmt: skip
    sealed = AESGCM(_derive(passphrase, salt, SCRYPT_N)).encrypt(nonce, raw, _json(header))
    return _json(header | {"key": _text(sealed)})


def load(path: Path, passphrase: str | None = None) -> Ed25519PrivateKey:
    """Open the key file *path*; *passphrase* may be given for a plain one too.

    Raises NotFound, UnreadableSource, WrongPassphrase, NotTrusted (not a key file of ours).
    """
    try:
        with path.open("rb") as handle:
            value = json.loads(handle.read(_MAX_FILE))
        if value["format"] != 1:
            raise NotTrusted(reason=f"{path} is a key of an unknown format; this program may need an update")
        sealed = _bytes(value.pop("key"))
        if "kdf" not in value:
            return Ed25519PrivateKey.from_private_bytes(sealed)
        if passphrase is None:
            raise WrongPassphrase(path=path)
        n, salt, nonce = value["n"], _bytes(value["salt"]), _bytes(value["nonce"])
        if (value["kdf"], value["cipher"], value["r"], value["p"]) != (
            "scrypt",
            "aes-256-gcm",
            SCRYPT_R,
            SCRYPT_P,
        ):
            raise NotTrusted(reason=f"{path} is wrapped in an unknown way")
        if type(n) is not int or not 2**14 <= n <= MAX_SCRYPT_N:
            raise NotTrusted(reason=f"{path} asks for an impossible effort to open it")
        raw = AESGCM(_derive(passphrase, salt, n)).decrypt(nonce, sealed, _json(value))
        return Ed25519PrivateKey.from_private_bytes(raw)
    except FileNotFoundError:
        raise NotFound(what=f"The key {path}") from None
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None
    except InvalidTag:
        raise WrongPassphrase(path=path) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotTrusted(reason=f"{path} is not a key file") from None


def save(path: Path, data: bytes) -> None:
    """Write a key file that only its owner can read; never over another one (AlreadyExists)."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise AlreadyExists(path=path) from None
    try:
        with open(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        path.unlink()  # half a key would only be in the way of a whole one
        raise


def _derive(passphrase: str, salt: bytes, n: int) -> bytes:
    # One spelling of é, whatever keyboard it was typed on; bytes that are no UTF-8 come from the environment.
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogateescape")
    return Scrypt(salt=salt, length=32, n=n, r=SCRYPT_R, p=SCRYPT_P).derive(secret)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
