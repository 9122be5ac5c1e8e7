"""A courier from a mirror to a box with no line: any part, any order, cut anywhere, and nothing carried twice."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import zipfile
from dataclasses import replace

import pytest

from edubox.errors import BadInput, MissingFile, NoRoom, NotFound, OtherCountry
from edubox.pack.manifest import PIECE
from edubox.store.layout import bundle_path
from edubox.store.platform import Reserve
from edubox.sync.carried import courier_work
from edubox.sync.carried.carry import chosen
from edubox.sync.carried.courier import export, plan
from edubox.sync.carried.courier_shelf import Shelf
from edubox.sync.carried.courier_source import CourierSource, members
from edubox.sync.carried.courier_work import bring, bring_shelf, name_of
from edubox.sync.carried.wants import Want
from edubox.sync.fetching.sources import COURIER
from edubox.sync.opening import open_sources
from tests.sync.country import Box, Country, film, snapshot, text

#: Room for a few small lessons beside the signatures.
SMALL = 150_000


def carry(country, folder, *wants, part_size=500_000_000, **more):
    return export(
        country.mirror, chosen(country.mirror, wants), folder, name_of(wants), part_size=part_size, **more
    )


def bring_in(box, *parts):
    return bring(box.data, parts, box.settings, box.catalogue, box.progress, box.now)


def want(box, name="edubox-0a1b2c"):
    from edubox.sync.carried.wants import want_of

    return want_of(box.data, box.catalogue, name, box.settings | {"name": "École"}, box.now)


@pytest.fixture
def many(country):
    """Five lessons, one with a film."""
    for number in range(4):
        country.publish(f"l{number}", {"index.html": film(number, 40_000)})
    country.publish(
        "film", {"index.html": text(9, 3000), "film.mp4": film(9, 100_000)}, frozenset({"film.mp4"})
    )
    return country


def contents(box):
    return {one.slug: box.read(one.slug) for one in box.catalogue.installed()}


def test_a_box_with_no_line_ends_with_what_the_line_would_have_brought(tmp_path, many, box):
    parts = carry(many, tmp_path / "phone", part_size=220_000)
    assert [path.name for path in parts] == ["edubox-tl-all-1of2.zip", "edubox-tl-all-2of2.zip"]
    brought = bring_in(box, *parts)
    online = Box(tmp_path / "online", many)
    online.sync()
    assert contents(box) == contents(online)
    assert snapshot(box.data / "mirror") == snapshot(online.data / "mirror")
    assert (brought.lessons, brought.rest) == (5, False)
    assert bring_in(box, *parts).lessons == 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_parts_come_in_any_order_each_alone(tmp_path, country, box, order):
    for number in range(6):
        country.publish(f"l{number}", {"index.html": film(number, 40_000)})
    parts = carry(country, tmp_path / "phone", part_size=120_000)
    assert len(parts) == 3
    here = 0
    for number in order:
        brought = bring_in(box, parts[number])
        assert brought.lessons > 0
        here += brought.lessons
        assert len(box.lessons()) == here
    assert here == 6
    assert not brought.rest


def test_a_part_that_comes_alone_ends_with_word_of_the_others_and_not_of_a_failure(tmp_path, country, box):
    for number in range(6):
        country.publish(f"l{number}", {"index.html": film(number, 40_000)})
    parts = carry(country, tmp_path / "phone", part_size=120_000)
    assert bring_in(box, parts[0]).rest
    assert json.loads((box.data / "staging" / "status.json").read_bytes())["code"] == "in-other-parts"
    bring_in(box, *parts)
    assert not json.loads((box.data / "staging" / "status.json").read_bytes())["code"]


def test_a_large_film_goes_in_stretches_and_no_byte_of_it_is_taken_twice(tmp_path, country, box):
    movie = film(3, 6 * PIECE + 1000)
    country.publish("film", {"index.html": text(1, 2000), "film.mp4": movie}, frozenset({"film.mp4"}))
    parts = carry(country, tmp_path / "phone", part_size=3 * PIECE)
    stretches = [one.name.partition("@")[2] for part in parts for one in members(part) if "@" in one.name]
    assert len(parts) == 3
    assert [int(one) % PIECE for one in stretches] == [0, 0, 0]
    taken = []
    for part in (parts[2], parts[0], parts[2], parts[1]):
        source = Counting([part])
        with contextlib.suppress(MissingFile):
            box.sync(source)
        taken.append(source.media)
    assert box.read("film")["film.mp4"] == movie
    assert sum(taken) == len(movie)
    assert taken[2] == 0
    assert min(taken[0], taken[1], taken[3]) > 0


def test_stretches_come_together_from_parts_that_are_each_a_source(tmp_path, country, box):
    movie = film(3, 5 * PIECE + 1000)
    country.publish("film", {"index.html": text(1, 2000), "film.mp4": movie}, frozenset({"film.mp4"}))
    parts = carry(country, tmp_path / "phone", part_size=3 * PIECE)
    box.sync(*(CourierSource([part]) for part in reversed(parts)))
    assert box.read("film")["film.mp4"] == movie


def test_two_halves_of_a_film_that_wait_on_the_shelf_are_brought_in_together(tmp_path, country, box):
    movie = film(3, 4 * PIECE + 5000)
    country.publish("film", {"index.html": text(1, 2000), "film.mp4": movie}, frozenset({"film.mp4"}))
    shelf = Shelf(box.data, Reserve())
    for part in reversed(carry(country, tmp_path / "phone", part_size=3 * PIECE)):
        key, at = shelf.begin(part.name, part.stat().st_size, "")
        shelf.take(key, part.stat().st_size, at, part.read_bytes())
    assert len(shelf.waiting()) == 2
    bring_shelf(shelf, box.data, box.settings, box.catalogue, box.progress)
    assert [(one.code, one.lessons, one.rest) for one in shelf.results()] == [("", 1, False)]
    assert shelf.waiting() == []
    assert box.read("film")["film.mp4"] == movie


def test_parts_on_the_shelf_that_list_too_much_together_are_brought_in_one_after_the_other(
    tmp_path, country, box, monkeypatch
):
    for number in range(3):
        country.publish(
            f"l{number}", {"index.html": text(number, 20_000), "more.html": text(10 + number, 20_000)}
        )
    (whole,) = carry(country, tmp_path / "phone")
    parts = carry(country, tmp_path / "phone", part_size=whole.stat().st_size - 1000)
    assert len(parts) > 1
    most = max(len(members(part)) for part in parts)
    for module in ("courier_source", "courier_work"):
        monkeypatch.setattr(f"edubox.sync.carried.{module}.MAX_ENTRIES", most)
    shelf = Shelf(box.data, Reserve())
    for part in parts:
        key, at = shelf.begin(part.name, part.stat().st_size, "")
        shelf.take(key, part.stat().st_size, at, part.read_bytes())
    bring_shelf(shelf, box.data, box.settings, box.catalogue, box.progress)
    assert shelf.waiting() == []
    assert len(box.lessons()) == 3


def test_what_brings_the_import_down_is_not_tried_for_ever(tmp_path, many, box, monkeypatch):
    def fall(*_):
        raise RuntimeError

    (part,) = carry(many, tmp_path / "phone")
    shelf = Shelf(box.data, Reserve())
    key, at = shelf.begin("a", part.stat().st_size, "")
    shelf.take(key, part.stat().st_size, at, part.read_bytes())
    monkeypatch.setattr(courier_work, "bring", fall)
    with pytest.raises(RuntimeError):
        bring_shelf(shelf, box.data, box.settings, box.catalogue, box.progress)
    assert shelf.waiting() == []


def test_the_next_synchronisation_removes_what_nobody_came_back_for(many, box):
    shelf = Shelf(box.data, Reserve())
    shelf.begin("old", 10, "")
    shelf.begin("new", 10, "")
    old, new = sorted((box.data / "courier" / "in").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    os.utime(old, (1, 1))
    box.sync()
    assert list((box.data / "courier" / "in").iterdir()) == [new]


class Counting(CourierSource):
    """Counts the bytes of large files that are taken out of it."""

    media = 0

    def stream(self, path, begin, end, size):
        for block in super().stream(path, begin, end, size):
            self.media += len(block) if path.startswith("objects/") else 0
            yield block


def test_whoever_has_the_list_carries_only_what_is_missing(tmp_path, many, box):
    everything = carry(many, tmp_path / "all")
    bring_in(box, *everything)
    many.publish("l0", {"index.html": film(0, 40_000) + b"!"}, base="l0")
    delta = next(bundle for bundle in many.versions["ministry/test/l0"][-1].bundles if bundle.base)
    (part,) = carry(many, tmp_path / "some", want(box))
    assert part.name == "edubox-tl-edubox-0a1b2c-1of1.zip"
    payload = [one.name for one in members(part) if one.name.startswith(("bundles/", "objects/"))]
    assert payload == [bundle_path(delta.sha256)]
    assert bring_in(box, part).lessons == 1
    assert box.lessons()["ministry/test/l0"] == 2


def test_the_same_mirror_makes_the_same_bytes_and_a_finished_part_is_kept(tmp_path, many):
    one = carry(many, tmp_path / "one", part_size=SMALL)
    other = carry(many, tmp_path / "two" / "deep", part_size=SMALL)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
    before = [path.stat().st_ino for path in one]
    carry(many, tmp_path / "one", part_size=SMALL)
    assert [path.stat().st_ino for path in one] == before


def test_a_cut_export_keeps_the_parts_that_were_finished(tmp_path, many):
    class Cut(Exception):
        pass

    def cut(what, done, total):
        if "-2of" in what:
            raise Cut

    with pytest.raises(Cut):
        carry(many, tmp_path / "phone", part_size=SMALL, progress=cut)
    (finished,) = (tmp_path / "phone").iterdir()
    before = finished.stat().st_ino
    parts = carry(many, tmp_path / "phone", part_size=SMALL)
    assert parts[0].stat().st_ino == before
    assert sorted((tmp_path / "phone").iterdir()) == sorted(parts)


def test_what_a_killed_export_left_and_older_parts_leave(tmp_path, many):
    folder = tmp_path / "phone"
    carry(many, folder, part_size=SMALL)
    (folder / ".edubox-tl-all-9of9.zip.7.new").write_bytes(b"half")
    (folder / "edubox-tl-all-photos.zip").write_bytes(b"mine")
    (part,) = carry(many, folder)
    assert sorted(path.name for path in folder.iterdir()) == [part.name, "edubox-tl-all-photos.zip"]


def test_a_renewed_country_makes_the_part_new(tmp_path, many):
    (part,) = carry(many, tmp_path / "phone")
    before = part.read_bytes()
    many.now = many.now.replace(month=12)
    many.renew()
    carry(many, tmp_path / "phone")
    assert part.read_bytes() != before


def test_a_timestamp_that_was_signed_again_makes_the_part_new(tmp_path, many):
    items = chosen(many.mirror, [])
    (part,) = export(many.mirror, items, tmp_path, "all")
    before = part.read_bytes()
    again = [replace(one, data=one.data and one.data.swapcase()) for one in items]
    assert export(many.mirror, again, tmp_path, "all") == [part]
    assert part.read_bytes() != before
    assert part.stat().st_size == len(before)


def test_parts_stay_below_their_size_and_too_small_ones_are_refused(tmp_path, many):
    for size in (SMALL, SMALL + 1, 2 * SMALL):
        for part in carry(many, tmp_path / str(size), part_size=size):
            assert part.stat().st_size <= size
    with pytest.raises(BadInput, match="too small"):
        carry(many, tmp_path / "x", part_size=50_000)


def test_a_full_stick_is_said_before_anything_is_written(tmp_path, many):
    with pytest.raises(NoRoom):
        carry(many, tmp_path / "phone", reserve=Reserve(1 << 60))
    assert list((tmp_path / "phone").iterdir()) == []


def test_another_country_s_courier_is_refused_with_a_sentence(tmp_path, many, box):
    other = Country(tmp_path / "other")
    other.publish("x", {"index.html": text(1, 500)})
    (part,) = carry(other, tmp_path / "phone")
    with pytest.raises(OtherCountry, match="another country"):
        bring_in(box, part)
    assert box.lessons() == {}


def test_a_zip_that_is_no_courier_is_refused(tmp_path, box):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("photo.jpg", b"x")
    with pytest.raises(NotFound, match="courier"):
        bring_in(box, tmp_path / "photos.zip")


def test_a_box_with_newer_news_still_takes_lessons_from_an_older_courier(tmp_path, many, box):
    (old,) = carry(many, tmp_path / "old")
    many.publish("new", {"index.html": text(5, 900)})
    (new,) = carry(
        many,
        tmp_path / "new",
        Want(
            "b",
            "b",
            "2026-11-24",
            ("ministry/test",),
            frozenset(
                index.manifest
                for versions in many.versions.values()
                for index in versions
                if "Leçon l" in index.name or "film" in index.name
            ),
        ),
    )
    assert bring_in(box, new).rest
    brought = bring_in(box, old)
    assert brought.lessons >= 5
    assert len(box.lessons()) == 6


def test_a_box_makes_a_courier_of_what_it_has(tmp_path, many, box):
    box.sync()
    shutil.rmtree(box.data / "mirror" / "bundles", ignore_errors=True)
    parts = export(box.data / "mirror", chosen(box.data / "mirror", []), tmp_path / "phone", "all")
    other = Box(tmp_path / "other", many)
    bring_in(other, *parts)
    assert contents(other) == contents(box)


def test_a_zip_is_a_source_wherever_a_source_is_named(tmp_path, many, box):
    (part,) = carry(many, tmp_path / "phone")
    (source,) = open_sources(str(part))
    assert source.kind == COURIER
    box.sync(source)
    assert len(box.lessons()) == 5


def test_a_file_that_two_lessons_share_is_carried_once(tmp_path, country, box):
    shared = text(9, 5000)
    country.publish("a", {"index.html": text(7, 4000), "more.html": shared})
    country.publish("b", {"index.html": text(8, 4000), "more.html": shared})
    box.sync()
    shutil.rmtree(box.data / "mirror" / "bundles", ignore_errors=True)
    mirror = box.data / "mirror"
    parts = export(mirror, chosen(mirror, []), tmp_path / "out", "all")
    names = [one.name for part in parts for one in members(part)]
    assert len(names) == len(set(names))


def test_the_plan_is_pure_and_carries_signatures_in_each_part(many):
    items = chosen(many.mirror, [])
    parts = plan(items, SMALL)
    heads = [
        [one.path for one in part if one.path.startswith(("directory/", "publishers/"))] for part in parts
    ]
    assert len(parts) > 2
    assert heads[0]
    assert all(head == heads[0] for head in heads)
    carried = [one.name for part in parts for one in part if one.path.startswith(("bundles/", "objects/"))]
    assert len(carried) == len(set(carried)) == sum(item.kind != "metadata" for item in items)
