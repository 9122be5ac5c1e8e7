"""What is chosen to be carried, and in which order."""

from __future__ import annotations

import hashlib

import pytest

from edubox.errors import MissingFile, NotTrusted
from edubox.pack.erasure import ERASE_LIST, Erasure
from edubox.store.layout import bundle_path, object_path
from edubox.sync.carried import carry
from edubox.sync.carried.carry import MEDIA, METADATA, TEXT, chosen, publishers_in
from edubox.sync.carried.wants import Want
from tests.sync.country import PUBLISHER, film, snapshot, text

MEDIA_FILES = frozenset(["film.mp4"])
FILES = {"index.html": text(1, 20_000), "film.mp4": film(1, 300_000)}


def want(have=(), media=(), follow=(PUBLISHER,), box="edubox-b"):
    return Want(box, "École", "2026-11-24", tuple(follow), frozenset(have), frozenset(media))


def film_of(files):
    return hashlib.sha256(files["film.mp4"]).hexdigest()


def paths(items, kind):
    return [item.path for item in items if item.kind == kind]


def test_a_fresh_box_needs_all_signatures_then_texts_then_films_small_before_large(country):
    large = country.publish("lune", FILES, MEDIA_FILES)
    small = country.publish("mer", {"index.html": text(2, 3000), "film.mp4": film(2, 260_000)}, MEDIA_FILES)
    country.publish("gone", {"index.html": text(3, 100)})
    country.withdraw("gone")
    items = chosen(country.mirror, [])
    assert [item.kind for item in items] == sorted(
        (item.kind for item in items), key=[METADATA, TEXT, MEDIA].index
    )
    assert paths(items, TEXT) == [bundle_path(small.full.sha256), bundle_path(large.full.sha256)]
    assert [item.size for item in items if item.kind == MEDIA] == [260_000, 300_000]
    for prefix in ("directory", f"publishers/{PUBLISHER}"):
        mine = [item for item in items if item.group == prefix]
        assert mine[-1].path == f"{prefix}/metadata/timestamp.json"
        assert mine[-1].data == (country.mirror / mine[-1].path).read_bytes()
        assert mine[-2].path.endswith(".snapshot.json")
    assert all((country.mirror / item.path).stat().st_size == item.size for item in items)


def test_the_signatures_that_are_carried_are_all_that_a_box_keeps_and_no_older_ones(country, box):
    for size in (3000, 4000):
        country.publish("lune", {"index.html": text(1, size)})
    carried = set(paths(chosen(country.mirror, []), METADATA))
    box.sync()
    kept = {path for path in snapshot(box.data / "mirror") if path.startswith(("directory/", "publishers/"))}
    assert kept <= carried
    assert len([path for path in carried if path.endswith(".snapshot.json")]) == 2


def test_a_box_gets_the_cheapest_bundle_for_what_it_has_and_only_the_film_that_it_lacks(country):
    old = country.publish("lune", FILES, MEDIA_FILES)
    new = country.publish("lune", FILES | {"index.html": text(1, 19_000)}, MEDIA_FILES, base="lune")
    delta = next(bundle for bundle in new.bundles if bundle.base)
    items = chosen(country.mirror, [want([old.manifest], [film_of(FILES)])])
    assert paths(items, TEXT) == [bundle_path(delta.sha256)]
    assert paths(items, MEDIA) == []
    items = chosen(country.mirror, [want([new.manifest])])
    assert (paths(items, TEXT), paths(items, MEDIA)) == ([], [object_path(film_of(FILES))])


def test_several_boxes_share_what_serves_them_all(country):
    old = country.publish("lune", FILES, MEDIA_FILES)
    new = country.publish("lune", FILES | {"index.html": text(1, 19_000)}, MEDIA_FILES, base="lune")
    wants = [want([old.manifest], box="edubox-a"), want(box="edubox-b"), want([new.manifest], box="edubox-c")]
    items = chosen(country.mirror, wants)
    assert paths(items, TEXT) == [bundle_path(new.full.sha256)]
    assert paths(items, MEDIA) == [object_path(film_of(FILES))]


def test_who_follows_somebody_else_gets_signatures_and_no_lesson(country):
    country.publish("lune", FILES, MEDIA_FILES)
    assert {item.kind for item in chosen(country.mirror, [want(follow=["ministry/else"])])} == {METADATA}


def test_without_bundles_the_text_goes_by_objects_or_not_at_all(country, box):
    index = country.publish("lune", FILES, MEDIA_FILES)
    box.sync()
    mirror = box.data / "mirror"
    for path in list((mirror / "bundles").rglob("*")):
        if path.is_file():
            path.unlink()
    items = chosen(mirror, [want()])
    page = hashlib.sha256(FILES["index.html"]).hexdigest()
    assert set(paths(items, TEXT)) == {object_path(index.manifest), object_path(page)}
    assert {item.group for item in items if item.kind == TEXT} == {f"{PUBLISHER}/lune"}
    (mirror / object_path(page)).unlink()
    assert paths(chosen(mirror, [want()]), TEXT) == []


def test_a_damaged_index_or_publisher_does_not_stop_the_others(country):
    country.publish("lune", FILES, MEDIA_FILES)
    country.publish("mer", {"index.html": text(2, 3000)})
    country.add_publisher("ministry/other")
    (country.mirror / "publishers/ministry/other/metadata/timestamp.json").write_bytes(b"{")
    index = next((country.mirror / "publishers" / PUBLISHER / "targets").glob("*.mer.json"))
    index.write_bytes(index.read_bytes()[:-1])
    items = chosen(country.mirror, [])
    assert {item.group for item in items if item.kind == TEXT} == {f"{PUBLISHER}/lune"}
    assert not [item for item in items if item.group == "publishers/ministry/other"]


@pytest.mark.parametrize(("data", "error"), [(None, MissingFile), (b"{}", NotTrusted), (b"[[[", NotTrusted)])
def test_without_a_whole_directory_there_is_nothing_to_carry(country, data, error):
    path = country.mirror / "directory/metadata/timestamp.json"
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(error):
        chosen(country.mirror, [])


def test_of_a_large_country_those_who_are_followed_come_first_and_no_other_record_goes(country, monkeypatch):
    monkeypatch.setattr(carry, "MOST_PUBLISHERS", 1)
    country.add_publisher("ministry/zoo")
    country.publish("lune", FILES, MEDIA_FILES)
    wants = [want(follow=["ministry/zoo"])]
    assert publishers_in(country.mirror, wants) == ["ministry/zoo"]
    carried = paths(chosen(country.mirror, wants), METADATA)
    assert [path for path in carried if path.endswith(".zoo.json")]
    assert not [path for path in carried if path.endswith(".test.json")]


def test_a_folder_with_a_strange_name_hides_no_publisher_behind_it(country):
    country.publish("lune", FILES, MEDIA_FILES)
    for strange in ("$RECYCLE.BIN", "..", "nul", "à part"):
        (country.mirror / "publishers" / strange).mkdir(exist_ok=True)
        (country.mirror / "publishers/ministry" / strange).mkdir(exist_ok=True)
    assert publishers_in(country.mirror) == [PUBLISHER]


def test_who_brings_nobodys_list_gets_the_countrys_collections_before_schools(country, monkeypatch):
    monkeypatch.setattr(carry, "MOST_PUBLISHERS", 1)
    country.add_publisher("ac-nord/ecole", kind="school")
    assert publishers_in(country.mirror) == [PUBLISHER]
    assert publishers_in(country.mirror, [want(follow=["ac-nord/ecole"])]) == ["ac-nord/ecole"]


def test_what_a_followed_publisher_of_a_large_country_erased_is_known_though_others_come_before_it(
    country, monkeypatch
):
    monkeypatch.setattr(carry, "MOST_PUBLISHERS", 1)
    country.add_publisher("ac-nord/ecole", kind="school")
    gone = country.publish("lune", FILES, MEDIA_FILES).manifest
    country.sign(ERASE_LIST, Erasure(frozenset([gone])).to_bytes())
    items = chosen(country.mirror, [want(follow=[PUBLISHER])])
    assert carry.erased_in(country.mirror, items) == {gone}


def test_a_lesson_for_teachers_only_is_never_looked_at(country):
    country.publish("lune", FILES, MEDIA_FILES)
    (country.mirror / "staff" / "bundles").mkdir(parents=True)
    (country.mirror / "staff" / "bundles" / "x").write_bytes(b"x")
    assert not [item for item in chosen(country.mirror, []) if item.path.startswith("staff")]
