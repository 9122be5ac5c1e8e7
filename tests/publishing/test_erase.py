"""Erasing and recalling where lessons are published from: signed in one publication, and the bytes are gone."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading

import pytest

from edubox.errors import BadIdentifier, BadInput, NotFound, NotTrusted, WrongPassphrase
from edubox.pack.erasure import ERASE_LIST, Erasure, parse
from edubox.pack.index import parse as parse_index
from edubox.publishing import erase as erasing
from edubox.publishing.country import add_publisher
from edubox.publishing.deletion import clean, current, versions
from edubox.publishing.erase import erase, recall
from edubox.publishing.job import Publication, publish
from edubox.publishing.move import move
from edubox.store.layout import bundle_path, object_path
from edubox.trust import publisher
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from tests.publishing.country import DAY, ID, NOW, PASSPHRASE, edpack, files_of, look, put

OTHER = "ac-lille/y"
SECRET = b"<p>the text that must be nowhere</p>"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def erased_list(place, who=ID) -> Erasure:
    data = publisher.current(FolderFetch(place.mirror), who, ERASE_LIST)
    return parse(data) if data else Erasure()


def film_of(seed: int) -> bytes:
    return b"".join(hashlib.sha256(b"%d %d" % (seed, number)).digest() for number in range(9000))


@pytest.fixture
def lessons(place, tmp_path):
    """Two versions of one lesson with a film, another that shares the film, and another publisher's with it."""
    film = film_of(1)
    for number, text in enumerate([SECRET, SECRET + b"2"]):
        lesson = edpack(
            tmp_path / f"{number}.edpack",
            {"p.html": text, "film.mp4": film, "own.mp4": film_of(2)},
            frozenset({"film.mp4", "own.mp4"}),
        )
        put(place, lesson, "secret", NOW + number * DAY)
    put(
        place,
        edpack(tmp_path / "o.edpack", {"p.html": b"<p>fine</p>", "film.mp4": film}, frozenset({"film.mp4"})),
        "fine",
        NOW + 2 * DAY,
    )
    return place


def test_whoever_erases_a_lesson_hears_that_it_stays_as_another_one(lessons, tmp_path):
    twice = edpack(tmp_path / "twice.edpack", {"p.html": b"<p>the same</p>"})
    put(lessons, twice, "one", NOW + 2 * DAY)
    put(lessons, twice, "two", NOW + 2 * DAY)
    done = erase(ID, "one", lessons, PASSPHRASE, NOW + 3 * DAY)
    assert done.notes == ["version 1 is also the lesson two, which stays: erase that one too"]
    assert done.withdrawn == [f"{ID}/one"]
    assert look(lessons, tmp_path / "box", NOW + 3 * DAY, "two").version == 1
    done = erase(ID, "two", lessons, PASSPHRASE, NOW + 4 * DAY)
    assert done.notes == []
    assert look(lessons, tmp_path / "box", NOW + 4 * DAY, "two").withdrawn


def test_an_erased_lesson_is_withdrawn_listed_and_gone_and_the_shared_film_stays(lessons, tmp_path):
    before = look(lessons, tmp_path / "box", NOW + 3 * DAY, "secret")
    done = erase(ID, "secret", lessons, PASSPHRASE, NOW + 3 * DAY)
    assert done.withdrawn == [f"{ID}/secret"]
    after = look(lessons, tmp_path / "box", NOW + 3 * DAY, "secret")
    assert (after.withdrawn, after.version) == (True, before.version + 1)
    listed = erased_list(lessons)
    assert before.manifest in listed.manifests
    assert len(listed.manifests) == 2
    assert sha(film_of(2)) in listed.objects
    assert sha(film_of(1)) not in listed.objects, "the other lesson needs it"
    assert not any((lessons.mirror / bundle_path(bundle.sha256)).exists() for bundle in before.bundles)
    assert not (lessons.mirror / object_path(sha(film_of(2)))).exists()
    assert (lessons.mirror / object_path(sha(film_of(1)))).exists()
    assert look(lessons, tmp_path / "box", NOW + 3 * DAY, "fine").version == 1


def test_erasing_again_signs_nothing_and_deletes_what_a_cut_left(lessons, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "delete", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            erase(ID, "secret", lessons, PASSPHRASE, NOW + 3 * DAY)
    signed = files_of(lessons.mirror / "publishers")
    assert erase(ID, "secret", lessons, PASSPHRASE, NOW + 4 * DAY).deleted
    assert files_of(lessons.mirror / "publishers") == signed
    again = erase(ID, "secret", lessons, PASSPHRASE, NOW + 4 * DAY)
    assert (again.deleted, again.notes, again.withdrawn) == ([], [], [])
    assert not (lessons.mirror / object_path(sha(film_of(2)))).exists()


def test_one_file_goes_from_every_lesson_that_has_it_and_the_corrected_lesson_comes_back(lessons, tmp_path):
    done = erase(ID, "secret", lessons, PASSPHRASE, NOW + 3 * DAY, ["film.mp4"])
    assert done.withdrawn == [f"{ID}/fine", f"{ID}/secret"]
    assert erased_list(lessons).objects == {sha(film_of(1))}
    assert len(erased_list(lessons).manifests) == 3
    assert not (lessons.mirror / object_path(sha(film_of(1)))).exists()
    with pytest.raises(BadInput, match="no box would take it"):
        put(lessons, tmp_path / "0.edpack", "secret", NOW + 4 * DAY)
    put(lessons, edpack(tmp_path / "better.edpack", {"p.html": b"<p>without</p>"}), "secret", NOW + 4 * DAY)
    assert not look(lessons, tmp_path / "box", NOW + 4 * DAY, "secret").withdrawn


def test_a_file_that_only_an_old_version_had_costs_the_current_one_nothing_but_its_short_update(
    place, tmp_path
):
    put(place, edpack(tmp_path / "1.edpack", {"a.html": SECRET * 50, "b.html": b"<p>b</p>" * 900}), "x", NOW)
    put(place, edpack(tmp_path / "2.edpack", {"b.html": b"<p>b</p>" * 900}), "x", NOW + DAY)
    assert erase(ID, "x", place, PASSPHRASE, NOW + 2 * DAY, ["a.html"]).withdrawn == []
    index = look(place, tmp_path / "box", NOW + 2 * DAY, "x")
    assert index.version == 2
    assert (place.mirror / bundle_path(index.full.sha256)).exists()
    assert not any((place.mirror / bundle_path(one.sha256)).exists() for one in index.bundles if one.base)


def test_a_publisher_cannot_erase_what_another_ones_lesson_needs(lessons, tmp_path):
    add_publisher(lessons.mirror.parent, OTHER, "Lille", PASSPHRASE, NOW, "academy")
    publish(Publication(OTHER, "secret", tmp_path / "1.edpack"), lessons, PASSPHRASE, NOW + 3 * DAY)
    theirs = parse_index(publisher.current(FolderFetch(lessons.mirror), OTHER, "secret.json"))
    erase(ID, "secret", lessons, PASSPHRASE, NOW + 4 * DAY)
    assert (lessons.mirror / object_path(sha(film_of(2)))).exists()
    assert (lessons.mirror / bundle_path(theirs.full.sha256)).exists()


def test_the_ministry_recalls_a_file_and_every_version_that_holds_it_whoever_published_it(lessons, tmp_path):
    add_publisher(lessons.mirror.parent, OTHER, "Lille", PASSPHRASE, NOW, "academy")
    published = publish(
        Publication(OTHER, "secret", tmp_path / "1.edpack"), lessons, PASSPHRASE, NOW + 3 * DAY
    )
    done = recall(lessons.mirror.parent, [], [sha(film_of(2))], PASSPHRASE, NOW + 4 * DAY)
    assert published.index.manifest in done.erasure.manifests
    assert len(done.erasure.manifests) == 2
    assert parse(Directory(FolderFetch(lessons.mirror)).recall_list()) == done.erasure
    assert not (lessons.mirror / object_path(sha(film_of(2)))).exists()
    assert not (lessons.mirror / bundle_path(published.index.full.sha256)).exists()
    assert (lessons.mirror / object_path(sha(film_of(1)))).exists(), "nobody recalled the other film"
    with pytest.raises(BadInput, match="no box would take it"):
        publish(Publication(OTHER, "again", tmp_path / "1.edpack"), lessons, PASSPHRASE, NOW + 5 * DAY)
    more = recall(lessons.mirror.parent, ["f" * 64], [], PASSPHRASE, NOW + 5 * DAY)
    assert more.erasure.manifests > done.erasure.manifests, "the list only grows"


def test_a_copy_that_somebody_carries_is_cleaned_by_the_lists_of_a_box(lessons, tmp_path):
    stick = tmp_path / "stick"
    shutil.copytree(lessons.mirror, stick)
    before = files_of(stick)
    assert clean(stick, lessons.mirror) == []
    erase(ID, "secret", lessons, PASSPHRASE, NOW + 3 * DAY)
    gone = clean(stick, lessons.mirror)
    assert object_path(sha(film_of(2))) in gone
    assert len([path for path in gone if path.startswith("bundles/")]) >= 2
    assert files_of(stick) == {path: data for path, data in before.items() if path not in gone}
    recall(lessons.mirror.parent, [], [sha(film_of(1))], PASSPHRASE, NOW + 4 * DAY)
    assert object_path(sha(film_of(1))) in clean(stick, lessons.mirror)


@pytest.mark.parametrize("lost", ["worn", "moved"])
def test_a_stick_that_lost_its_list_or_has_it_under_an_old_name_is_cleaned_too(lessons, tmp_path, lost):
    stick = tmp_path / "stick"
    shutil.copytree(lessons.mirror, stick)
    name = ID
    if lost == "worn":
        shutil.rmtree(stick / "publishers" / ID / "targets")
    else:
        name = OTHER
        move(lessons.mirror.parent, ID, OTHER, PASSPHRASE, NOW + 3 * DAY)
    erase(name, "secret", lessons, PASSPHRASE, NOW + 4 * DAY)
    gone = clean(stick, lessons.mirror)
    assert object_path(sha(film_of(2))) in gone
    assert len([path for path in gone if path.startswith("bundles/")]) >= 2
    assert clean(stick, lessons.mirror) == []
    left = {path for path in files_of(stick) if path.startswith("bundles/")}
    assert left == {path for path in files_of(lessons.mirror) if path.startswith("bundles/")}


def test_a_bundle_that_nothing_on_a_stick_or_here_tells_of_leaves_once_anything_was_erased(lessons, tmp_path):
    stick = tmp_path / "stick"
    shutil.copytree(lessons.mirror, stick)
    strays = [bundle_path("ab" * 32), object_path("cd" * 32)]
    for stray in strays:
        (stick / stray).parent.mkdir(parents=True, exist_ok=True)
        (stick / stray).write_bytes(SECRET)
    assert clean(stick, lessons.mirror) == []
    erase(ID, "secret", lessons, PASSPHRASE, NOW + 4 * DAY)
    assert set(strays) <= set(clean(stick, lessons.mirror))
    assert (stick / object_path(sha(film_of(1)))).exists()
    fine = next(one for one in current(list(versions(lessons.mirror))) if one.slug == "fine")
    assert (stick / bundle_path(fine.index.full.sha256)).exists()


def test_what_two_publishers_erased_leaves_a_stick_that_shows_it_as_alive_at_both(lessons, tmp_path):
    add_publisher(lessons.mirror.parent, OTHER, "Lille", PASSPHRASE, NOW, "academy")
    theirs = publish(Publication(OTHER, "again", tmp_path / "1.edpack"), lessons, PASSPHRASE, NOW + 3 * DAY)
    stick = tmp_path / "stick"
    shutil.copytree(lessons.mirror, stick)
    erase(ID, "secret", lessons, PASSPHRASE, NOW + 4 * DAY)
    erase(OTHER, "again", lessons, PASSPHRASE, NOW + 5 * DAY)
    gone = clean(stick, lessons.mirror)
    assert bundle_path(theirs.index.full.sha256) in gone
    assert object_path(sha(film_of(2))) in gone


def test_a_film_stays_on_a_stick_that_cannot_say_who_else_needs_it(lessons, tmp_path):
    add_publisher(lessons.mirror.parent, OTHER, "Lille", PASSPHRASE, NOW, "academy")
    theirs = publish(Publication(OTHER, "x", tmp_path / "1.edpack"), lessons, PASSPHRASE, NOW + 3 * DAY)
    stick = tmp_path / "stick"
    shutil.copytree(lessons.mirror, stick)
    (stick / bundle_path(theirs.index.full.sha256)).unlink()
    erase(ID, "secret", lessons, PASSPHRASE, NOW + 4 * DAY)
    clean(stick, lessons.mirror)
    assert (stick / object_path(sha(film_of(2)))).exists()


def test_pipes_on_a_stick_in_the_place_of_files_hold_the_cleaning_up_for_nobody(lessons, tmp_path):
    stick = tmp_path / "stick"
    shutil.copytree(lessons.mirror, stick)
    index = next((stick / "publishers" / ID / "targets").glob("*.fine.json"))
    full = stick / bundle_path(parse_index(index.read_bytes()).full.sha256)
    full.unlink()
    os.mkfifo(full)
    os.mkfifo(index.with_name(f"{'c' * 64}.trap.json"))
    erase(ID, "secret", lessons, PASSPHRASE, NOW + 3 * DAY)
    done: list[list[str]] = []
    cleaning = threading.Thread(target=lambda: done.append(clean(stick, lessons.mirror)), daemon=True)
    cleaning.start()
    cleaning.join(20)
    assert done
    assert object_path(sha(film_of(2))) in done[0]


def test_teachers_copies_go_too(lessons):
    staff = lessons.mirror / "staff" / object_path(sha(film_of(2)))
    staff.parent.mkdir(parents=True)
    staff.write_bytes(film_of(2))
    erase(ID, "secret", lessons, PASSPHRASE, NOW + 3 * DAY)
    assert not staff.exists()


def test_mistakes_are_said_and_change_nothing(lessons):
    folder, before = lessons.mirror.parent, files_of(lessons.mirror)
    for error, work in [
        (NotFound, lambda: erase(ID, "nothing", lessons, PASSPHRASE, NOW)),
        (NotFound, lambda: erase(ID, "secret", lessons, PASSPHRASE, NOW, ["nothing.html"])),
        (NotFound, lambda: erase("ministry/nobody", "secret", lessons, PASSPHRASE, NOW)),
        (BadIdentifier, lambda: erase(ID, "../x", lessons, PASSPHRASE, NOW)),
        (WrongPassphrase, lambda: erase(ID, "secret", lessons, "?", NOW)),
        (BadIdentifier, lambda: recall(folder, ["xyz"], [], PASSPHRASE, NOW)),
        (WrongPassphrase, lambda: recall(folder, ["a" * 64], [], "?", NOW)),
        (NotFound, lambda: recall(folder / "nowhere", ["a" * 64], [], PASSPHRASE, NOW)),
    ]:
        with pytest.raises(error):
            work()
    assert files_of(lessons.mirror) == before
    assert issubclass(WrongPassphrase, NotTrusted)
