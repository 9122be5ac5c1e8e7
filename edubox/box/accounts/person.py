"""Whose request this is, for every page of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

ADMIN, TEACHER, SUBSTITUTE = "admin", "teacher", "substitute"


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
