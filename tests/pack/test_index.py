from __future__ import annotations

import json

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
])  # fmt: skip
def test_an_index_that_breaks_its_format_is_refused(changed):
    with pytest.raises(BadManifest):
        parse(canonical.write(value(**changed)))


def test_an_index_larger_than_any_is_refused_unread():
    with pytest.raises(BadManifest, match="1 MiB"):
        parse(b" " * (1024 * 1024 + 1))
