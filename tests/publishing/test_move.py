"""Suspensions, moves between authorities, and new keys of a country, as its operator makes them."""

from __future__ import annotations

import pytest

from edubox.errors import AlreadyExists, BadInput, MissingFile, NotFound, WrongPassphrase
from edubox.publishing import move as moving
from edubox.publishing import rotation
from edubox.publishing.country import add_publisher, renew
from edubox.publishing.job import Publication, publish
from edubox.publishing.move import move, set_status
from edubox.publishing.rotation import rotate_root
from edubox.trust import publisher
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from tests.publishing.country import DAY, ID, NOW, PASSPHRASE, edpack, files_of, look, put

NEW = "ac-lille/x"


def record(place, name):
    return Directory(FolderFetch(place.mirror)).record(name)


def test_a_publisher_is_suspended_and_taken_up_again(place):
    folder = place.mirror.parent
    assert set_status(folder, ID, "suspended", PASSPHRASE, NOW)
    assert record(place, ID).status == "suspended"
    assert not set_status(folder, ID, "suspended", PASSPHRASE, NOW)
    assert set_status(folder, ID, "active", PASSPHRASE, NOW)
    assert record(place, ID).status == "active"
    with pytest.raises(NotFound):
        set_status(folder, "ministry/nobody", "suspended", PASSPHRASE, NOW)


def test_a_publisher_moves_with_its_repository_its_keys_and_both_records(place, tmp_path):
    folder = place.mirror.parent
    put(place, edpack(tmp_path / "a.edpack", {"a.html": b"<p>a</p>"}), "lecon")
    metadata = files_of(place.mirror / publisher.prefix(ID))
    move(folder, ID, NEW, PASSPHRASE, NOW + DAY)
    left, arrived = record(place, ID), record(place, NEW)
    assert (left.status, left.moved_to, arrived.moved_from, arrived.status) == ("moved", NEW, ID, "active")
    assert (arrived.root_sha256, arrived.label) == (left.root_sha256, left.label)
    assert files_of(place.mirror / publisher.prefix(NEW)) == metadata
    assert not (place.mirror / publisher.prefix(ID)).exists()
    done = publish(
        Publication(NEW, "lecon", edpack(tmp_path / "b.edpack", {"a.html": b"<p>b</p>"})),
        place,
        PASSPHRASE,
        NOW + 2 * DAY,
    )
    assert done.index.version == 2
    with pytest.raises(NotFound):
        put(place, tmp_path / "a.edpack")
    with pytest.raises(BadInput, match="moved"):
        set_status(folder, ID, "active", PASSPHRASE, NOW + DAY)


@pytest.mark.parametrize("step", ["_copy_repository", "_copy_keys", "release_directory", "rmtree"])
def test_a_move_that_was_cut_is_made_whole_by_the_next_try(step, place, monkeypatch, tmp_path):
    put(place, edpack(tmp_path / "a.edpack", {"a.html": b"<p>a</p>"}))

    def cut(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if step == "rmtree":
            patch.setattr(moving, "release_directory", lambda *args: (real(*args), cut()))
        else:
            patch.setattr(moving, step, cut)
        with pytest.raises(KeyboardInterrupt):
            move(place.mirror.parent, ID, NEW, PASSPHRASE, NOW + DAY)
    if step != "rmtree":
        put(place, edpack(tmp_path / "b.edpack", {"a.html": b"<p>in between</p>"}), now=NOW + DAY)
    move(place.mirror.parent, ID, NEW, PASSPHRASE, NOW + 2 * DAY)
    assert record(place, NEW).moved_from == ID
    done = publish(
        Publication(NEW, "lecon", edpack(tmp_path / "c.edpack", {"a.html": b"<p>c</p>"})),
        place,
        PASSPHRASE,
        NOW + 3 * DAY,
    )
    assert done.index.version == (2 if step == "rmtree" else 3)
    assert not (place.keys / publisher.prefix(ID)).exists()


real = moving.release_directory


def test_nobody_moves_onto_another_one_or_while_suspended(place):
    folder = place.mirror.parent
    add_publisher(folder, NEW, "Lille", PASSPHRASE, NOW, "academy")
    with pytest.raises(AlreadyExists):
        move(folder, ID, NEW, PASSPHRASE, NOW)
    set_status(folder, ID, "suspended", PASSPHRASE, NOW)
    with pytest.raises(BadInput, match="suspended"):
        move(folder, ID, "ac-lille/z", PASSPHRASE, NOW)
    with pytest.raises(BadInput):
        move(folder, ID, ID, PASSPHRASE, NOW)


def test_new_keys_take_the_place_of_the_old_ones_and_all_goes_on(place, tmp_path):
    folder = place.mirror.parent
    put(place, edpack(tmp_path / "a.edpack", {"a.html": b"<p>a</p>"}))
    assert look(place, tmp_path / "box", NOW + DAY).version == 1
    before = files_of(place.keys)
    assert rotate_root(folder, ["root", "targets", "snapshot", "timestamp"], PASSPHRASE, NOW + DAY) == 2
    after = files_of(place.keys)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == set(rotation.FILES.values())
    assert look(place, tmp_path / "box", NOW + 2 * DAY).version == 1
    assert renew(folder, NOW + 20 * DAY)
    add_publisher(folder, NEW, "Lille", PASSPHRASE, NOW + 21 * DAY, "academy")
    assert rotate_root(folder, [], PASSPHRASE, NOW + 22 * DAY) == 3
    assert look(place, tmp_path / "box", NOW + 23 * DAY).version == 1


@pytest.mark.parametrize("published", [False, True])
def test_a_rotation_that_was_cut_leaves_keys_that_work_after_the_next_try(
    published, place, monkeypatch, tmp_path
):
    folder = place.mirror.parent

    def cut(*args):
        if published:
            release(*args)
        raise KeyboardInterrupt

    release = rotation.release
    with monkeypatch.context() as patch:
        patch.setattr(rotation, "release", cut)
        with pytest.raises(KeyboardInterrupt):
            rotate_root(folder, ["root", "timestamp"], PASSPHRASE, NOW + DAY)
    with pytest.raises(WrongPassphrase):
        rotate_root(folder, ["root"], "?", NOW + DAY)
    assert rotate_root(folder, ["root", "timestamp"], PASSPHRASE, NOW + DAY) == 2
    assert not (place.keys / "rotating").exists()
    assert renew(folder, NOW + 20 * DAY)
    with pytest.raises(BadInput, match="roles"):
        rotate_root(folder, ["boss"], PASSPHRASE, NOW + DAY)
    with pytest.raises((NotFound, MissingFile)):
        rotate_root(tmp_path / "nowhere", ["root"], PASSPHRASE, NOW + DAY)
