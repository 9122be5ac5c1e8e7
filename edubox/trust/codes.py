"""One-time codes: eleven random characters and one that finds a slip, in groups that people can read out.

A code goes on one card and on the academy's list; the academy takes in the box that shows it, once. 55 random bits cannot
be guessed where each guess is a question to the academy's server. An academy may give out codes of its own making too: what is
not in our form is compared as it is.
"""

from __future__ import annotations

import hashlib
import re
import secrets

#: Crockford's base32: no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS, _GROUP = 12, 4
#: What people write and read for a character that is not in the alphabet, and between groups.
_READ_AS = str.maketrans("OIL", "011")
_BETWEEN = re.compile(r"[ \t.–-]")
#: Any code that a card can carry.
_ANY = re.compile(r"[A-Za-z0-9-]{8,64}\Z")
#: scrypt (RFC 7914) with N, r, p: half a megabyte and 1 ms. Whoever takes the list of hashes needs that for every guess.
_N, _R, _P = 2**9, 8, 1


def new_code() -> str:
    """A new code: ``K7QM-3XWD-9RTA``."""
    digits = [secrets.randbelow(32) for _ in range(_CHARACTERS - 1)]
    return _grouped("".join(ALPHABET[digit] for digit in [*digits, _check(digits)]))


def is_ours(code: str) -> bool:
    """Whether *code* could have come from ``new_code``: one wrong character, or two neighbours swapped, could not."""
    digits = [ALPHABET.find(character) for character in code.replace("-", "")]
    return len(digits) == _CHARACTERS and -1 not in digits and _check(digits[:-1]) == digits[-1]


def understood(text: str) -> str:
    """The code that somebody typed, in its one spelling; empty if no code is written so.

    Twelve characters are one of ours, and then its check character must fit.
    """
    packed = _BETWEEN.sub("", text.upper()).translate(_READ_AS)
    if len(packed) == _CHARACTERS and all(character in ALPHABET for character in packed):
        return _grouped(packed) if is_ours(packed) else ""
    plain = text.strip()
    return plain.upper() if _ANY.match(plain) else ""


def hashed(code: str) -> str:
    """What a list keeps of *code*, which ``understood`` gave."""
    return hashlib.scrypt(
        code.encode("ascii"), salt=b"edubox one-time code 1", n=_N, r=_R, p=_P, dklen=32
    ).hex()


def _grouped(text: str) -> str:
    return "-".join(text[begin : begin + _GROUP] for begin in range(0, _CHARACTERS, _GROUP))


def _check(digits: list[int]) -> int:
    """The last digit: with it, the code is a polynomial over GF(32), built on x^5 + x^2 + 1, that vanishes at x."""
    value = 0
    for digit in digits:
        value = _times_x(value) ^ digit
    return _times_x(value)


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
