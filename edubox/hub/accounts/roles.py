"""What each role may do, and where: the one place that decides it.

An action is one of ACTIONS; an authority is the first part of a publisher's id, empty for the country as a whole. Somebody
whose own authority is empty works for the whole country, anybody else for their academy alone: what is the country's is not
theirs. Pages ask ``somewhere`` to know whether to show themselves at all, and ``may`` for each thing on them.
"""

from __future__ import annotations

from dataclasses import dataclass

MINISTRY, OFFICER, REVIEWER, READER = "ministry", "officer", "reviewer", "reader"
#: From most to least.
ROLES = (MINISTRY, OFFICER, REVIEWER, READER)
ENROL, REVIEW, PUBLISH, FLEET, PEOPLE, AUDIT, READ = ACTIONS = (
    "enrol", "review", "publish", "fleet", "people", "audit", "read",
)  # fmt: skip
_MAY = {
    MINISTRY: frozenset(ACTIONS),
    OFFICER: frozenset(ACTIONS),
    REVIEWER: frozenset({REVIEW, READ}),
    READER: frozenset({READ}),
}
#: Whom somebody of a role may let in, and send away.
_OVER = {MINISTRY: frozenset(ROLES), OFFICER: frozenset({REVIEWER, READER})}
#: Where one of a role works: the ministry for the country, an officer for an academy, the others for either.
_WHOLE_COUNTRY, _ONE_ACADEMY = frozenset({MINISTRY, REVIEWER, READER}), frozenset({OFFICER, REVIEWER, READER})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account at the hub. *login* is what the audit calls them; *authority* is empty for the whole country."""

    id: int
    login: str
    name: str
    role: str
    authority: str = ""


def may(person: Person, action: str, authority: str) -> bool:
    """Whether *person* may do *action* for *authority*; an empty one is the country as a whole. Unknown words may nothing."""
    if action not in _MAY.get(person.role, ()):
        return False
    return not person.authority or person.authority == authority


def somewhere(person: Person, action: str) -> bool:
    """Whether there is anything that *person* may do *action* for."""
    return may(person, action, person.authority)


def is_over(person: Person, role: str, authority: str) -> bool:
    """Whether *person* may let somebody of *role* for *authority* in, and send them away."""
    return may(person, PEOPLE, authority) and role in _OVER.get(person.role, ()) and fits(role, authority)


def fits(role: str, authority: str) -> bool:
    """Whether somebody of *role* can work for *authority*."""
    return role in (_ONE_ACADEMY if authority else _WHOLE_COUNTRY)


def writes(role: str) -> bool:
    """Whether somebody of *role* can change anything, and so needs more than a password."""
    return bool(_MAY.get(role, frozenset(ACTIONS)) - {READ})
