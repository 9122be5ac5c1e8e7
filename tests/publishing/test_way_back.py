"""The way back: what stood before is published again, under new numbers and with the files of then."""

from __future__ import annotations

import hashlib
import random

import pytest

from edubox.errors import BadInput, NotFound
from edubox.publishing import job, workplace
from edubox.publishing.erase import recall
from edubox.publishing.job import withdraw
from edubox.publishing.way_back import revert, revert_all
from edubox.store.layout import bundle_path, object_path
from tests.publishing.country import DAY, ID, MINUTE, NOW, PASSPHRASE, edpack, files_of, look, put

SOURCE = random.Random(11)
TEXT = bytes(SOURCE.choices(b"abcdefgh <>\n", k=20_000))
FILM = SOURCE.randbytes(300_000)
GOOD = {"index.html": TEXT, "film.mp4": FILM}
BAD = {"index.html": TEXT[:9000] + b"wrong" + TEXT[9005:]}
MEDIA = frozenset({"film.mp4"})


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lessons")
    return (
        edpack(folder / "good.edpack", GOOD, MEDIA),
        edpack(folder / "bad.edpack", BAD),
        edpack(folder / "other.edpack", {"index.html": b"<p>other</p>" * 100}),
        edpack(folder / "staff.edpack", {"corrige.html": b"<p>answers</p>" * 100}),
    )


def back(place, slug="lecon", version=None, now=NOW + 2 * DAY, **options):
    return revert(ID, slug, version, place, PASSPHRASE, now, **options)


def test_a_lesson_goes_back_to_the_version_before_under_a_new_number_and_with_its_very_files(
    place, lessons, tmp_path
):
    good, bad, *_ = lessons
    first = put(place, good)
    put(place, bad, now=NOW + DAY)
    before = set(files_of(place.mirror / "objects")) | set(files_of(place.mirror / "bundles"))
    done = back(place)
    (lesson,) = done.lessons
    assert (lesson.slug, lesson.of, lesson.index.version, lesson.index.manifest) == (
        "lecon",
        1,
        3,
        first.index.manifest,
    )
    assert lesson.index.full == first.index.full
    found = look(place, tmp_path / "new", NOW + 2 * DAY)
    assert found == lesson.index
    assert (tmp_path / "new" / "objects" / hashlib.sha256(TEXT).hexdigest()).read_bytes() == TEXT
    after = set(files_of(place.mirror / "objects")) | set(files_of(place.mirror / "bundles"))
    assert len(after - before) == 1, "one short update"
    assert not list((place.mirror / ".staging").rglob("*.*"))


def test_a_box_that_let_the_older_files_go_finds_a_short_update(place, lessons):
    good, bad, *_ = lessons
    put(place, good)
    wrong = put(place, bad, now=NOW + DAY)
    (lesson,) = back(place).lessons
    (update,) = [one for one in lesson.index.bundles if one.base]
    assert update.base == wrong.index.manifest
    assert update.size < lesson.index.full.size / 10
    assert [
        one
        for one in back(place, version=2, now=NOW + 3 * DAY, deltas=False).lessons[0].index.bundles
        if one.base
    ] == []


def test_going_back_to_what_is_there_changes_nothing(place, lessons):
    put(place, lessons[0])
    before = files_of(place.mirror)
    assert (back(place, version=1).lessons, back(place, version=1).unchanged) == ([], 1)
    assert files_of(place.mirror) == before


def test_a_lesson_that_was_taken_back_is_there_again(place, lessons, tmp_path):
    put(place, lessons[0])
    withdraw(ID, "lecon", place, PASSPHRASE, NOW + DAY)
    assert back(place).lessons[0].of == 1
    assert look(place, tmp_path / "box", NOW + 2 * DAY).version == 3


def test_what_is_not_there_is_said(place, lessons):
    with pytest.raises(NotFound):
        back(place)
    put(place, lessons[0])
    for version in (None, 7):
        with pytest.raises(NotFound):
            back(place, version=version)


@pytest.mark.parametrize("what", ["bundle", "film"])
def test_a_version_whose_files_left_is_not_published_again(place, lessons, what):
    first = put(place, lessons[0])
    put(place, lessons[1], now=NOW + DAY)
    path = (
        bundle_path(first.index.full.sha256)
        if what == "bundle"
        else object_path(hashlib.sha256(FILM).hexdigest())
    )
    (place.mirror / path).unlink()
    before = files_of(place.mirror)
    with pytest.raises(NotFound):
        back(place)
    assert files_of(place.mirror) == before


def test_what_was_recalled_never_comes_back(place, lessons):
    first = put(place, lessons[0])
    put(place, lessons[1], now=NOW + DAY)
    bundle = (place.mirror / bundle_path(first.index.full.sha256)).read_bytes()
    recall(place.mirror.parent, [first.index.manifest], [], PASSPHRASE, NOW + DAY)
    (place.mirror / bundle_path(first.index.full.sha256)).write_bytes(bundle)
    with pytest.raises(BadInput, match="erased"):
        back(place)


def test_a_day_that_is_still_to_come_stays_and_stages_end(place, lessons):
    good, bad, *_ = lessons
    put(
        place,
        good,
        not_before="2027-01-10T06:00Z",
        stages=(("2026-12-02T06:00Z", 10), ("2026-12-03T06:00Z", 1000)),
    )
    put(place, bad, now=NOW + DAY)
    index = back(place).lessons[0].index
    assert (index.not_before, index.stages) == ("2027-01-10T06:00Z", ())
    assert back(place, version=2, now=NOW + 100 * DAY).lessons[0].index.not_before is None


def test_all_lessons_of_a_publisher_go_back_to_friday_in_one_publication(
    place, lessons, tmp_path, monkeypatch
):
    good, bad, other, staff = lessons
    put(place, good, "changed", staff=staff)
    put(place, other, "same")
    put(place, other, "gone")
    put(place, good, "was-gone")
    withdraw(ID, "was-gone", place, PASSPHRASE, NOW + MINUTE)
    friday = NOW + DAY
    put(place, bad, "changed", now=NOW + 2 * DAY)
    put(place, bad, "new", now=NOW + 2 * DAY)
    put(place, good, "was-gone", now=NOW + 2 * DAY)
    withdraw(ID, "gone", place, PASSPHRASE, NOW + 2 * DAY)
    released, release = [], workplace.release
    monkeypatch.setattr(workplace, "release", lambda *given: (released.append(1), release(*given))[1])
    done = revert_all(ID, friday, place, PASSPHRASE, NOW + 3 * DAY)
    assert {one.slug: one.of for one in done.lessons} == {
        "changed": 1, "changed--staff": 1, "gone": 1, "new": None, "was-gone": None,
    }  # fmt: skip
    assert done.unchanged == 1
    assert released == [1]
    at = NOW + 3 * DAY
    assert look(place, tmp_path / "a", at, "changed").version == 3
    assert look(place, tmp_path / "b", at, "gone").version == 3
    for slug in ("new", "was-gone"):
        assert look(place, tmp_path / slug, at, slug).withdrawn
    again = revert_all(ID, friday, place, PASSPHRASE, NOW + 4 * DAY)
    assert (again.lessons, again.unchanged) == ([], 6)
    # And the way back has one too.
    revert_all(ID, NOW + 2 * DAY, place, PASSPHRASE, NOW + 5 * DAY)
    assert look(place, tmp_path / "c", NOW + 5 * DAY, "changed").manifest == look_manifest(
        place, "new", tmp_path
    )


def test_a_moment_to_come_is_refused(place, lessons):
    put(place, lessons[0])
    with pytest.raises(BadInput, match="to come"):
        revert_all(ID, NOW + DAY, place, PASSPHRASE, NOW)


def look_manifest(place, slug, folder):
    return look(place, folder / f"again-{slug}", NOW + 5 * DAY, slug).manifest


def test_the_one_publish_job_is_still_there_for_a_box(place, lessons):
    put(place, lessons[0])
    put(place, lessons[1], now=NOW + DAY)
    assert job.publish_again(ID, "lecon", 1, place, PASSPHRASE, NOW + 2 * DAY).index.version == 3
