"""Codes of an authenticator: TOTP (RFC 6238) with what every program of that kind understands.

HMAC-SHA-1, six digits, thirty seconds: other choices of the RFC are ignored by common authenticators, which then show wrong
codes. A code of the step before or after is taken as well, for telephones whose clock is off. A step whose code was used, and
every one before it, is over: who looks over a shoulder has nothing (RFC 6238 §5.2).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from urllib.parse import quote

#: Seconds of a step, digits of a code, steps of clock error on either side.
STEP, DIGITS, DRIFT = 30, 6, 1
#: Bytes of a secret: as long as the hash, as RFC 4226 §4 recommends.
LENGTH = 20


def new() -> str:
    """A new secret, in base32 as people type it."""
    return base64.b32encode(secrets.token_bytes(LENGTH)).decode()


def code(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of the time *step* (RFC 4226 §5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0xF
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: str, typed: str, now: int, used: int) -> int | None:
    """The time step whose code was *typed* at *now* (seconds since 1970); None if it is wrong, or not after step *used*."""
    given = "".join(typed.split())
    if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
        return None
    key, here, found = base64.b32decode(secret), now // STEP, None
    for step in range(here - DRIFT, here + DRIFT + 1):
        # Every step is tried, so that how long it takes says nothing.
        if hmac.compare_digest(code(key, step), given) and step > used:
            found = step
    return found


def address(secret: str, issuer: str, login: str) -> str:
    """What an authenticator's camera reads (``otpauth://``)."""
    who = quote(f"{issuer.replace(':', ' ')}:{login}", safe="")
    return (
        f"otpauth://totp/{who}?secret={secret}&issuer={quote(issuer, safe='')}&digits={DIGITS}&period={STEP}"
    )


def shown(secret: str) -> str:
    """*secret* in groups of four, to be typed."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
