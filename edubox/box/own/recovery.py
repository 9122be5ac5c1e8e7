"""The recovery code: 140 random bits on paper, from which a box's root key and backup key can be made again.

Seven groups of four characters and a check character, in Crockford's base32 (no I, L, O, U). The check
character finds every single wrong character, every two neighbours swapped, and a group in another's place,
and says in which group. The code is no password that somebody chose: 140 bits cannot be searched, so HKDF
(RFC 5869) is enough to make keys of it and nothing has to be slow.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edubox.errors import BadRecoveryCode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, _CHARACTERS = 7, 5
#: What people write and read for a character that is not in the alphabet.
_READ_AS = str.maketrans("OIL", "011")
_BETWEEN = " -–.\t\r\n"


@dataclass(frozen=True)
class Secrets:
    """What a recovery code is the key to."""

    root: Ed25519PrivateKey
    backup: X25519PrivateKey
    #: 32 bytes that the box holds too: whoever lacks them cannot make a backup that this code opens.
    maker: bytes


def new_code() -> str:
    """A new recovery code, as it is printed."""
    groups = []
    for number in range(1, GROUPS + 1):
        digits = [secrets.randbelow(32) for _ in range(_CHARACTERS - 1)]
        groups.append("".join(ALPHABET[digit] for digit in [*digits, _check(number, digits)]))
    return "-".join(groups)


def parse(text: str) -> str:
    """The code that somebody typed, as it was printed. Raises BadRecoveryCode, which names the first wrong group."""
    typed = text.upper().translate(_READ_AS)
    for between in _BETWEEN:
        typed = typed.replace(between, "")
    for number, begin in enumerate(range(0, len(typed), _CHARACTERS), start=1):
        digits = [ALPHABET.find(character) for character in typed[begin : begin + _CHARACTERS]]
        whole = len(digits) == _CHARACTERS and number <= GROUPS
        if whole and (-1 in digits or _check(number, digits[:-1]) != digits[-1]):
            raise BadRecoveryCode(reason=f"look at group {number} again, a character there is wrong")
    if len(typed) != GROUPS * _CHARACTERS:
        raise BadRecoveryCode(
            reason=f"it has {GROUPS} groups of {_CHARACTERS} characters, and {len(typed)} characters were given"
        )
    return "-".join(typed[begin : begin + _CHARACTERS] for begin in range(0, len(typed), _CHARACTERS))


def derive(code: str) -> Secrets:
    """The keys of *code*, which ``new_code`` or ``parse`` gave."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    def seed(purpose: bytes) -> bytes:
        return HKDF(SHA256(), 32, None, b"edubox recovery 1 " + purpose).derive(code.encode("ascii"))

    return Secrets(
        Ed25519PrivateKey.from_private_bytes(seed(b"root")),
        X25519PrivateKey.from_private_bytes(seed(b"backup")),
        seed(b"backup maker"),
    )


def _check(number: int, digits: list[int]) -> int:
    """The check digit of group *number*: with it, the group is a polynomial over GF(32) that vanishes at x."""
    value = number
    for digit in digits:
        value = _times_x(value) ^ digit
    return _times_x(value)


def _times_x(value: int) -> int:
    """Multiply in GF(32), which is built on x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
