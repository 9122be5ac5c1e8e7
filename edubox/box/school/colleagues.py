"""Who could share a class: the names of the box's teachers, by the ids of their accounts."""

from __future__ import annotations

from edubox.box.accounts import people
from edubox.box.accounts.person import ADMIN, TEACHER
from edubox.box.own.identity import now_on
from edubox.box.site import Site


def colleagues(site: Site) -> dict[int, str]:
    """The teachers and administrators of this box whose accounts are open, by id. Raises DamagedSchool."""
    now = int(now_on(site.data).timestamp())
    return {
        one.id: one.name
        for one in people.every(site.school)
        if one.role in {TEACHER, ADMIN} and one.is_open(now)
    }
