"""Follow lists: what is valid, what is bounded, and to whom they speak."""

from __future__ import annotations

import json

import pytest

from edubox.errors import BadIdentifier, NotTrusted
from edubox.trust.follow_lists import (
    MAX_FILE,
    MAX_LISTS,
    MAX_NAMES,
    MAX_PROPOSED,
    FollowList,
    lists_name,
    parse,
    proposed,
    to_bytes,
)
from edubox.trust.record import split

LISTS = (
    FollowList(("ministry/starter", "ac-nord/choix")),
    FollowList(("ac-nord/petits",), levels=("cp", "ce1")),
    FollowList(("ac-nord/grands", "ministry/starter"), kinds=("lycee",)),
)


def test_what_is_written_is_read():
    assert parse(to_bytes(LISTS)) == LISTS
    assert parse(to_bytes(())) == ()


@pytest.mark.parametrize(
    ("kind", "levels", "wanted"),
    [
        ("school", [], ["ministry/starter", "ac-nord/choix", "ac-nord/petits"]),
        ("school", ["6e"], ["ministry/starter", "ac-nord/choix"]),
        ("school", ["6e", "cp"], ["ministry/starter", "ac-nord/choix", "ac-nord/petits"]),
        ("lycee", ["2de"], ["ministry/starter", "ac-nord/choix", "ac-nord/grands"]),
    ],
)
def test_a_list_speaks_to_schools_of_its_levels_and_kinds(kind, levels, wanted):
    assert proposed(LISTS, kind, levels) == wanted


def changed(**fields):
    one = {"publishers": ["ministry/starter"], "levels": [], "kinds": []} | fields
    return json.dumps({"format": 1, "lists": [one]}, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"[]", b"\xff", b"[" * 50_000, b'{"format":1}', b'{"format":1,"lists":{}}', b'{"format":1, "lists":[]}',
        to_bytes(LISTS) + b" ", to_bytes([LISTS[0]] * (MAX_LISTS + 1)), b" " * (MAX_FILE + 1),
        changed(publishers=[]), changed(publishers=["ministry"]), changed(publishers=["../x"]), changed(publishers=[7]),
        changed(publishers=["a/b", "a/b"]), changed(publishers=[f"a/b{n}" for n in range(MAX_NAMES + 1)]), changed(levels=["É"]),
        changed(kinds="lycee"), changed(schools=["x"]), changed(publishers=["ministry/follow--lists"]),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused(data):
    with pytest.raises(NotTrusted):
        parse(data)


def test_a_format_from_the_future_asks_to_update_the_box():
    with pytest.raises(NotTrusted, match="update this box"):
        parse(b'{"format":2,"lists":[]}')


def test_an_authority_proposes_no_more_than_a_box_takes():
    many = [FollowList(tuple(f"a/b{n}-{m}" for m in range(MAX_NAMES))) for n in range(9)]
    assert len(proposed(many, "school", [])) == MAX_PROPOSED


def test_no_publisher_has_the_name_of_the_lists():
    assert lists_name("ac-nord") == "pub/ac-nord/follow--lists.json"
    with pytest.raises(BadIdentifier):
        split("ac-nord/follow--lists")
    with pytest.raises(BadIdentifier):
        lists_name("../x")
