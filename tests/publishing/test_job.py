"""One lesson into a mirror, signed, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import random
import tempfile
from dataclasses import replace

import pytest

from edubox.errors import (
    BadArchive,
    BadBundle,
    BadIdentifier,
    Busy,
    NoRoom,
    NotFound,
    NotTrusted,
    UnreadableSource,
    WrongPassphrase,
)
from edubox.pack.edpack import write_edpack
from edubox.publishing import job, workplace
from edubox.publishing.job import Publication, publish, withdraw
from edubox.store import lock
from edubox.store.layout import bundle_path, object_path
from tests.pack.lessons import lesson, opener
from tests.publishing.country import (
    DAY,
    ID,
    MINUTE,
    NOW,
    PASSPHRASE,
    edpack,
    files_of,
    look,
    put,
    unpacked,
)
from tests.trust.repositories import resigned

SOURCE = random.Random(7)
TEXT = bytes(SOURCE.choices(b"abcdefgh <>\n", k=20_000))
FILM = SOURCE.randbytes(300_000)
FIRST = {"index.html": TEXT, "film.mp4": FILM}
SECOND = {"index.html": TEXT[:9000] + b"corrected" + TEXT[9010:], "film.mp4": FILM}
MEDIA = frozenset({"film.mp4"})


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return edpack(tmp_path_factory.mktemp("first") / "first.edpack", FIRST, MEDIA)


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return edpack(tmp_path_factory.mktemp("second") / "second.edpack", SECOND, MEDIA)


def test_a_new_box_finds_the_lesson_its_text_and_its_film(place, first, tmp_path):
    done = put(place, first, author="Mme Martin")
    assert (done.address, done.index.version, done.unchanged) == ("ministry/x/lecon", 1, False)
    index = look(place, tmp_path / "box")
    assert index == done.index
    assert (index.author, index.published, index.manifest) == (
        "Mme Martin",
        "2026-12-01T08:00Z",
        lesson(FIRST, MEDIA).id,
    )
    assert (tmp_path / "box" / "objects" / hashlib.sha256(TEXT).hexdigest()).read_bytes() == TEXT
    assert (place.mirror / object_path(hashlib.sha256(FILM).hexdigest())).read_bytes() == FILM


def test_a_correction_reaches_a_box_that_holds_the_first_version_in_few_bytes(place, first, second, tmp_path):
    put(place, first)
    look(place, tmp_path / "box")
    done = put(place, second, now=NOW + DAY)
    full, delta = done.index.bundles
    assert (done.index.version, full.base, delta.base) == (2, None, lesson(FIRST, MEDIA).id)
    assert delta.size < full.size / 20
    assert look(place, tmp_path / "box", NOW + DAY) == done.index
    got = unpacked(place, done.index, tmp_path / "delta", lesson(FIRST, MEDIA), opener(FIRST))
    assert got == lesson(SECOND, MEDIA)


def test_the_same_lesson_again_changes_no_byte(place, first):
    once = put(place, first)
    before = files_of(place.mirror)
    again = put(place, first, now=NOW + DAY)
    assert (again.unchanged, again.index) == (True, once.index)
    assert files_of(place.mirror) == before


def test_no_short_updates_when_none_are_wanted(place, first, second):
    put(place, first)
    assert [bundle.base for bundle in put(place, second, deltas=False).index.bundles] == [None]


def test_short_updates_begin_at_the_versions_that_were_current_lately(place, tmp_path):
    manifests, now = [], NOW
    for number, days in enumerate([0, 200, 100, 50, 5, 1, 0]):
        now += days * DAY + MINUTE
        contents = {"index.html": TEXT[: -number or None] + b"%d" % number}
        done = put(place, edpack(tmp_path / f"{number}.edpack", contents), now=now)
        manifests.append(lesson(contents).id)
    bases = [manifests.index(bundle.base) for bundle in done.index.bundles[1:]]
    assert sorted(bases) == [1, 2, 3, 4, 5], (
        "365 days ago there was none; 0 and its successors are too near or too old"
    )
    assert done.index.version == 7


def test_a_level_that_nobody_can_browse_is_noted_and_the_lesson_published(place, tmp_path):
    contents = {"index.html": TEXT}
    described = replace(
        lesson(contents), metadata={"educationalLevel": ["6e", "6ème"], "about": ["maths", "nsi"]}
    )
    write_edpack(tmp_path / "x.edpack", described, opener(contents))
    notes = put(place, tmp_path / "x.edpack").notes
    assert [("6ème" in note, "nsi" in note) for note in notes] == [(True, False), (False, True)]


def test_an_older_version_that_was_lost_costs_only_its_short_update(place, first, second):
    lost = put(place, first)
    path = place.mirror / bundle_path(lost.index.full.sha256)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-40] + b"\0" * 40)
    done = put(place, second)
    assert [bundle.base for bundle in done.index.bundles] == [None]
    assert "version 1 is no longer whole" in done.notes[0]


def test_older_indexes_that_are_damaged_or_not_ours_are_not_in_the_way(place, first, second):
    put(place, first)
    targets = place.mirror / "publishers" / ID / "targets"
    for content in (b"", b"{}", b"x" * (1 << 20) + b"x"):
        (targets / f"{hashlib.sha256(content).hexdigest()}.lecon.json").write_bytes(content)
    (targets / f"{'0' * 64}.lecon.json").write_bytes(b"another hash")
    (targets / "x.lecon.json").write_bytes(b"no hash")
    (targets / f"{'0' * 64}.autre.lecon.json").write_bytes(b"another name")
    assert put(place, second).index.version == 2


def test_a_damaged_object_in_the_mirror_is_made_whole_again(place, first, second, tmp_path):
    put(place, first)
    film = place.mirror / object_path(hashlib.sha256(FILM).hexdigest())
    film.chmod(0o644)
    film.write_bytes(b"\0" * len(FILM))
    put(place, second)
    assert film.read_bytes() == FILM


def test_a_withdrawn_lesson_says_so_and_its_version_is_never_used_again(place, first, second, tmp_path):
    put(place, first)
    done = withdraw(ID, "lecon", place, PASSPHRASE, NOW + MINUTE)
    assert (done.index.version, done.index.withdrawn, done.unchanged) == (2, True, False)
    assert look(place, tmp_path / "box", NOW + DAY).withdrawn
    assert withdraw(ID, "lecon", place, PASSPHRASE, NOW + MINUTE).unchanged
    back = put(place, first, now=NOW + 2 * MINUTE)
    assert (back.index.version, back.unchanged) == (3, False)
    assert look(place, tmp_path / "box", NOW + DAY) == back.index
    with pytest.raises(NotFound):
        withdraw(ID, "never", place, PASSPHRASE, NOW)


def test_publishing_in_the_same_minute_and_with_a_clock_that_went_back_still_counts_up(
    place, first, second, tmp_path
):
    put(place, first, now=NOW + DAY)
    done = put(place, second, now=NOW)
    assert done.index.version == 2
    assert [bundle.base for bundle in done.index.bundles] == [None, lesson(FIRST, MEDIA).id]
    assert look(place, tmp_path / "box", NOW + DAY) == done.index


# --- refusals ------------------------------------------------------------------------------------------


def refused(place, error, call):
    before = files_of(place.mirror.parent)
    with pytest.raises(error):
        call()
    after = files_of(place.mirror.parent)
    locks = {name for name in after if name.startswith("locks/")}
    assert {name: data for name, data in after.items() if name not in locks} == {
        name: data for name, data in before.items() if not name.startswith("locks/")
    }


def test_a_wrong_passphrase_and_an_unknown_publisher_change_nothing(place, first):
    what = Publication(ID, "lecon", first)
    refused(place, WrongPassphrase, lambda: publish(what, place, "wrong", NOW))
    refused(
        place, NotFound, lambda: publish(Publication("ministry/y", "lecon", first), place, PASSPHRASE, NOW)
    )
    for bad in ("x", "ministry/../x", "Ministry/x", "ministry/con"):
        refused(
            place,
            BadIdentifier,
            lambda bad=bad: publish(Publication(bad, "a", first), place, PASSPHRASE, NOW),
        )
    for bad in ("", "../x", "A", "con", "lecon--staff"):
        refused(
            place, BadIdentifier, lambda bad=bad: publish(Publication(ID, bad, first), place, PASSPHRASE, NOW)
        )


def test_a_damaged_lesson_file_changes_nothing(place, first, tmp_path):
    data = bytearray(first.read_bytes())
    data[data.index(FILM[:50]) + 10] ^= 1
    for content, error in [
        (bytes(data), (BadBundle, BadArchive)),
        (data[: len(data) // 2], BadArchive),
        (b"", BadArchive),
    ]:
        bad = tmp_path / "bad.edpack"
        bad.write_bytes(content)
        refused(place, error, lambda bad=bad: put(place, bad))
    refused(place, UnreadableSource, lambda: put(place, tmp_path / "absent.edpack"))


def test_what_the_guard_refuses_is_not_published(place, first, second, monkeypatch, tmp_path):
    put(place, first)
    real = workplace.publisher.change

    def broken(*arguments):
        files = real(*arguments)
        path = next(path for path in files if path.endswith(".targets.json"))
        return files | {
            path: resigned(files[path], workplace.keys.signer(workplace.keys.generate()), lambda _: None)
        }

    monkeypatch.setattr(workplace.publisher, "change", broken)
    metadata = files_of(place.mirror / "publishers")
    with pytest.raises(NotTrusted, match="would refuse"):
        put(place, second)
    assert files_of(place.mirror / "publishers") == metadata
    assert look(place, tmp_path / "box").version == 1


def test_a_mirror_that_somebody_changed_is_not_signed(place, first, second):
    put(place, first)
    for path in (place.mirror / "publishers").rglob("*.targets.json"):
        value = json.loads(path.read_bytes())
        value["signed"]["targets"].pop("lecon.json", None)
        path.write_text(json.dumps(value))
    with pytest.raises(NotTrusted):
        put(place, second)


def test_a_second_publication_at_once_waits_and_then_says_that_it_is_busy(place, first, monkeypatch):
    monkeypatch.setattr(workplace, "lock", lambda path: lock.lock(path, timeout=0))
    with place.publisher(ID):
        with pytest.raises(Busy):
            put(place, first)
        with place.repository("directory"):
            pass  # another repository is another lock


def test_a_full_disk_is_said_so_before_and_while_writing(place, first, second, monkeypatch, tmp_path):
    put(place, first)
    with monkeypatch.context() as patch:
        patch.setattr(os, "statvfs", lambda _: type("", (), {"f_bavail": 1, "f_frsize": 1, "f_files": 0})())
        refused(place, NoRoom, lambda: put(place, second))

    def full(*_):
        raise OSError(28, "No space left on device")

    for name in ("settle", "sync_folder"):
        with monkeypatch.context() as patch:
            patch.setattr(job, name, full)
            with pytest.raises(NoRoom):
                put(place, second)
        assert look(place, tmp_path / "box").version == 1
    with monkeypatch.context() as patch:
        patch.setattr(workplace, "write_atomic", full)
        with pytest.raises(NoRoom):
            put(place, second)
    assert look(place, tmp_path / "box").version == 1


# --- cuts ----------------------------------------------------------------------------------------------

#: Every so many changes of the disk the publication is killed; 1 tries them all.
EVERY = int(os.environ.get("EDUBOX_KILL_EVERY", "3"))
STEPS = ("fsync", "replace", "rename", "unlink", "mkdir")


def killed_at(step: int, work, temporary) -> bool:
    """Run *work* in a child that dies, without any cleaning up, before its *step*-th change of the disk."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
    done = 0

    def dying(real):
        def call(*arguments, **options):
            nonlocal done
            if done == step:
                os._exit(9)
            done += 1
            return real(*arguments, **options)

        return call

    tempfile.tempdir = str(temporary)  # what dies there is not left in the system's
    for name in STEPS:
        setattr(os, name, dying(getattr(os, name)))
    try:
        work()
    finally:
        os._exit(0 if done <= step else 1)


def test_a_publication_killed_at_any_step_leaves_the_old_version_and_the_next_one_succeeds(
    place, first, second, tmp_path
):
    put(place, first)
    old = look(place, tmp_path / "old")
    at, cuts, new = 0, 0, None
    while killed_at(at, lambda: put(place, second, now=NOW + DAY), tmp_path):
        cuts += 1
        seen = look(place, tmp_path / f"box-{at}", NOW + DAY)
        if seen != old:
            new = new or seen
        assert seen == (new or old), "old until the timestamp, new from then on"
        at += EVERY
    assert cuts > 10 // EVERY
    done = put(place, second, now=NOW + DAY)
    assert (
        look(place, tmp_path / "fresh", NOW + DAY) == look(place, tmp_path / "old", NOW + DAY) == done.index
    )
    assert done.index.version == 2
    assert not [path for path in place.mirror.rglob("*") if path.name.startswith(".") and path.is_file()]
    assert not list((place.mirror / workplace.STAGING).iterdir())


def test_half_files_of_a_killed_publication_go_with_the_next_one(place, first):
    repository = place.mirror / "publishers" / ID
    (repository / "targets").mkdir(exist_ok=True)
    halves = [
        repository / "metadata" / ".timestamp.json.7.new",
        repository / "targets" / ".x.lecon.json.7.new",
    ]
    for half in halves:
        half.write_bytes(b"{")
    put(place, first)
    assert not [half for half in halves if half.exists()]


def test_a_lesson_that_only_a_killed_publication_wrote_is_not_taken_for_published(
    place, first, second, tmp_path, monkeypatch
):
    put(place, first)
    real = workplace.write_atomic

    def until_the_timestamp(path, data):
        if path.name == "timestamp.json":
            raise KeyboardInterrupt
        real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(workplace, "write_atomic", until_the_timestamp)
        with pytest.raises(KeyboardInterrupt):
            put(place, second)
    assert look(place, tmp_path / "box").version == 1
    third = edpack(tmp_path / "third.edpack", FIRST | {"index.html": b"third"}, MEDIA)
    done = put(place, third, now=NOW + MINUTE)
    assert (done.index.version, done.unchanged) == (2, False)
    assert look(place, tmp_path / "box", NOW + DAY) == done.index
    names = [path.name for path in (place.mirror / "publishers").rglob("*.lecon.json")]
    assert len(names) == 2, "the index that was never visible is gone"
    assert put(place, second, now=NOW + 2 * MINUTE).index.version == 3
