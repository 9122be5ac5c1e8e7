"""The recovery code: typed as people type, every small mistake found in its group, and always the same keys."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edubox.box.own.recovery import ALPHABET, derive, new_code, parse
from edubox.errors import BadRecoveryCode


@pytest.fixture(scope="module")
def code():
    return new_code()


def test_a_code_is_seven_groups_that_are_never_the_same_twice(code):
    assert [len(group) for group in code.split("-")] == [5] * 7
    assert set(code) <= set(ALPHABET + "-")
    assert len({new_code() for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "write",
    [
        str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", ""), lambda code: f" {code}\n",
        lambda code: code.replace("0", "o").replace("1", "l"), lambda code: code.replace("1", "I").replace("-", " - "),
    ],
)  # fmt: skip
def test_it_may_be_typed_as_people_read_it(write):
    for _ in range(20):
        code = new_code()
        assert parse(write(code)) == code


@given(st.integers(0, 34), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found_in_its_group(place, other):
    code = new_code()
    typed = list(code.replace("-", ""))
    assume(typed[place] != other)
    typed[place] = other
    with pytest.raises(BadRecoveryCode, match=f"group {place // 5 + 1} "):
        parse("".join(typed))


@given(st.integers(0, 33))
def test_two_neighbours_swapped_are_found(place):
    typed = list(new_code().replace("-", ""))
    assume(typed[place] != typed[place + 1])
    typed[place : place + 2] = typed[place + 1], typed[place]
    if place % 5 != 4:  # across two groups both are wrong as single characters
        with pytest.raises(BadRecoveryCode, match=f"group {place // 5 + 1} "):
            parse("".join(typed))
    else:
        with pytest.raises(BadRecoveryCode):
            parse("".join(typed))


@given(st.integers(0, 6), st.integers(0, 6))
def test_groups_in_another_order_are_found(one, other):
    groups = new_code().split("-")
    assume(one != other)
    groups[one], groups[other] = groups[other], groups[one]
    with pytest.raises(BadRecoveryCode, match="group"):
        parse("-".join(groups))


@given(st.text(max_size=60))
def test_anything_else_is_refused_in_words(text):
    with pytest.raises(BadRecoveryCode):
        parse(text)


@pytest.mark.parametrize("cut", [0, 4, 5, 34])
def test_a_code_that_lacks_something_says_how_long_it_is(code, cut):
    with pytest.raises(BadRecoveryCode, match="7 groups of 5"):
        parse(code.replace("-", "")[:cut])


def test_the_same_code_is_the_key_to_the_same_things_and_another_one_to_none_of_them(code):
    one, again, other = derive(code), derive(parse(code.lower())), derive(new_code())
    assert one.root.private_bytes_raw() == again.root.private_bytes_raw()
    assert one.backup.private_bytes_raw() == again.backup.private_bytes_raw()
    secrets = {
        one.root.private_bytes_raw(), one.backup.private_bytes_raw(), one.maker,
        other.root.private_bytes_raw(), other.backup.private_bytes_raw(), other.maker,
    }  # fmt: skip
    assert len(secrets) == 6


def test_a_sheet_printed_today_works_in_ten_years():
    """Codes lie in safes: what they open must not depend on the version of the program."""
    code = "00005-0000A-0000F-0000M-0000H-0000Y-0000V"
    made = derive(parse(code))
    assert made.root.public_key().public_bytes_raw().hex() == (
        "b8909732b72623b4ae6f19c3fefb78db3801462cbac314e7cfed5c40fb3abf94"
    )
    assert made.backup.public_key().public_bytes_raw().hex() == (
        "d34d95975cdcc07a9d64ca12aeaee744562cfd996b476a69c39d7dbd97da6b1d"
    )
    assert made.maker.hex() == "cfc68ae30ccca8bd2cfb83ffcc04f0776c0920646434177048f153019ffeddc5"
