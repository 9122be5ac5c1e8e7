from __future__ import annotations

import json
from dataclasses import replace

import pytest

from edubox.errors import BadManifest, UnknownFormat
from edubox.pack import canonical
from edubox.pack.index import Bundle, Index, parse

SHA, OTHER = "a" * 64, "b" * 64
INDEX = Index(
    "Leçon", "fr", 3, "2026-11-24T08:00Z", SHA, 1000, 5000,
    (Bundle(SHA, 400, 5000, 2), Bundle(OTHER, 9 << 20, 10, 1, OTHER, (SHA,) * 3)), "Mme Durand", "2026-12-01T07:30Z",
)  # fmt: skip


def value(**changed):
    whole = json.loads(INDEX.to_bytes()) | changed
    return {key: one for key, one in whole.items() if one is not None}


def bundle(**changed):
    return {"sha256": SHA, "size": 400, "unpacked": 5000, "files": 2} | changed


def test_an_index_comes_back_as_it_was():
    assert parse(INDEX.to_bytes()) == INDEX
    assert INDEX.full == INDEX.bundles[0]
    spread = replace(INDEX, stages=(("2026-11-24T08:00Z", 10), ("2026-11-26T08:00Z", 1000)))
    assert parse(spread.to_bytes()) == spread
    withdrawn = Index("Leçon", "fr", 4, "2026-11-24T08:00Z", withdrawn=True)
    assert parse(withdrawn.to_bytes()) == withdrawn
    assert withdrawn.full is None


def test_an_unknown_format_says_update_this_box():
    with pytest.raises(UnknownFormat, match="update this box"):
        parse(canonical.write({"format": 7}))


@pytest.mark.parametrize("changed", [
    {"extra": 1}, {"name": None}, {"name": ""}, {"name": "\x1b]0;x"}, {"author": 1}, {"version": 0}, {"version": -1},
    {"version": True}, {"version": 2**60}, {"version": None}, {"published": "yesterday"}, {"published": "2026-19-39T29:59Z"},
    {"published": "2026-02-30T10:00Z"}, {"published": "٢٠٢٦-11-24T08:00Z"}, {"not_before": "2026-11-24T08:00"},
    {"manifest": "x"}, {"manifest": None}, {"manifest_size": 1 << 40}, {"size": -1}, {"bundles": []}, {"bundles": {}},
    {"bundles": None}, {"bundles": [bundle()] * 33}, {"bundles": [bundle(), bundle()]}, {"bundles": [bundle(**{"from": OTHER})]},
    {"bundles": [bundle(**{"from": "x"})]}, {"bundles": [bundle(sha256="x")]}, {"bundles": [bundle(extra=1)]},
    {"bundles": ["x"]}, {"bundles": [bundle(pieces=[])]}, {"bundles": [bundle(pieces=[SHA])]}, {"bundles": [bundle(pieces="x")]},
    {"bundles": [bundle(pieces=[1])]}, {"bundles": [bundle(size=9 << 20)]}, {"bundles": [bundle(files=None)]},
    {"withdrawn": False}, {"withdrawn": True}, {"withdrawn": 1},
    {"stages": []}, {"stages": 1}, {"stages": [1]}, {"stages": [["2026-11-24T08:00Z", 10]]}, {"stages": [["soon", 1000]]},
    {"stages": [["2026-11-24T08:00Z", 0], ["2026-11-25T08:00Z", 1000]]}, {"stages": [["2026-11-24T08:00Z", True]]},
    {"stages": [["2026-11-24T08:00Z", 500], ["2026-11-24T08:00Z", 1000]]}, {"stages": [["2026-11-24T08:00Z", 1000, 1]]},
    {"stages": [["2026-11-24T08:00Z", 900], ["2026-11-25T08:00Z", 900], ["2026-11-26T08:00Z", 1000]]},
    {"stages": [[f"2026-11-{day:02}T08:00Z", day * 100] for day in range(2, 11)]}, {"stages": [["2026-11-24T08:00Z", 1001]]},
])  # fmt: skip
def test_an_index_that_breaks_its_format_is_refused(changed):
    with pytest.raises(BadManifest):
        parse(canonical.write(value(**changed)))


def test_an_index_larger_than_any_is_refused_unread():
    with pytest.raises(BadManifest, match="1 MiB"):
        parse(b" " * (1024 * 1024 + 1))


def test_the_index_of_a_system_says_its_board_and_what_takes_it_back_does_too():
    found = parse(canonical.write(value(format=2, system="pc-amd64")))
    assert found.system == "pc-amd64"
    assert parse(found.to_bytes()) == found
    withdrawn = Index("Système", "und", 4, "2026-11-24T08:00Z", withdrawn=True, system="pc-amd64")
    assert parse(withdrawn.to_bytes()) == withdrawn


@pytest.mark.parametrize(
    "changed",
    [{"format": 2}, {"system": "pc-amd64"}, {"format": 2, "system": "PC"}, {"format": 2, "system": 1}],
)
def test_a_board_and_the_format_of_systems_come_together(changed):
    with pytest.raises(BadManifest):
        parse(canonical.write(value(**changed)))


def test_a_slot_is_made_from_what_makes_all_of_it():
    index = Index(
        "Système", "und", 2, "2026-11-24T08:00Z", SHA, 1000, 5000,
        (Bundle(SHA, 400, 5000, 1), Bundle(OTHER, 4, 0, 0, OTHER), Bundle("c" * 64, 40, 5000, 1, OTHER)), system="pc-amd64",
    )  # fmt: skip
    assert [way.size for way in index.ways(lambda _: True)] == [40, 400]
    assert [way.size for way in index.ways(lambda _: False)] == [400]
