"""Passwords of the box's accounts: what ``trust.passwords`` finds wrong with one, in the sentences of the desk's pages."""

from __future__ import annotations

from edubox.errors import WeakPassword
from edubox.pages.entering import TOO_COMMON, TOO_LONG, TOO_SHORT
from edubox.trust.passwords import QUEUE, fault, hashed, is_outdated, is_right

__all__ = ["QUEUE", "check", "hashed", "is_outdated", "is_right"]

_SAID = {"short": TOO_SHORT, "long": TOO_LONG, "common": TOO_COMMON}


def check(password: str, *names: str) -> None:
    """Raise WeakPassword, with the reason as an English sentence, unless *password* may be one.

    It must not be too short, what everybody tries first, or one of *names* (of its owner, of the school).
    """
    if found := fault(password, *names):
        raise WeakPassword(reason=_SAID[found])
