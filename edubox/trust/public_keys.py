"""Public keys as files: what a person who holds a key gives to those who must know it.

    {"format": 1, "public": "d75a98…" or "-----BEGIN PUBLIC KEY-----…"}

Ed25519 is 64 hexadecimal characters, ECDSA of a token PEM. The key's id, by which people compare keys, is computed from it.
"""

from __future__ import annotations

import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.signer import Key, SSlibKey

from edubox.errors import BadInput

#: Bytes of such a file.
LARGEST = 4096


def write_public(key: Key) -> bytes:
    """The file of *key*. Raises BadInput for a kind that is not ours."""
    public = key.to_dict()["keyval"]["public"]
    data = json.dumps({"format": 1, "public": public}, indent=1).encode()
    if read_public(data).keyid != key.keyid:
        raise BadInput(reason="this key is of a kind that nobody here knows")
    return data


def read_public(data: bytes) -> Key:
    """The key in the file *data*. Raises BadInput."""
    try:
        if len(data) > LARGEST:
            raise _none()
        value = json.loads(data)
        text = value["public"]
        if value["format"] != 1 or not isinstance(text, str):
            raise _none()
        found = (
            load_pem_public_key(text.encode("ascii"))
            if text.startswith("-----BEGIN")
            else Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
        )
        if not isinstance(found, Ed25519PublicKey | EllipticCurvePublicKey):
            raise _none()
        return SSlibKey.from_crypto(found)
    except (ValueError, KeyError, TypeError, RecursionError, UnsupportedAlgorithm):
        raise _none() from None


def _none() -> BadInput:
    return BadInput(reason="this is no public key of edubox")


def grouped(keyid: str) -> str:
    """The whole id of a key, as it is read aloud: sixteen groups of four characters."""
    return " ".join(keyid[begin : begin + 4] for begin in range(0, len(keyid), 4))
