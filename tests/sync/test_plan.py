from __future__ import annotations

import pytest

from edubox.errors import NotTrusted, Rollback
from edubox.pack.index import Bundle, Index
from edubox.sync.catalogue import Installed
from edubox.sync.plan import decide, in_order

A, B, C = "a" * 64, "b" * 64, "c" * 64


def bundle(size, base=None):
    return Bundle("f" * 64, size, size, 1, base)


FULL = bundle(1000)


def index(version=2, manifest=B, bundles=(FULL,), **more):
    return Index("Lune", "fr", version, "2026-11-24T08:00Z", manifest, 10, 10, tuple(bundles), **more)


def step(found, installed=None, *, held=(), intact=True):
    return decide(
        "ministry/x", "lune", found, installed, intact=intact, held=lambda manifest: manifest in held
    )


def installed(version=1, manifest=A, state="ready"):
    return Installed("ministry/x", "lune", version, manifest, state)


def test_what_is_here_and_whole_costs_nothing():
    assert step(index(), installed(2, B)).plan == "nothing"


def test_a_new_lesson_comes_whole():
    found = step(index(bundles=[bundle(1000), bundle(10, A)]))
    assert (found.plan, found.cost) == ("full", 1000)


def test_the_smallest_bundle_that_can_be_applied_is_first_and_the_full_one_a_way_out():
    found = step(index(bundles=[bundle(1000), bundle(50, A), bundle(10, C)]), installed(), held=[A])
    assert (found.plan, [way.size for way in found.ways]) == ("delta", [50, 1000])
    found = step(index(bundles=[bundle(1000), bundle(50, A), bundle(10, C)]), installed(), held=[A, C])
    assert [way.size for way in found.ways] == [10, 50, 1000]


def test_a_delta_that_is_not_smaller_is_no_first_choice():
    assert step(index(bundles=[bundle(1000, A), bundle(1000)]), installed(), held=[A]).plan == "full"


def test_a_lesson_that_another_publisher_gave_already_costs_nothing():
    found = step(index(), None, held=[B])
    assert (found.plan, found.cost) == ("same", 0)


def test_a_damaged_lesson_is_repaired_from_its_objects_or_fetched_again():
    assert step(index(), installed(2, B), held=[B], intact=False).plan == "same"
    assert step(index(), installed(2, B), intact=False).plan == "full"


def test_a_withdrawn_lesson_leaves_once():
    gone = Index("Lune", "fr", 3, "2026-11-24T08:00Z", withdrawn=True)
    assert step(gone, installed()).plan == "withdrawn"
    assert step(gone).plan == "nothing"


def test_an_older_version_is_refused():
    with pytest.raises(Rollback):
        step(index(1), installed(2))


def test_another_content_under_the_same_version_is_refused():
    with pytest.raises(NotTrusted, match="two different"):
        step(index(2, C), installed(2, B))


def test_free_steps_come_first_then_small_ones():
    large = decide("m/x", "l", index(bundles=[bundle(900)]), None, intact=False, held=lambda _: False)
    small = decide("m/x", "s", index(bundles=[bundle(9)]), None, intact=False, held=lambda _: False)
    free = decide("m/x", "z", index(), None, intact=False, held=lambda _: True)
    assert in_order([large, small, free]) == [free, small, large]
