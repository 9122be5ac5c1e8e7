"""The list of what was erased: one spelling, bounded, hostile until read."""

from __future__ import annotations

import json

import pytest

from edubox.errors import BadInput, BadManifest, UnknownFormat
from edubox.pack.erasure import MAX_ERASURE, MAX_HASHES, Erasure, derived_bundles, parse
from edubox.pack.index import Bundle, Index

A, B, C = "a" * 64, "b" * 64, "c" * 64


def spelled(**change):
    value = {"format": 1, "manifests": [A], "objects": [B, C]} | change
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def test_a_list_comes_back_as_it_was_and_two_lists_make_one():
    one = Erasure(frozenset({A}), frozenset({C, B}))
    assert one.to_bytes() == spelled()
    assert parse(spelled()) == one
    assert one | Erasure(frozenset({B})) == Erasure(frozenset({A, B}), frozenset({B, C}))
    assert not Erasure()


def test_a_version_goes_by_its_own_name_or_by_a_file_in_it():
    erased = Erasure(frozenset({A}), frozenset({C}))
    assert erased.covers(A, [])
    assert erased.covers(B, [A, C])
    assert not erased.covers(C, [A, B])


@pytest.mark.parametrize("data", [
    b"", b"null", b"[" * 100_000, spelled() + b"\n", spelled(manifests="a"), spelled(manifests=[1]), spelled(objects=[C, B]),
    spelled(objects=[B, B]), spelled(objects=["B" * 64]), spelled(objects=["../../x"]), spelled(more=1),
    spelled(objects=None), b'{"format":1,"manifests":[]}', b" " * (MAX_ERASURE + 1),
])  # fmt: skip
def test_a_list_that_breaks_a_rule_is_refused(data):
    with pytest.raises(BadManifest):
        parse(data)


def test_a_list_of_the_future_asks_for_an_update():
    with pytest.raises(UnknownFormat):
        parse(spelled(format=2))


def test_a_full_list_is_read_and_a_fuller_one_is_neither_written_nor_read():
    names = [f"{number:064x}" for number in range(MAX_HASHES + 1)]
    full = Erasure(frozenset(names[:-1])).to_bytes()
    assert len(full) < MAX_ERASURE
    assert len(parse(full).manifests) == MAX_HASHES
    with pytest.raises(BadInput):
        Erasure(frozenset(names)).to_bytes()
    with pytest.raises(BadManifest):
        parse(spelled(manifests=names, objects=[]))


def test_bundles_that_carry_an_erased_version_or_begin_at_one_go_with_it():
    def index(manifest, *bundles):
        return Index("x", "fr", 1, "2026-12-01T08:00Z", manifest=manifest, bundles=bundles)

    old = index(A, Bundle("1" * 64, 1, 1, 1))
    new = index(B, Bundle("2" * 64, 1, 1, 1), Bundle("3" * 64, 1, 1, 1, base=A))
    assert derived_bundles([old, new], {A}) == {"1" * 64, "3" * 64}
    assert derived_bundles([old, new], {B}) == {"2" * 64, "3" * 64}
