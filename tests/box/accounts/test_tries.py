"""Guessing is slow, and nobody is kept out by what another one does."""

from __future__ import annotations

import pytest

from edubox.box.accounts import tries as module
from edubox.box.accounts.tries import FORGOTTEN, FREE, LONGEST, Tries
from tests.box.accounts.test_sessions import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tries(clock):
    return Tries(clock)


def test_each_wrong_one_after_the_fifth_doubles_the_wait_up_to_a_minute(tries, clock):
    waits, begins = [], []
    for _ in range(FREE + 8):
        waits.append(tries.wait("ada", "x"))
        clock.now += waits[-1]
        begins.append(tries.wrong("ada", "x"))
    assert begins == [False] * (FREE - 1) + [True] + [False] * 8, "said once"
    assert waits == [0] * FREE + [1, 2, 4, 8, 16, 32, 60, 60]
    assert tries.wait("ada", "x") == LONGEST
    clock.now += LONGEST
    assert tries.wait("ada", "x") == 0, "never longer than a minute"


def test_many_names_from_one_address_and_one_name_from_many_addresses_wait_as_well(tries):
    for number in range(FREE):
        tries.wrong(f"name {number}", "x")
        tries.wrong("ada", f"address {number}")
    assert tries.wait("somebody else", "x")
    assert tries.wait("ada", "another address")
    assert not tries.wait("somebody else", "another address")
    assert not tries.wait("", "another address")


def test_where_somebody_came_in_before_they_wait_for_nobody_s_mistakes_but_their_own(tries, clock):
    tries.right("ada", "her computer")
    for number in range(3 * FREE):
        tries.wrong("ada", f"address {number}")
    assert tries.wait("ada", "address of a phone")
    assert not tries.wait("ada", "her computer")
    for _ in range(FREE):
        tries.wrong("grace", "her computer")
    assert tries.wait("ada", "her computer")


def test_coming_in_forgives_and_so_does_an_hour(tries, clock):
    for _ in range(FREE):
        tries.wrong("ada", "x")
    tries.right("ada", "x")
    assert not tries.wait("ada", "x")
    for _ in range(20):
        tries.wrong("ada", "x")
    clock.now += FORGOTTEN
    tries.wrong("ada", "x")
    assert not tries.wait("ada", "x")


def test_however_much_is_tried_little_is_remembered(tries, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 50)
    for number in range(500):
        tries.wrong(f"name {number}", f"address {number}")
        tries.right(f"name {number}", f"address {number}")
    for number in range(500):
        tries.wrong(f"name {number}", f"address {number}")
    assert len(tries._wrong) == len(tries._known) == 50
