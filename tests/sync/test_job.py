from __future__ import annotations

import dataclasses
import gzip
import os
import threading

import pytest

from edubox.errors import (
    Busy,
    EduboxError,
    MissingFile,
    Unreachable,
    UnreadableSource,
)
from edubox.store import lock
from edubox.store.layout import bundle_path, object_path
from edubox.sync import job
from tests.sync.country import PUBLISHER, Box, canonical, film, older_copy, snapshot, text
from tests.sync.hub import Wire, files, hub

LUNE = f"{PUBLISHER}/lune"
V1 = {
    "index.html": text(1, 30_000),
    "b/page.html": text(2, 20_000),
    "é.txt": b"",
    "film.mp4": film(3, 400_000),
}
V2 = V1 | {"index.html": text(1, 30_000) + b"<p>Et encore.</p>", "c.html": text(4, 3000)}
MEDIA = frozenset(["film.mp4"])


def plans(report):
    return {one["pack"].rpartition("/")[2]: one["plan"] for one in report.packs}


# --- the way of a lesson -----------------------------------------------------------------------------------


def test_a_class_gets_the_lesson_then_its_correction_for_a_few_bytes(country, box):
    country.publish("lune", V1, MEDIA)
    first = box.sync()
    (entry,) = first.packs
    assert entry | {"bytes": 0} == {"pack": LUNE, "version": 1, "plan": "full", "state": "ready", "bytes": 0}
    assert entry["bytes"] > 400_000
    assert first.bytes > entry["bytes"]
    assert box.read("lune") == V1
    country.publish("lune", V2, MEDIA, base="lune")
    (entry,) = box.sync().packs
    assert (entry["version"], entry["plan"], entry["state"]) == (2, "delta", "ready")
    assert entry["bytes"] < 2500
    assert box.read("lune") == V2
    assert gzip.decompress((box.tree("lune") / "index.html.gz").read_bytes()) == V2["index.html"]


def test_names_in_any_script_and_empty_files_arrive(country, box):
    names = ["درس/الأول.html", "😀.html", "é" * 125 + ".txt", "a b & c%20?.html".replace("?", ""), "empty"]
    contents = {name: text(number, 2000) for number, name in enumerate(names)} | {"empty": b""}
    country.publish("lune", contents)
    with hub(country) as url:
        box.sync(url)
    assert box.read("lune") == contents


def test_a_folder_and_a_hub_give_identical_boxes(country, box, tmp_path):
    other = Box(tmp_path / "other", country)
    with hub(country) as url:
        for contents, base in ((V1, None), (V2, "lune")):
            country.publish("lune", contents, MEDIA, base=base)
            from_folder, from_hub = box.sync(), other.sync(url)
            assert from_folder.packs == from_hub.packs
            assert from_folder.bytes == from_hub.bytes
    assert snapshot(box.data) == snapshot(other.data)


def test_nothing_new_costs_two_requests_a_repository_on_one_connection(country, box):
    country.publish("lune", V1, MEDIA)
    with Wire(files(country.mirror)) as wire:
        box.sync(wire.url)
        before = wire.connections, wire.requests, snapshot(box.data)
        report = box.sync(wire.url)
        assert (wire.connections, wire.requests) == (before[0] + 1, before[1] + 4)
    assert (report.requests, plans(report)) == (4, {"lune": "nothing"})
    assert report.bytes <= 1000
    assert snapshot(box.data) == before[2]


def test_a_lesson_of_two_publishers_is_fetched_once(country, box):
    country.publish("lune", V1, MEDIA)
    box.sync()
    country.add_publisher("ministry/other")
    country.publish("luna", V1, MEDIA, author="ministry/other", version=7)
    country.contents["luna"] = country.contents["lune"]
    index = dataclasses.replace(country.versions[LUNE][0], version=7)
    country.sign("luna.json", index.to_bytes(), "ministry/other")
    box.settings["follow"] = [PUBLISHER, "ministry/other"]
    report = box.sync()
    assert plans(report) == {"lune": "nothing", "luna": "same"}
    assert next(one for one in report.packs if one["plan"] == "same")["bytes"] == 0
    assert box.tree("luna", "ministry/other") == box.tree("lune")


def test_the_same_lesson_signed_again_with_a_new_version_costs_nothing(country, box):
    index = country.publish("lune", V1, MEDIA)
    box.sync()
    country.sign("lune.json", dataclasses.replace(index, version=2).to_bytes())
    assert plans(box.sync()) == {"lune": "same"}
    assert box.lessons() == {LUNE: 2}


def test_a_withdrawn_lesson_leaves_at_once_and_its_files_after_the_night(country, box):
    country.publish("lune", V1, MEDIA)
    country.publish("soleil", {"index.html": text(9, 4000)})
    box.sync()
    tree = box.tree("lune")
    country.withdraw("lune")
    assert plans(box.sync()) == {"lune": "withdrawn", "soleil": "nothing"}
    assert list(box.lessons()) == [f"{PUBLISHER}/soleil"]
    assert tree.is_dir(), "a class may be reading it"
    assert plans(box.sync()) == {"soleil": "nothing"}
    box.pass_time(hours=13)
    box.sync()
    assert not tree.exists()
    kept = {path.name for path in (box.data / "mirror" / "objects").rglob("*") if path.is_file()}
    manifest, _ = country.contents["soleil"]
    assert kept == {manifest.id, manifest.files[0].sha256}
    country.publish("lune", V1, MEDIA)
    box.sync()
    assert box.read("lune") == V1


def test_a_replaced_version_leaves_after_the_night_and_shared_files_stay(country, box):
    country.publish("lune", V1, MEDIA)
    box.sync()
    old = box.tree("lune")
    country.publish("lune", V2, MEDIA, base="lune")
    box.sync()
    assert (old / "index.html").read_bytes() == V1["index.html"]
    box.pass_time(hours=13)
    box.sync()
    assert not old.exists()
    assert box.read("lune") == V2
    manifest = country.contents["lune"][0]
    kept = {path.name for path in (box.data / "mirror" / "objects").rglob("*") if path.is_file()}
    assert kept == {manifest.id, *(file.sha256 for file in manifest.files)}
    assert not any((box.data / "staging" / "fetch").iterdir())


def test_pupils_read_the_text_while_the_film_is_not_there_yet(country, box):
    country.publish("lune", V1, MEDIA)
    sha256 = country.contents["lune"][0].file("film.mp4").sha256
    aside = country.mirror / "aside"
    (country.mirror / object_path(sha256)).rename(aside)
    with pytest.raises(MissingFile):
        box.sync()
    assert box.state("lune") == "waiting"
    assert box.read("lune") == {path: data for path, data in V1.items() if path != "film.mp4"}
    aside.rename(country.mirror / object_path(sha256))
    (entry,) = box.sync().packs
    assert (entry["plan"], entry["state"], entry["bytes"]) == ("nothing", "ready", 400_000)
    assert box.read("lune") == V1


def test_a_cut_after_the_last_film_does_not_leave_the_lesson_waiting_for_ever(country, box):
    country.publish("lune", V1, MEDIA)
    box.sync()
    known = box.catalogue._read()
    known["lessons"][LUNE]["state"] = "waiting"
    box.catalogue._write(known)
    assert box.sync().packs[0]["state"] == "ready"


def test_small_lessons_come_before_large_ones_and_all_texts_before_films(country, box):
    country.publish("a-large", {"index.html": film(1, 90_000), "film.mp4": film(2, 300_000)}, MEDIA)
    country.publish("b-small", {"index.html": text(2, 2000), "film.mp4": film(3, 300)}, MEDIA)
    asked = []

    def note(environ, start_response):
        asked.append(environ["PATH_INFO"].rpartition("/")[2])
        return files(country.mirror)(environ, start_response)

    with Wire(note) as wire:
        box.sync(wire.url)
    manifests = [country.contents[slug][0] for slug in ("b-small", "a-large")]
    bundles = [
        country.versions[f"{PUBLISHER}/{slug}"][0].bundles[0].sha256 for slug in ("b-small", "a-large")
    ]
    assert asked[-4:] == [*bundles, *(manifest.file("film.mp4").sha256 for manifest in manifests)]


# --- what is not there or damaged --------------------------------------------------------------------------


def test_a_delta_alone_is_enough_when_the_full_bundle_is_missing(country, box, tmp_path):
    country.publish("lune", V1)
    box.sync()
    index = country.publish("lune", V2, base="lune")
    (country.mirror / bundle_path(index.full.sha256)).unlink()
    assert plans(box.sync()) == {"lune": "delta"}
    fresh = Box(tmp_path / "fresh", country)
    with pytest.raises(MissingFile):
        fresh.sync()
    assert fresh.lessons() == {}


@pytest.mark.parametrize("damage", ["other bytes", "gone", "shorter"])
def test_a_delta_that_meets_a_damaged_old_file_gives_way_to_the_full_bundle(country, box, damage):
    country.publish("lune", V1)
    box.sync()
    manifest = country.contents["lune"][0]
    for file in manifest.files:
        path = box.data / "mirror" / object_path(file.sha256)
        path.unlink()
        if damage != "gone":
            path.write_bytes(bytes(file.size - (damage == "shorter" and file.size > 0)))
    country.publish("lune", V2, base="lune")
    assert plans(box.sync()) == {"lune": "full"}
    assert box.read("lune") == V2


def test_a_delta_that_the_source_lacks_gives_way_to_the_full_bundle(country, box):
    country.publish("lune", V1)
    box.sync()
    index = country.publish("lune", V2, base="lune")
    (country.mirror / bundle_path(index.bundles[1].sha256)).unlink()
    assert plans(box.sync()) == {"lune": "full"}


def test_a_lesson_whose_folder_vanished_is_put_back_without_fetching_it(country, box):
    country.publish("lune", V1, MEDIA)
    box.sync()
    (box.tree("lune") / "index.html").unlink()
    (box.tree("lune") / "film.mp4").unlink()
    report = box.sync()
    assert (plans(report), report.packs[0]["bytes"]) == ({"lune": "same"}, 0)
    assert box.read("lune") == V1


def test_a_lesson_whose_files_vanished_is_fetched_again(country, box):
    country.publish("lune", V1, MEDIA)
    box.sync()
    os.rename(box.data / "site", box.data / "lost")
    os.rename(box.data / "mirror" / "objects", box.data / "lost" / "objects")
    assert plans(box.sync()) == {"lune": "full"}
    assert box.read("lune") == V1
    assert box.state("lune") == "ready"


def test_a_catalogue_that_was_lost_is_made_again_from_the_files(country, box):
    country.publish("lune", V1, MEDIA)
    box.sync()
    box.catalogue.path.unlink()
    report = box.sync()
    assert (plans(report), report.packs[0]["bytes"]) == ({"lune": "same"}, 0)
    assert box.read("lune") == V1


@pytest.mark.parametrize("name", ["timestamp.json", "*.snapshot.json", "*.targets.json", "*.root.json", "*"])
@pytest.mark.parametrize("repository", ["directory", "publishers/ministry/test"])
def test_damaged_signatures_on_the_boxs_own_card_are_fetched_again(country, box, repository, name):
    country.publish("lune", V1)
    box.sync()
    for path in (box.data / "mirror" / repository / "metadata").glob(name):
        path.write_bytes(path.read_bytes()[:-40])
    country.publish("lune", V2, base="lune")
    box.sync()
    assert box.read("lune") == V2


def test_the_next_source_helps_where_the_first_has_nothing_or_damage(country, box, tmp_path):
    country.publish("lune", V1, MEDIA)
    partial = older_copy(country, tmp_path / "partial")
    for path in (partial / "bundles").rglob("*"):
        if path.is_file():
            path.write_bytes(bytes(path.stat().st_size))
    for path in (partial / "objects").rglob("*"):
        if path.is_file():
            path.unlink()
    box.sync(tmp_path / "no-stick", partial, country.mirror)
    assert box.read("lune") == V1


def test_one_bad_lesson_does_not_stop_the_others_and_is_told(country, box):
    country.publish("a-bad", {"index.html": text(7, 2000)})
    country.publish("b-good", {"index.html": text(8, 2000)})
    country.sign("c-worse.json", b"{}")
    country.sign("d-future.json", canonical({"format": 2}))
    bad = country.versions[f"{PUBLISHER}/a-bad"][0].bundles[0].sha256
    path = country.mirror / bundle_path(bad)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EduboxError) as caught:
        box.sync()
    assert caught.value.exit_code in {2, 3}
    assert list(box.lessons()) == [f"{PUBLISHER}/b-good"]
    assert sorted(sentence.split(":")[0].rpartition("/")[2] for sentence in box.progress.said) == [
        "a-bad", "c-worse", "d-future",
    ]  # fmt: skip


def test_one_bad_publisher_does_not_stop_the_others(country, box):
    country.publish("lune", V1)
    country.add_publisher("ministry/other")
    (country.mirror / "publishers/ministry/other/metadata/timestamp.json").unlink()
    box.settings["follow"] = ["ministry/other", "ministry/nobody", "not an id", PUBLISHER]
    with pytest.raises(EduboxError) as caught:
        box.sync()
    assert caught.value.code in {"not-found", "missing-file", "bad-identifier"}
    assert box.read("lune") == V1
    assert len(box.progress.said) == 3


def test_targets_of_an_unknown_kind_and_unsafe_names_are_left_alone(country, box):
    country.publish("lune", V1)
    for name in ("readme.txt", "Capital.json", "con.json", "-x.json"):
        country.sign(name, b"?")
    box.sync()
    assert list(box.lessons()) == [LUNE]


# --- turns -----------------------------------------------------------------------------------------------


def test_a_second_synchronisation_at_once_is_told_to_wait(country, box, monkeypatch):
    country.publish("lune", V1)
    monkeypatch.setattr(job, "lock", lambda path: lock.lock(path, timeout=0))
    reached, go_on = threading.Event(), threading.Event()

    def hold(environ, start_response):
        reached.set()
        go_on.wait(20)
        return files(country.mirror)(environ, start_response)

    with Wire(hold) as wire:
        first = threading.Thread(target=box.sync, args=(wire.url,))
        first.start()
        assert reached.wait(20)
        with pytest.raises(Busy) as caught:
            box.sync()
        assert caught.value.exit_code == 6
        go_on.set()
        first.join()
    assert box.read("lune") == V1


def test_a_source_that_is_away_is_code_4_and_the_lessons_stay(country, box, tmp_path):
    country.publish("lune", V1)
    box.sync()
    for source in (tmp_path / "stick", "http://127.0.0.1:9/"):
        with pytest.raises(Unreachable) as caught:
            box.sync(source)
        assert caught.value.exit_code == 4
    assert box.read("lune") == V1


def test_a_box_without_its_countrys_root_says_so(country, box):
    (box.data / "keys" / "root.json").unlink()
    with pytest.raises(UnreadableSource, match=r"root\.json"):
        box.sync()
