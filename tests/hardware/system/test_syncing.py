"""What the sync does about systems: one bundle for the box that asked for it, nothing for anybody else."""

from __future__ import annotations

import pytest

from edubox.errors import NoRoom
from edubox.store import slots
from edubox.store.layout import bundle_path
from edubox.store.platform import Reserve
from edubox.store.slots import Held
from edubox.sync import lessons, system
from edubox.sync.carried.carry import chosen
from edubox.sync.carried.wants import want_of
from edubox.sync.status import read_status
from edubox.sync.urgent import ask
from tests.hardware.system.world import BOARD, SYSTEM
from tests.sync.country import PUBLISHER, Box, film


def bundles(box):
    return {path.name for path in (box.data / "mirror" / "bundles").rglob("*") if path.is_file()}


def test_a_system_is_a_bundle_in_the_mirror_and_never_a_lesson(box):
    report = box.sync()
    assert len(bundles(box)) == 1
    assert box.lessons() == {}
    assert not list((box.data / "site").glob("*"))
    assert not list((box.data / "mirror" / "objects").glob("*/*"))
    assert report.to_json()["system"] == read_status(box.data).system == 2
    assert any("New system ready, version 2" in said for said in box.progress.said)


def test_a_second_run_fetches_nothing_and_says_it_again(box):
    box.sync()
    report = box.sync()
    (entry,) = [one for one in report.packs if one["pack"] == SYSTEM]
    assert (entry["bytes"], report.system) == (0, 2)


@pytest.mark.parametrize("case", ["no slots", "no system_from", "another board", "another system"])
def test_systems_are_left_alone_by_who_did_not_ask_for_them(box, publisher, tmp_path, case):
    if case == "no slots":
        box.settings["slots"] = str(tmp_path / "nowhere")
    elif case == "no system_from":
        box.settings["system_from"] = ""
    elif case == "another board":
        slots.write(box.slots, "a", Held("0" * 64, 0, "rpi-arm64"), b"{}")
    else:
        box.settings["system_from"] = f"{PUBLISHER}/rpi-arm64"
    report = box.sync()
    assert (report.system, bundles(box), box.lessons()) == (0, set(), {})
    assert not report.packs


def test_a_plain_box_that_follows_the_publisher_gets_its_lessons_and_no_system(publisher, tmp_path):
    publisher.country.publish("lune", {"index.html": b"<p>Lune"})
    plain = Box(tmp_path / "plain", publisher.country)
    plain.sync()
    assert plain.lessons() == {f"{PUBLISHER}/lune": 1}
    assert len(bundles(plain)) == 1


def test_a_publisher_that_is_not_followed_brings_the_system_alone(box, publisher):
    publisher.country.publish("lune", {"index.html": b"<p>Lune"})
    box.settings["follow"] = []
    assert box.sync().system == 2
    assert box.lessons() == {}


def test_a_missing_delta_gives_way_to_the_whole_system(box, publisher):
    index = publisher.country.mirror
    (delta,) = [one for one in _index(publisher).bundles if one.base]
    (index / bundle_path(delta.sha256)).unlink()
    (entry,) = box.sync().packs
    assert (entry["plan"], entry["state"]) == ("full", "ready")


def _index(publisher):
    from edubox.pack.index import parse

    found = [
        parse(path.read_bytes())
        for path in (publisher.country.mirror / "publishers").rglob("*.pc-amd64.json")
    ]
    return max(found, key=lambda one: one.version)


def test_a_bundle_that_the_card_damaged_is_fetched_again(box):
    box.sync()
    (path,) = [one for one in (box.data / "mirror" / "bundles").rglob("*") if one.is_file()]
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)
    (entry,) = box.sync().packs
    assert entry["bytes"] > 0
    assert entry["state"] == "ready"


def _full(*_):
    raise NoRoom(path="card", reason="test", lacking=Reserve(1, 0))


def test_a_full_card_is_told_before_a_byte_is_fetched(box, monkeypatch):
    monkeypatch.setattr(system, "ensure_room", _full)
    with pytest.raises(NoRoom):
        box.sync()
    assert bundles(box) == set()


def test_a_system_that_waits_never_makes_room_for_a_lesson(box, publisher, monkeypatch):
    box.sync()
    (kept,) = bundles(box)
    publisher.country.publish("lune", {"index.html": b"<p>Lune"})
    monkeypatch.setattr(lessons, "install", _full)
    with pytest.raises(NoRoom):
        box.sync()
    assert bundles(box) == {kept}
    assert not [said for said in box.progress.said if "make room" in said]
    box.install()
    with pytest.raises(NoRoom):
        box.sync()
    assert bundles(box) == set()


def test_what_was_installed_stays_for_neighbours_until_a_newer_one_is_published(box, publisher, roots):
    box.sync()
    box.install()
    (kept,) = bundles(box)
    box.sync()
    assert bundles(box) == {kept}
    slots.write(
        box.slots,
        "a",
        Held(publisher.images[roots[1]].id, 2, BOARD, SYSTEM),
        publisher.images[roots[1]].to_bytes(),
    )
    publisher.publish(roots[2], roots[1])
    assert box.sync().system == 3
    assert kept not in bundles(box)


def test_a_refused_system_is_fetched_no_more(box, publisher, roots):
    slots.refuse(box.slots, publisher.images[roots[1]].id)
    assert box.sync().system == 0
    assert bundles(box) == set()


def test_a_courier_carries_the_delta_to_the_box_that_runs_what_it_starts_from(box, publisher, tmp_path):
    settings = box.settings | {"name": "École"}
    (delta,) = [one for one in _index(publisher).bundles if one.base]
    want = want_of(box.data, box.catalogue, "edubox-1a2b3c", settings)
    carried = {
        item.path for item in chosen(publisher.country.mirror, [want]) if item.path.startswith("bundles/")
    }
    assert carried == {bundle_path(delta.sha256)}
    plain = want_of(box.data, box.catalogue, "edubox-1a2b3c", settings | {"system_from": ""})
    for wants in ([plain], []):
        assert not [
            item for item in chosen(publisher.country.mirror, wants) if item.path.startswith("bundles/")
        ]


@pytest.fixture
def order(box, publisher, monkeypatch):
    """What a run brings, in its order, where there is a lesson with films of 300 kB and of 5 MB."""
    films = {"small.mp4": film(1, 300_000), "large.mp4": film(2, 5_000_000)}
    publisher.country.publish("lune", {"index.html": b"<p>Lune", **films}, frozenset(films))
    came = []
    bring_media, bring_system = lessons.bring, system.bring

    def media(local, missing, show):
        came.append(f"{missing.file.size} bytes of film")
        assert f"{PUBLISHER}/lune" in box.lessons(), "texts are read by now"
        return bring_media(local, missing, show)

    def whole(local, step, show):
        came.append(step.plan)
        return bring_system(local, step, show)

    monkeypatch.setattr(lessons, "bring", media)
    monkeypatch.setattr(system, "bring", whole)

    def run():
        assert box.sync().system == 2
        return came

    return run


def test_a_short_update_of_the_system_comes_before_every_film(order):
    assert order() == ["delta", "300000 bytes of film", "5000000 bytes of film"]


def test_a_whole_system_takes_its_turn_among_films_by_its_size(box, order):
    slots.distrust(box.slots, slots.read(box.slots, "a"))
    assert order() == ["300000 bytes of film", "full", "5000000 bytes of film"]


def test_a_film_that_a_teacher_waits_for_comes_before_a_whole_system(box, order):
    slots.distrust(box.slots, slots.read(box.slots, "a"))
    ask(box.data, f"{PUBLISHER}/lune")
    assert order() == ["300000 bytes of film", "5000000 bytes of film", "full"]
