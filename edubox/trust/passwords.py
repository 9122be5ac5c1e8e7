"""Passwords of a box and of a hub: which ones are refused, and Argon2id, so that a stolen backup or card gives none away.

The cost is the OWASP Password Storage Cheat Sheet's for Argon2id (19 MiB, two passes, one lane): with 512 MB of memory the
64 MiB of RFC 9106's second choice would be felt by a class. One password is tried at a time, a few wait, and whoever comes
after them is told that the box is busy; so logging in never holds more than one such block, nor the threads that serve
pupils. The library is loaded when somebody comes in: a box whose desk sleeps has none of it in memory.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from edubox.errors import Crowded

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: Characters of a password.
SHORTEST, LONGEST = 8, 200
#: KiB, passes, lanes.
MEMORY, PASSES, LANES = 19 * 1024, 2, 1
#: Passwords being tried or waiting for it, and seconds to wait.
QUEUE, _PATIENCE = 4, 5.0
#: What is tried first everywhere, French and English, without digits and signs at the end.
_COMMON = frozenset([
    "password", "passwort", "passe", "motdepasse", "monmotdepasse", "motdepass", "mdp", "changeme", "changemoi",
    "default", "administrator", "administrateur", "admin", "adminadmin", "root", "rootroot", "toor", "bonjour",
    "bonsoir", "salut", "coucou", "bienvenue", "welcome", "letmein", "iloveyou", "jetaime", "jtm", "loulou",
    "doudou", "chouchou", "cheval", "soleil", "princesse", "princess", "sunshine", "football", "basketball",
    "baseball", "superman", "batman", "pokemon", "naruto", "dragon", "monkey", "shadow", "master", "killer",
    "trustno", "qwerty", "qwertyuiop", "qwertz", "azerty", "azertyuiop", "azertyqwerty", "qsdfghjklm", "asdfghjkl",
    "wxcvbn", "zxcvbnm", "poiuytreza", "abcdefgh", "abcdefghi", "abcd", "abc", "motdepasseabc", "ecole", "monecole",
    "lecole", "school", "myschool", "college", "lycee", "classe", "maclasse", "teacher", "professeur", "prof",
    "enseignant", "enseignante", "maitre", "maitresse", "eleve", "eleves", "edubox", "boitier", "box", "marseille",
    "paris", "france", "camille", "nicolas", "thomas", "julien", "alexandre", "charlie", "michael", "jennifer",
    "secret", "secrete", "ninja", "test", "testtest", "tests", "computer", "ordinateur", "internet", "wifi",
])  # fmt: skip
_ROWS = ("01234567890", "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")  # fmt: skip
#: Digits of dates and telephone numbers.
_NUMBER = 10
_places, _turn = threading.BoundedSemaphore(QUEUE), threading.Lock()
T = TypeVar("T")


def fault(password: str, *names: str) -> str:
    """Why *password* may not be one: ``short``, ``long`` or ``common``; empty when it may.

    It must not be what everybody tries first, nor one of *names* (of its owner, of the school).
    """
    said = _normal(password)
    if len(said) < SHORTEST:
        return "short"
    if len(said) > LONGEST:
        return "long"
    return "common" if _is_common(said, names) else ""


def hashed(password: str) -> str:
    """What is kept of *password*, in PHC form. Raises Crowded."""
    return _in_turn(lambda: _hasher().hash(_normal(password)))


def is_right(secret: str, password: str) -> bool:
    """Whether *password* is the one that *secret* was made of; an empty *secret* takes as long and is never right. Raises Crowded."""
    from argon2.exceptions import InvalidHashError, VerificationError

    def work() -> bool:
        try:
            return _hasher().verify(secret or _nobody(), _normal(password)) and bool(secret)
        except (VerificationError, InvalidHashError):
            return False

    return _in_turn(work)


def is_outdated(secret: str) -> bool:
    """Whether *secret* was made at another cost than today's."""
    return _hasher().check_needs_rehash(secret)


def _in_turn(work: Callable[[], T]) -> T:
    with _place():
        if not _turn.acquire(timeout=_PATIENCE):
            raise Crowded
        try:
            return work()
        finally:
            _turn.release()


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Crowded
    try:
        yield
    finally:
        _places.release()


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY, parallelism=LANES)


@cache
def _nobody() -> str:
    """What the password of a name that nobody has is compared with."""
    return _hasher().hash(secrets.token_urlsafe(16))


def _normal(password: str) -> str:
    # NIST SP 800-63B: the same characters, whatever keyboard composed them.
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST])


def _is_common(said: str, names: tuple[str, ...]) -> bool:
    folded = "".join(one for one in said.casefold() if not one.isspace())
    core = folded.strip("0123456789!?.,;:*-_+#@$€&%()/\\'\"")
    own = {"".join(_normal(name).casefold().split()) for name in names if name}
    return (
        core in _COMMON
        or core in own
        or folded in own
        or len(set(folded)) < 4
        or any(folded in 2 * row or folded in 2 * row[::-1] for row in _ROWS)
        or (folded.isdecimal() and len(folded) <= _NUMBER)
    )
