"""A card that lost a bit: the scrub takes the file away, and a synchronisation from anywhere brings it back everywhere."""

from __future__ import annotations

import gzip
import itertools
import os
import shutil

import pytest

from edubox.errors import Unreachable
from edubox.store.layout import bundle_path, object_path
from edubox.store.platform import Reserve
from edubox.store.scrub import scrub, walk
from edubox.store.scrub_record import read_record
from edubox.sync.fetching.sources import NEIGHBOUR, STICK, FolderSource
from edubox.sync.local import Local
from tests.store.test_scrub import flip
from tests.sync.country import Box, film, text
from tests.sync.hub import hub

LESSON = {"index.html": text(1, 30_000), "style/a.css": text(2, 4000), "film.mp4": film(1, 300_000)}
FILMS = frozenset(["film.mp4"])


def read_card(box):
    """One whole round."""
    time = itertools.count(1_000_000)
    contents = Local(box.data, [], Reserve()).contents
    return scrub(box.data, contents, lambda: next(time), lambda: next(time))


def twins(box, slug="lune"):
    return {
        path.relative_to(box.tree(slug)).as_posix().removesuffix(".gz"): gzip.decompress(path.read_bytes())
        for path in box.tree(slug).rglob("*.gz")
    }


def hashes(country, slug="lune"):
    manifest = country.contents[slug][0]
    return {file.path: file.sha256 for file in manifest.files} | {"manifest": manifest.id}


def all_right(box):
    return box.read("lune") == LESSON and twins(box) == {
        name: LESSON[name] for name in ("index.html", "style/a.css")
    }


@pytest.fixture
def installed(country, box):
    country.publish("lune", LESSON, FILMS)
    country.publish("soleil", {"index.html": text(1, 30_000), "b.html": text(3, 5000)})
    box.sync()
    assert all_right(box)
    return box


@pytest.fixture(params=["hub", "stick", "neighbour"])
def source(request, country, installed, tmp_path):
    """Where the box is repaired from; each is all there is."""
    if request.param == "hub":
        with hub(country) as address:
            yield address
    elif request.param == "stick":
        shutil.copytree(country.mirror, tmp_path / "stick" / "edubox")
        yield FolderSource(tmp_path / "stick" / "edubox", STICK)
    else:
        other = Box(tmp_path / "other", country)
        other.sync()
        yield FolderSource(other.data / "mirror", NEIGHBOUR)


@pytest.mark.parametrize("what", ["index.html", "style/a.css", "film.mp4", "manifest"])
def test_a_flipped_byte_is_repaired_from_any_source(country, installed, source, what):
    box = installed
    path = box.data / "mirror" / object_path(hashes(country)[what])
    kept = list((box.data / "mirror" / "bundles").rglob("*"))
    for one in kept:
        if one.is_file():
            one.unlink()  # so that the source must give it
    flip(path)
    assert [one.path for one in read_card(box).damaged] == [f"mirror/{object_path(hashes(country)[what])}"]
    assert not path.exists()
    served = box.read("lune")
    assert all(LESSON[name] == data for name, data in served.items()), "nothing wrong is served meanwhile"
    box.sync(source)
    assert all_right(box)
    assert box.read("soleil") == {"index.html": text(1, 30_000), "b.html": text(3, 5000)}
    tree = box.tree("lune")
    for name, sha256 in hashes(country).items():
        if name != "manifest":
            assert os.path.samefile(tree / name, box.data / "mirror" / object_path(sha256)), "linked again"
    assert read_record(box.data).missing(box.data) == []
    assert read_card(box).damaged == []


@pytest.mark.parametrize("what", ["index.html", "style/a.css", "manifest"])
def test_text_is_repaired_from_the_boxs_own_kept_bundle_when_nobody_answers(country, installed, what):
    flip(installed.data / "mirror" / object_path(hashes(country)[what]))
    read_card(installed)
    with pytest.raises(Unreachable):
        installed.sync("http://127.0.0.1:9/")
    assert all_right(installed)
    assert installed.read("soleil") == {"index.html": text(1, 30_000), "b.html": text(3, 5000)}
    assert read_card(installed).damaged == []


def test_a_kept_bundle_that_lost_a_bit_is_taken_away_and_harms_nothing(country, installed):
    (bundle,) = country.versions["ministry/test/lune"][0].bundles
    flip(installed.data / "mirror" / bundle_path(bundle.sha256))
    assert [one.path for one in read_card(installed).damaged] == [f"mirror/{bundle_path(bundle.sha256)}"]
    installed.sync()
    assert all_right(installed)


def test_any_file_of_a_box_may_lose_a_bit_and_comes_back(country, installed):
    """One after the other, over the whole card."""
    local = Local(installed.data, [], Reserve())
    stored = list(walk(installed.data, "", local.contents))
    assert len(stored) > 10
    for one in stored:
        path = installed.data / one.path
        before = path.read_bytes()
        flip(path)
        damaged = [found.path for found in read_card(installed).damaged]
        if one.packed and not damaged:
            assert gzip.decompress(path.read_bytes()) == gzip.decompress(before)
            continue
        assert damaged == [one.path]
        installed.sync()
        assert all_right(installed)
        assert "bundles" in one.path or path.read_bytes() == before


def test_copied_trees_are_repaired_too(country, box, small_disk):
    (box.data / "site").symlink_to(small_disk(size="30m"))
    country.publish("lune", LESSON, FILMS)
    box.sync()
    for name in LESSON:
        flip(box.tree("lune") / name)
        assert [one.path for one in read_card(box).damaged] == [f"site/{box.tree('lune').name}/{name}"]
        assert name not in box.read("lune")
        box.sync()
        assert all_right(box)


def metadata(box):
    return sorted(
        path for top in ("directory", "publishers") for path in (box.data / "mirror" / top).rglob("*.json")
    )


def test_a_flipped_byte_in_signed_metadata_stops_nothing_and_is_repaired(country, installed):
    """Every file of the directory and of the publisher in turn, roots among them."""
    for path in metadata(installed):
        before = path.read_bytes()
        for at in (5, len(before) // 2, -30):
            flip(path, at)
            installed.sync()
            assert path.read_bytes() == before, path


def test_a_flipped_byte_in_signed_metadata_keeps_no_new_version_away(country, installed):
    for number in range(len(metadata(installed))):
        path = metadata(installed)[number]
        before = path.read_bytes()
        flip(path, len(before) // 2)
        country.publish("lune", LESSON | {"n.html": text(100 + number, 2000)}, FILMS)
        installed.sync()
        assert installed.lessons()["ministry/test/lune"] == 2 + number, path
        path.write_bytes(before)
