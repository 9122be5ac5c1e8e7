"""What each role may do, and for whom: the whole table."""

from __future__ import annotations

import pytest

from edubox.hub.accounts.roles import ACTIONS, ROLES, Person, fits, is_over, may, somewhere, writes

COUNTRY = Person(1, "m", "M", "ministry")
OFFICER = Person(2, "o", "O", "officer", "ac-nord")
REVIEWER = Person(3, "r", "R", "reviewer", "ac-nord")
NATIONAL = Person(4, "n", "N", "reviewer")
READER = Person(5, "l", "L", "reader", "ac-nord")
EXPECTED = {
    COUNTRY: (set(ACTIONS), set(ACTIONS), set(ACTIONS)),
    OFFICER: (set(ACTIONS), set(), set()),
    REVIEWER: ({"review", "read"}, set(), set()),
    NATIONAL: ({"review", "read"}, {"review", "read"}, {"review", "read"}),
    READER: ({"read"}, set(), set()),
}


@pytest.mark.parametrize("person", EXPECTED, ids=lambda one: f"{one.role}-{one.authority}")
def test_the_whole_table(person):
    for authority, allowed in zip(("ac-nord", "ac-sud", ""), EXPECTED[person], strict=True):
        assert {one for one in ACTIONS if may(person, one, authority)} == allowed, authority
    assert {one for one in ACTIONS if somewhere(person, one)} == EXPECTED[person][
        0 if person.authority else 2
    ]


def test_unknown_words_may_nothing():
    assert not may(Person(1, "x", "X", "root"), "read", "")
    assert not may(COUNTRY, "destroy", "")
    assert writes("root"), "whoever is unknown needs everything"


def test_nobody_lets_in_somebody_who_may_more_than_they():
    for person in (REVIEWER, NATIONAL, READER):
        assert not any(is_over(person, role, one) for role in ROLES for one in ("", "ac-nord"))
    assert {(role, one) for role in ROLES for one in ("", "ac-nord", "ac-sud") if is_over(OFFICER, role, one)} == {
        ("reviewer", "ac-nord"), ("reader", "ac-nord"),
    }  # fmt: skip
    assert all(is_over(COUNTRY, role, "") == fits(role, "") for role in ROLES)


def test_who_can_write_needs_more_than_a_password():
    assert [one for one in ROLES if not writes(one)] == ["reader"]
