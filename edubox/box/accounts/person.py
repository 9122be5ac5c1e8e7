"""Whose request this is, for every page of the desk, and what each role may do more than the next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

ADMIN, TEACHER, SUBSTITUTE = "admin", "teacher", "substitute"
#: Who has not come in.
ANYBODY = "anybody"
_RANKS = {ANYBODY: 0, SUBSTITUTE: 1, TEACHER: 2, ADMIN: 3}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account on this box. *id* is never used again; *name* is what others read."""

    id: int
    name: str
    role: str


def me() -> Person:
    """Who asks; the guard of the desk has let them in."""
    person: Person = g.person
    return person


def may(role: str, needed: str) -> bool:
    """Whether somebody of *role* may do what needs *needed*. An unknown role may nothing."""
    return _RANKS.get(role, 0) >= _RANKS[needed]
